// `npm start`: the desktop window where Electron and a display are there, else the same interface in a browser, saying why.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);

/** Electron's binary, or why there is none. Its own module isn't asked: loading that would try to download the binary. */
function electron() {
  const folder = new URL('../node_modules/electron/', import.meta.url);
  try {
    const name = readFileSync(new URL('path.txt', folder), 'utf8').trim();
    const chosen = process.env.ELECTRON_OVERRIDE_DIST_PATH;
    const binary = chosen ? `${chosen}/${name}` : fileURLToPath(new URL(`dist/${name}`, folder));
    if (existsSync(binary)) return { binary };
  } catch {
    // path.txt is only there once the binary has been downloaded.
  }
  return { why: 'Electron itself is not installed ("node node_modules/electron/install.js" downloads it)' };
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
