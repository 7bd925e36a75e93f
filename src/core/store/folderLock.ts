// One writer per folder of results: two programs that write one run, or one set of detections, would mix theirs.
import { rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { saying } from '../../shared/errors.ts';
import { acquireLock, type WriterLock } from './lock.ts';

/** Name of the lock while a folder is being written; hidden, and gone afterwards. */
export const folderLockName = '.ttfnet-lock.sqlite';

/**
 * Runs `body` while nobody else writes the folder, which must exist. The operating system holds the lock: a killed program holds nothing.
 * @throws StudioError folder-in-use naming the folder and who writes it; file-permission, disk-full
 */
export async function holdFolder<T>(folder: string, body: () => Promise<T>): Promise<T> {
  const file = path.join(folder, folderLockName);
  const lock = take(folder, file);
  try {
    return await body();
  } finally {
    rmSync(file, { force: true }); // while it is held: whoever opened it meanwhile sees that it is another file now
    lock.release();
  }
}

function take(folder: string, file: string): WriterLock {
  for (;;) {
    const before = inodeOf(file);
    const attempt = acquireLock(file);
    if ('holder' in attempt) {
      const { pid, host, since } = attempt.holder;
      throw saying('folder-in-use', 'folder.held', { folder, pid: String(pid), host, since: { at: since } });
    }
    // Locked, but perhaps a file that its last holder has just deleted: then another one could be locked at the same name.
    if (before === null || before === inodeOf(file)) return attempt.lock;
    attempt.lock.release();
  }
}

const inodeOf = (file: string): number | null => statSync(file, { throwIfNoEntry: false })?.ino ?? null;
