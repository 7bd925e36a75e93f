// `npm start`: the desktop window where Electron and a display are there, else the same interface in a browser, saying why.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findElectron, noDisplay } from './electronBinary.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);

function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
}

if (!existsSync(`${root}/out/main/main.js`)) {
  process.stderr.write('The program is not built yet. Run "npm run build" first.\n');
  process.exit(1);
}
const { binary, why } = findElectron(root);
const reason = why ?? noDisplay();
if (binary && reason === null) run(binary, ['.', ...words]);
else {
  process.stdout.write(`No desktop window: ${reason}. The interface is served for a browser instead.\n`);
  run(process.execPath, [`${root}/bin/ttfnet-studio.mjs`, 'serve', ...words]);
}
