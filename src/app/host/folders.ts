// Where things lie: the built output that this code is part of, and the program's own folder in the person's home.
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { personOnly } from './jsonFile.ts';

/** The built files a shell needs. */
export interface BuiltFiles {
  /** Folder with the interface's `index.html`. */
  renderer: string;
  /** The child process's script. */
  worker: string;
  /** The window's preload script. */
  preload: string;
}

/** Finds the built output from anywhere inside the repository, the output itself or the packaged app. Error: `file-missing`, naming `npm run build`. */
export function builtFiles(): BuiltFiles {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    for (const out of [folder, path.join(folder, 'out')]) {
      if (existsSync(path.join(out, 'renderer', 'index.html')) && existsSync(path.join(out, 'main', 'worker.js')))
        return {
          renderer: path.join(out, 'renderer'),
          worker: path.join(out, 'main', 'worker.js'),
          preload: path.join(out, 'preload', 'preload.cjs'),
        };
    }
    if (folder === path.dirname(folder))
      throw new StudioError('file-missing', 'The interface has not been built. Run "npm run build" first.');
  }
}

/** The program's folder for settings and the like; `TTFNET_STUDIO_DATA` overrides it. */
export function dataFolder(): string {
  const chosen = process.env['TTFNET_STUDIO_DATA'];
  if (chosen) return path.resolve(chosen);
  const home = homedir();
  if (process.platform === 'win32') return path.join(process.env['APPDATA'] ?? home, 'TTFNet Studio');
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'TTFNet Studio');
  return path.join(process.env['XDG_DATA_HOME'] ?? path.join(home, '.local', 'share'), 'ttfnet-studio');
}

/**
 * Makes the program's folder, open to its person alone, and closes one that an earlier version left open, with the files in it. What can't be
 * changed (a disk without permissions, a full one, another person's folder) stays as it is: whoever writes there says what is wrong.
 */
export async function keepPrivate(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    for (const entry of await readdir(folder, { withFileTypes: true }))
      if (entry.isFile()) await chmod(path.join(folder, entry.name), personOnly);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
