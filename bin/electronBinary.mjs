// Where Electron's binary lies, or why there is none, and whether a window could be shown: for `npm start` and `npm run test:electron`.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** How to get the binary when the package is there without it. */
export const howToGet = '"node node_modules/electron/install.js" downloads it';

/**
 * Electron's binary. Its own module isn't asked: loading that would try to download the binary.
 * @param {string} root folder that holds node_modules
 * @param {Record<string, string | undefined>} env `ELECTRON_OVERRIDE_DIST_PATH` names another folder with the binary
 * @returns {{ binary: string } | { why: string }}
 */
export function findElectron(root, env = process.env) {
  const folder = path.join(root, 'node_modules', 'electron');
  if (!existsSync(path.join(folder, 'package.json')))
    return { why: 'The package "electron" is not installed ("npm install" does it)' };
  const name = nameIn(folder);
  const chosen = env['ELECTRON_OVERRIDE_DIST_PATH'];
  const binary = chosen ? path.join(chosen, name ?? 'electron') : name && path.join(folder, 'dist', name);
  if (binary && existsSync(binary)) return { binary };
  if (chosen) return { why: `ELECTRON_OVERRIDE_DIST_PATH names ${chosen}, which holds no Electron` };
  return { why: `Electron itself is not installed (${howToGet})` };
}

/** Path of the binary below Electron's folder; there only once it has been downloaded. */
function nameIn(folder) {
  try {
    return readFileSync(path.join(folder, 'path.txt'), 'utf8').trim();
  } catch {
    return null;
  }
}

/**
 * Why no window can be shown; null when one can.
 * @param {NodeJS.Platform} platform
 * @param {Record<string, string | undefined>} env
 * @returns {string | null}
 */
export function noDisplay(platform = process.platform, env = process.env) {
  if (platform !== 'linux' || env['DISPLAY'] || env['WAYLAND_DISPLAY']) return null;
  return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
}
