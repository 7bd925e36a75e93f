// Makes folders, and says truly why one can't be made.
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, saying, type StudioError } from '../../shared/errors.ts';

/**
 * Makes a folder and what is missing above it. One by one: Node's own recursion calls a read-only disk "not there", and never ends in
 * folders like `/proc`.
 * @throws file-permission (also a read-only disk, or a file in its place), disk-full, naming the folder
 */
export async function makeFolder(folder: string): Promise<void> {
  const missing: string[] = [];
  let at = path.resolve(folder);
  while (!(await makeOne(at, folder))) {
    missing.push(at);
    if (path.dirname(at) === at) throw saying('file-permission', 'file.denied', { file: at });
    at = path.dirname(at);
  }
  for (const made of missing.reverse())
    if (!(await makeOne(made, folder))) throw saying('file-permission', 'file.denied', { file: made }); // a place where nothing can be made
}

/** @returns whether the folder is there now; false when the one above it is missing */
async function makeOne(folder: string, wanted: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    const there = await stat(folder).catch(() => null);
    if (there?.isDirectory()) return true;
    if (there) throw inTheWay(folder, wanted, error);
    const errno = error instanceof Error && 'code' in error ? error.code : '';
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return false;
    throw fromFileError(error, folder);
  }
}

const inTheWay = (file: string, wanted: string, error: unknown): StudioError =>
  path.resolve(wanted) === file
    ? saying('file-permission', 'file.isFile', { folder: wanted }, error)
    : saying('file-permission', 'folder.behindFile', { folder: wanted, file }, error);
