// Fills a new folder with results: it holds all of them or none, what was there is never touched, and what a kill left is cleared away.
import { readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, saying } from '../../shared/errors.ts';
import { isRunning, writeFileAtomic } from './atomicWrite.ts';
import { makeFolder } from './makeFolder.ts';
import { markOutput, outputMarker, type OutputKind } from './outputMarker.ts';

/** Results are made in a hidden folder of this name and the process's number, inside the folder that gets them. */
const unfinished = '.ttfnet-unfinished-';

/** In that folder: the names that are being moved out of it, for who clears away after a kill in the middle of that. */
const movedList = '.moved';

/** What systems put into folders by themselves: a folder with nothing else is empty. */
export const systemFiles: ReadonlySet<string> = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);

/** Folders that this process is filling. */
const filling = new Set<string>();

/**
 * Refuses a folder that holds anything but what an earlier, killed {@link fillFolder} left in it. Nothing is ever overwritten.
 * @throws argument-invalid (not empty, or being filled by another program), file-permission (a file, or a folder that can't be read)
 */
export async function requireEmpty(folder: string): Promise<void> {
  const names = await namesIn(folder);
  const own = new Set<string>();
  for (const leftover of names.filter(isLeftover)) {
    requireAbandoned(folder, leftover);
    for (const name of [leftover, ...(await movedFrom(path.join(folder, leftover)))]) own.add(name);
  }
  const count = names.filter((name) => !own.has(name) && !systemFiles.has(name) && name !== outputMarker).length;
  if (count > 0) throw saying('argument-invalid', 'folder.notEmpty', { folder, count });
}

/**
 * Lets `fill` write into a hidden folder inside `folder` (made where it is missing), then moves everything to its place and marks
 * `folder` as one of results. When `fill` fails, nothing is left of it; what a kill leaves, the next call clears away.
 * @throws as {@link requireEmpty}; disk-full, file-permission; what `fill` throws
 */
export async function fillFolder<T>(
  folder: string,
  kind: OutputKind,
  fill: (inside: string) => Promise<T>,
): Promise<T> {
  const full = path.resolve(folder);
  await requireEmpty(full);
  const isNew = await readdir(full).then(
    () => false,
    () => true,
  );
  await clearLeftovers(full);
  const inside = path.join(full, `${unfinished}${process.pid}`);
  filling.add(full);
  try {
    await makeFolder(inside);
    const result = await fill(inside);
    await markOutput(inside, kind);
    await moveUp(inside, full);
    return result;
  } catch (error) {
    await rm(inside, { recursive: true, force: true }).catch(() => undefined); // the first failure is the one to report
    if (isNew) await rmdir(full).catch(() => undefined);
    throw error;
  } finally {
    filling.delete(full);
  }
}

const isLeftover = (name: string): boolean => name.startsWith(unfinished);

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT') return []; // it is made
    if (code === 'ENOTDIR') throw saying('file-permission', 'file.isFile', { folder }, error);
    throw fromFileError(error, folder);
  }
}

function requireAbandoned(folder: string, leftover: string): void {
  const pid = Number(leftover.slice(unfinished.length));
  if (pid === process.pid ? !filling.has(path.resolve(folder)) : !isRunning(pid)) return;
  throw saying('argument-invalid', 'folder.inUse', { folder, pid: String(pid), leftover: path.join(folder, leftover) });
}

async function clearLeftovers(folder: string): Promise<void> {
  for (const leftover of (await namesIn(folder)).filter(isLeftover)) {
    const inside = path.join(folder, leftover);
    for (const name of await movedFrom(inside)) await rm(path.join(folder, name), { recursive: true, force: true });
    await rm(inside, { recursive: true, force: true });
  }
}

/** Names that a killed call was moving. Plain names only: the list may have been tampered with. */
async function movedFrom(inside: string): Promise<string[]> {
  const text = await readFile(path.join(inside, movedList), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((name) => name !== '' && name !== '..' && name !== '.' && path.basename(name) === name);
}

async function moveUp(inside: string, folder: string): Promise<void> {
  const names = await readdir(inside);
  await writeFileAtomic(path.join(inside, movedList), names.map((name) => `${name}\n`).join(''));
  for (const name of names)
    await rename(path.join(inside, name), path.join(folder, name)).catch((error: unknown) => {
      throw fromFileError(error, path.join(folder, name));
    });
  await rm(inside, { recursive: true, force: true });
}
