// `npm start`: the desktop window where Electron and a display are there, else the same interface in a browser, saying why.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);

/** Electron's binary, or why there is none. */
function electron() {
  try {
    const binary = createRequire(import.meta.url)('electron');
    if (typeof binary === 'string' && existsSync(binary)) return { binary };
  } catch {
    // Its package throws when the binary was never downloaded.
  }
  return {
    why: 'Electron\'s program is not installed (npm skips its download here; "node node_modules/electron/install.js" fetches it)',
  };
}

/** Why no window can be shown; null when one can. */
function noDisplay() {
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return null;
  return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
}

function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
}

if (!existsSync(`${root}/out/main/main.js`)) {
  process.stderr.write('The program is not built yet. Run "npm run build" first.\n');
  process.exit(1);
}
const { binary, why } = electron();
const reason = why ?? noDisplay();
if (binary && reason === null) run(binary, ['.', ...words]);
else {
  process.stdout.write(`No desktop window: ${reason}. The interface is served for a browser instead.\n`);
  run(process.execPath, [`${root}/bin/ttfnet-studio.mjs`, 'serve', ...words]);
}
