// `npm run test:electron`: the window's specs on real Electron instead of the stand-in. Says what is missing and fails where it can't.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findElectron, noDisplay } from './electronBinary.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const specs = ['tests/integration/desktop.test.ts', 'tests/integration/contract/contract.test.ts'];

/** How to run: a command and its words, or why it can't be. A virtual display serves where there is none. */
export function plan({ electron, display, virtualDisplay, built }) {
  if (!built) return { why: 'The program is not built yet. Run "npm run build" first.' };
  if ('why' in electron) return { why: `${electron.why}. Then run "npm run test:electron" again.` };
  const tests = [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...specs, ...process.argv.slice(2)];
  if (display === null) return { command: tests };
  if (virtualDisplay) return { command: ['xvfb-run', '-a', ...tests] };
  return {
    why: `No window can be shown: ${display}. Start it on a desktop, or install xvfb ("apt-get install xvfb").`,
  };
}

function main() {
  const chosen = plan({
    electron: findElectron(root),
    display: noDisplay(),
    virtualDisplay: spawnSync('xvfb-run', ['--help']).status === 0,
    built: existsSync(`${root}/out/main/main.js`),
  });
  if (chosen.why) {
    process.stderr.write(`${chosen.why}\n`);
    process.exit(1);
  }
  const [command, ...words] = chosen.command;
  const child = spawn(command, words, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TTFNET_DESKTOP: 'electron' },
  });
  child.on('exit', (code) => process.exit(code ?? 1));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
