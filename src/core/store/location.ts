// Where a project's files lie: one SQLite file in the images' folder, or beside it, and a hidden folder for what can be rebuilt.
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { saying } from '../../shared/errors.ts';

/** Name of the project file inside the images' folder. */
export const projectFileName = 'ttfnet-studio.sqlite';
const extension = '.ttfnet-studio.sqlite';

/** All places where the project of an images' folder may be, the preferred one first. */
function candidates(imagesFolder: string, dataFolder?: string): string[] {
  const folder = path.resolve(imagesFolder);
  const name = path.basename(folder) || 'project';
  const list = [path.join(folder, projectFileName), path.join(path.dirname(folder), name + extension)];
  if (dataFolder) {
    const hash = createHash('sha256').update(folder).digest('hex').slice(0, 8);
    list.push(path.join(dataFolder, 'projects', `${name}-${hash}${extension}`));
  }
  return list;
}

/** Whether files can really be made in a folder: permission bits say nothing about read-only disks, so one is made. */
export function isWritable(folder: string): boolean {
  const probe = path.join(folder, `.ttfnet-probe-${process.pid}`);
  try {
    accessSync(folder, constants.W_OK);
    writeFileSync(probe, '');
    unlinkSync(probe);
    return true;
  } catch {
    return false;
  }
}

/**
 * The project file of a path: the path itself when it is a project file, else the one in or beside the images' folder.
 * A file counts as there when anything of it is left (its log, its backups): a lost project must be noticed, never started anew.
 * @returns null when the folder has no project
 */
export function findProject(target: string, dataFolder?: string): string | null {
  const full = path.resolve(target);
  const isFolder = existsSync(full) && statSync(full).isDirectory();
  if (!isFolder) return full.endsWith('.sqlite') && hasTraces(full) ? full : null;
  return candidates(full, dataFolder).find(hasTraces) ?? null;
}

/**
 * The images' folder of a project file in or beside it, by the file's name alone: nothing is opened. Null for any other path, and for a
 * project file in the program's own folder, whose name doesn't tell.
 */
export function imagesFolderOf(file: string): string | null {
  const full = path.resolve(file);
  const name = path.basename(full);
  if (name === projectFileName) return path.dirname(full);
  return name.endsWith(extension) ? path.join(path.dirname(full), name.slice(0, -extension.length)) : null;
}

const hasTraces = (file: string): boolean => existsSync(file) || hasLog(file) || existsSync(backupFolder(file));

/** Whether something is left in a project file's log; an empty one is no loss. */
export const hasLog = (file: string): boolean => existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0;

/**
 * Where to make the project of an images' folder: inside, or beside when it is read-only, or in the program's own folder.
 * @throws StudioError file-permission when no place can be written
 */
export function placeForProject(imagesFolder: string, dataFolder?: string): string {
  if (dataFolder) mkdirSync(path.join(dataFolder, 'projects'), { recursive: true, mode: 0o700 });
  const place = candidates(imagesFolder, dataFolder).find((file) => isWritable(path.dirname(file)));
  if (place) return place;
  throw saying('file-permission', 'project.noPlace', { folder: imagesFolder });
}

/** The hidden folder beside a project file, for its lock, backups and thumbnails. Not made here. */
export function sideFolder(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file, '.sqlite')}`);
}

/** Where a project's backups are. */
export const backupFolder = (file: string): string => path.join(sideFolder(file), 'backups');

/** Where a project's lock is. */
export const lockFile = (file: string): string => path.join(sideFolder(file), 'lock.sqlite');

/** Where a project's thumbnails are. */
export const thumbnailFile = (file: string): string => path.join(sideFolder(file), 'thumbnails.sqlite');
