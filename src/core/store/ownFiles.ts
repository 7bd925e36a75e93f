// What of the disk belongs to a project: only what really lies below its side folder. A project file may come from anybody and name anything,
// and a copied one names the folders of its original.
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { sideFolder } from './location.ts';

/**
 * Absolute path of something that a project names.
 * @param file the project file
 * @param name relative to its side folder, `/` as separator; it need not exist
 * @returns null when that isn't below the side folder, by name or by its real path
 */
export function ownPath(file: string, name: string): string | null {
  const side = sideFolder(path.resolve(file));
  const full = path.resolve(side, name);
  if (path.isAbsolute(name) || name.includes('\0') || !isBelow(side, full)) return null;
  const real = realPath(full);
  const base = path.join(realpathSync(path.dirname(side)), path.basename(side));
  return real !== null && isBelow(base, real) ? full : null;
}

/** {@link ownPath} of a folder that is written into: nothing directly in it may be a link either. */
export function ownFolder(file: string, name: string): string | null {
  const folder = ownPath(file, name);
  return folder !== null && linkIn(folder) === null ? folder : null;
}

/** A symbolic link that a project file's side folder is, or has directly in it: then nothing may be written there. Null for none. */
export function linkedSide(file: string): string | null {
  const side = sideFolder(file);
  return isLink(side) ? side : linkIn(side);
}

function linkIn(folder: string): string | null {
  try {
    const link = readdirSync(folder, { withFileTypes: true }).find((entry) => entry.isSymbolicLink());
    return link ? path.join(folder, link.name) : null;
  } catch {
    return null; // not there (any more), or a file
  }
}

function isBelow(folder: string, full: string): boolean {
  const relative = path.relative(folder, full);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** With links followed as far as the path exists; null for a link that leads nowhere. */
function realPath(full: string): string | null {
  try {
    return realpathSync(full);
  } catch {
    if (isLink(full)) return null;
    const above = realPath(path.dirname(full));
    return above === null ? null : path.join(above, path.basename(full));
  }
}

const isLink = (full: string): boolean => lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
