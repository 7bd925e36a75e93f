// Writes a file so that a crash, a full disk or a power cut leaves either the old content or the new one, never a part.
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError } from '../../shared/errors.ts';

/** What can be written: text (UTF-8), bytes, or several pieces one after the other, also such as are made only when their turn comes. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Replaces `file` in one step: temporary name in the same folder, write, fsync, rename, fsync of the folder. The folder must exist.
 * `mode` is who may read and write a new file. On failure (also one of whoever makes the pieces) the temporary file is removed and what `file` held before is untouched.
 * @throws StudioError `disk-full`, `file-permission`, `file-missing` (no such folder), naming `file`
 */
export async function writeFileAtomic(file: string, content: FileContent, mode = 0o666): Promise<void> {
  const folder = path.dirname(file);
  const temporary = path.join(folder, `.ttfnet-${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
  try {
    await writeDurably(temporary, content, mode);
    await rename(temporary, file);
  } catch (error) {
    // The first failure is the one to report; `force` already makes a temporary that was never made no failure.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fromFileError(error, file);
  }
  await syncFolder(folder);
}

/** Names of the temporary files; version 0.1.0 left the process's number out. */
const temporaryName = /^\.ttfnet-(?:(\d+)-)?[0-9a-f]{16}\.tmp$/;

/** Removes what writes of processes that have ended left in a folder: not being touched for a minute, they are nobody's of another machine. */
export async function clearTemporary(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []); // not there: nothing left in it
  for (const name of names) {
    const [isOurs, pid] = temporaryName.exec(name) ?? [];
    if (isOurs === undefined || (pid !== undefined && isRunning(Number(pid)))) continue;
    const file = path.join(folder, name);
    const info = await stat(file).catch(() => null);
    if (info && Date.now() - info.mtimeMs > 60_000) await rm(file, { force: true }).catch(() => undefined);
  }
}

/** Whether a process of this machine is alive; what is no process number is none. */
export function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'; // another user's
  }
}

async function writeDurably(file: string, content: FileContent, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    for await (const piece of pieces(content)) await handle.writeFile(piece);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function pieces(content: FileContent): Iterable<string | Uint8Array> | AsyncIterable<Uint8Array> {
  return typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
}

/** Makes the rename itself survive a power cut. Windows and some network disks can't sync folders; there the rename is as durable as it gets. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // The new content is in place already; failing the write now would be a lie.
  }
}
