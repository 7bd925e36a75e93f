// Puts a backup in the place of a project file: only one of this project, and never so that a failure leaves nothing there.
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { fromFileError, saying, StudioError } from '../../shared/errors.ts';
import { inEnglish, said } from '../../shared/said.ts';
import { listBackups } from './backups.ts';
import { companions, copyAside, ofOriginal } from './copies.ts';
import { Driver, runOnce } from './driver.ts';
import { checkName, readableCopy } from './examine.ts';
import { backupFolder, lockFile, sideFolder } from './location.ts';
import { acquireLock, holderMessage } from './lock.ts';
import { readMeta } from './meta.ts';
import { linkedSide } from './ownFiles.ts';

/** Which project a file holds. */
interface Identity {
  id: string;
  name: string;
}

/**
 * Puts a backup in the place of the project file, which is kept under another name with its log. The project must not be open.
 * @returns where the replaced file is now, null when there was none
 * @throws StudioError project-locked when someone has it open, project-damaged when the backup is no good, argument-invalid when it is
 * of another project, disk-full, file-permission; then everything is as before
 */
export function restoreBackup(file: string, backup: string): string | null {
  const link = linkedSide(file);
  if (link !== null) throw saying('not-allowed', 'project.linked', { file, link });
  mkdirSync(sideFolder(file), { recursive: true });
  const attempt = acquireLock(lockFile(file));
  if ('holder' in attempt) {
    const sentence = holderMessage(file, attempt.holder);
    throw new StudioError('project-locked', inEnglish(sentence), undefined, sentence);
  }
  try {
    requireOther(file, backup);
    requireSameProject(file, backup);
    return swapIn(file, backup);
  } finally {
    attempt.lock.release();
  }
}

function requireOther(file: string, backup: string): void {
  if (!existsSync(backup)) throw new StudioError('file-missing', `${backup} does not exist. Check the path.`);
  if (!existsSync(file) || realpathSync(file) !== realpathSync(backup)) return;
  throw new StudioError('argument-invalid', `${backup} is the project itself, not a backup of it. Name a backup.`);
}

function requireSameProject(file: string, backup: string): void {
  const given = identityOfBackup(backup);
  const own = identityOf(file) ?? identityOfOwnBackups(file, backup);
  if (own === null || own.id === given.id) return;
  throw new StudioError(
    'argument-invalid',
    `${backup} is a backup of another project (${JSON.stringify(given.name)}), not of ${JSON.stringify(own.name)} in ${file}: nothing was changed. The backups of this project are in ${backupFolder(file)}.`,
  );
}

/** Checks the whole backup. @throws StudioError project-damaged, project-version, file errors */
function identityOfBackup(backup: string): Identity {
  const copy = copyAside(backup, false);
  try {
    const db = readableCopy(copy.file, said('project.forReading', { file: backup }));
    const identity = { id: readMeta(db, 'id') ?? '', name: readMeta(db, 'name') ?? '' };
    db.close();
    return identity;
  } catch (error) {
    throw ofOriginal(error, copy.file, backup);
  } finally {
    copy.remove();
  }
}

/** Which project a file holds, as far as that can still be read: the one that a backup is restored over may be damaged. */
function identityOf(file: string): Identity | null {
  let db: Driver | null = null;
  try {
    db = new Driver(file, { readOnlyReason: said('project.forReading', { file }) });
    checkName(db);
    const id = readMeta(db, 'id');
    return id === null ? null : { id, name: readMeta(db, 'name') ?? '' };
  } catch (error) {
    if (error instanceof StudioError) return null;
    throw error;
  } finally {
    db?.close();
  }
}

/** By the other backups in the project's folder: the given one says nothing about itself. */
function identityOfOwnBackups(file: string, given: string): Identity | null {
  for (const own of listBackups(backupFolder(file))) {
    const identity = realpathSync(own.file) === realpathSync(given) ? null : identityOf(own.file);
    if (identity) return identity;
  }
  return null;
}

function swapIn(file: string, backup: string): string | null {
  const arriving = `${file}.new-${process.pid}`;
  try {
    copyFileSync(backup, arriving);
    runOnce(arriving, "UPDATE meta SET value = 'closed' WHERE key = 'session'"); // it was backed up during a session
    syncNow(arriving);
    const kept = putAside(file);
    renameSync(arriving, file);
    return kept;
  } catch (error) {
    rmSync(arriving, { force: true });
    throw error instanceof StudioError ? error : fromFileError(error, file);
  }
}

/** Renames the project file with all that belongs to it: a log or journal left there would be taken for the new file's. */
function putAside(file: string): string | null {
  const kept = `${file}.replaced-${Date.now()}`;
  const had = existsSync(file);
  for (const suffix of companions) if (existsSync(file + suffix)) renameSync(file + suffix, kept + suffix);
  rmSync(`${file}-shm`, { force: true });
  if (had) renameSync(file, kept);
  return had ? kept : null;
}

function syncNow(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
