// Opening and making projects: who may write, what a crash or a bad copy left behind, and what to show when the file is damaged.
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { listBackups } from './backups.ts';
import type { Backup } from './backups.ts';
import { copyAside } from './copies.ts';
import type { TemporaryCopy } from './copies.ts';
import { Driver, runOnce } from './driver.ts';
import { backupFolder, findProject, hasLog, isWritable, lockFile, placeForProject, sideFolder } from './location.ts';
import { acquireLock, holderMessage } from './lock.ts';
import type { Holder, WriterLock } from './lock.ts';
import { readMeta, writeMeta } from './meta.ts';
import { applicationId, checkVersion, migrate, schemaVersion, versionOf } from './migrations/index.ts';

/** An open project file, and the circumstances. */
export interface Opened {
  /** The project's own file, also when a copy of it is what is open. */
  file: string;
  db: Driver;
  /** Null when it is open read-only. */
  lock: WriterLock | null;
  /** Who writes, when that is why it is read-only here. */
  holder: Holder | null;
  /** The backup that is shown in place of a damaged file. */
  backup: Backup | null;
  /** Things that the person must know, as sentences. */
  notices: string[];
  /** The copy that is open in place of the file, if any. */
  copy: TemporaryCopy | null;
}

/**
 * Opens the project of a folder, or a project file. Writing needs the folder, the disk and the lock; without one of them it opens read-only.
 * @throws StudioError file-missing, project-version, or project-damaged when there is no good backup either
 */
export function openFile(target: string, dataFolder?: string): Opened {
  const file = findProject(target, dataFolder);
  if (file === null) {
    throw new StudioError('file-missing', `${target} has no project. Make one there first, or check the path.`);
  }
  const broken = visibleDamage(file);
  if (broken !== null) return openBackup(file, broken);
  try {
    if (!isWritable(path.dirname(file))) return openCopy(file, readOnlyReason(file));
    return openInPlace(file);
  } catch (error) {
    if (error instanceof StudioError && error.code === 'disk-full') return openCopy(file, error.message);
    if (error instanceof StudioError && error.code === 'project-damaged') return openBackup(file, error.message);
    throw error;
  }
}

const readOnlyReason = (file: string): string =>
  `${path.dirname(file)} is read-only, so the project is open read-only. Copy the folder to edit it.`;

/** Damage that shows without opening: SQLite would start an empty database over these. */
function visibleDamage(file: string): string | null {
  if (existsSync(file)) return statSync(file).size > 0 ? null : `${file} is empty.`;
  return hasLog(file)
    ? `${file} is missing, only its log (${path.basename(file)}-wal) is there: both belong together.`
    : `${file} is missing, only its backups are there.`;
}

function openInPlace(file: string): Opened {
  mkdirSync(sideFolder(file), { recursive: true });
  const attempt = acquireLock(lockFile(file));
  if ('holder' in attempt) {
    const reason = holderMessage(file, attempt.holder);
    return openBesideWriter(file, attempt.holder, reason);
  }
  try {
    return openAsWriter(file, attempt.lock);
  } catch (error) {
    attempt.lock.release();
    throw error;
  }
}

function openBesideWriter(file: string, holder: Holder, reason: string): Opened {
  const db = new Driver(file, { readOnlyReason: reason });
  try {
    checkIdentity(db);
    if (versionOf(db) < schemaVersion) throw olderWriter(file);
    return { file, db, lock: null, holder, backup: null, notices: [reason], copy: null };
  } catch (error) {
    db.close();
    throw error;
  }
}

const olderWriter = (file: string): StudioError =>
  new StudioError(
    'project-version',
    `${file} is being edited by an older version of this program. Close it there first.`,
  );

function openAsWriter(file: string, lock: WriterLock): Opened {
  const hadLog = existsSync(`${file}-wal`);
  const db = new Driver(file);
  try {
    const notices = examine(db, hadLog);
    if (versionOf(db) < schemaVersion) backUpBeforeMigration(db);
    migrate(db);
    db.useWal();
    db.write((w) => writeMeta(w, 'session', 'open'));
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)'); // the mark must be in the file itself, or it would be lost with the log
    return { file, db, lock, holder: null, backup: null, notices, copy: null };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Files up to this size are read through at every opening (half a second); larger ones after a crash only. */
const alwaysCheckedBytes = 512 * 1024 * 1024;

/** Looks at what the last session left. @returns notices @throws StudioError project-damaged, project-version */
function examine(db: Driver, hadLog: boolean): string[] {
  checkIdentity(db);
  const crashed = readMeta(db, 'session') === 'open';
  if (crashed || statSync(db.file).size < alwaysCheckedBytes) checkIntegrity(db);
  if (!crashed || hadLog) return [];
  return [
    `${db.file} was copied without its log (${path.basename(db.file)}-wal) while it was open: the last edits may be missing. Copy both files from the original again, or look whether a backup is newer.`,
  ];
}

/** @throws StudioError project-damaged for a database that isn't a project, project-version for one from the future */
function checkIdentity(db: Driver): void {
  if (Number(db.pragma('application_id')) !== applicationId) {
    throw new StudioError('project-damaged', `${db.file} is a database, but not a project of this program.`);
  }
  checkVersion(db.file, versionOf(db));
}

/** @throws StudioError project-damaged with SQLite's first finding */
export function checkIntegrity(db: Driver): void {
  const finding = db.pragma('quick_check');
  if (finding !== 'ok') throw new StudioError('project-damaged', `${db.file} is damaged (${finding}).`);
}

function backUpBeforeMigration(db: Driver): void {
  const folder = backupFolder(db.file);
  mkdirSync(folder, { recursive: true });
  const seq = db.one<{ seq: number | null }>('SELECT max(seq) AS seq FROM change_set')?.seq ?? 0;
  const target = path.join(folder, `${Date.now()}-${seq}.sqlite`);
  db.exec(`VACUUM INTO '${target.replaceAll("'", "''")}'`);
}

/** Opens a copy of a file that can't be written where it is. */
function openCopy(file: string, reason: string): Opened {
  const copy = copyAside(file);
  try {
    const db = readableCopy(copy.file, reason);
    return { file, db, lock: null, holder: null, backup: null, notices: [reason], copy };
  } catch (error) {
    copy.remove();
    if (error instanceof StudioError && error.code === 'project-damaged') return openBackup(file, error.message);
    throw error;
  }
}

/** Checks a copy, brings it to the newest schema, and opens it for reading only. */
export function readableCopy(file: string, reason: string): Driver {
  const writable = new Driver(file);
  try {
    checkIdentity(writable);
    checkIntegrity(writable);
    migrate(writable);
  } finally {
    writable.close();
  }
  return new Driver(file, { readOnlyReason: reason });
}

/** Shows the newest good backup of a damaged project, read-only. @throws StudioError project-damaged when there is none */
function openBackup(file: string, damage: string): Opened {
  for (const backup of listBackups(backupFolder(file))) {
    const at = new Date(backup.at).toISOString();
    const reason = `${damage} Shown read-only is the newest good backup, of ${at}. Restore it to go on from there; the damaged file is kept.`;
    const copy = copyAside(backup.file, false);
    try {
      const db = readableCopy(copy.file, reason);
      return { file, db, lock: null, holder: null, backup, notices: [reason], copy };
    } catch (error) {
      copy.remove();
      if (!(error instanceof StudioError) || error.code !== 'project-damaged') throw error;
    }
  }
  throw new StudioError(
    'project-damaged',
    `${damage} There is no good backup in ${backupFolder(file)}. Keep the file, and look for a copy of it elsewhere.`,
  );
}

/**
 * Puts a backup in the place of the project file, which is kept under another name with its log. The project must not be open.
 * @returns where the replaced file is now, null when there was none
 * @throws StudioError project-locked when someone has it open, project-damaged when the backup is no good
 */
export function restoreBackup(file: string, backup: string): string | null {
  mkdirSync(sideFolder(file), { recursive: true });
  const attempt = acquireLock(lockFile(file));
  if ('holder' in attempt) throw new StudioError('project-locked', holderMessage(file, attempt.holder));
  try {
    const copy = copyAside(backup, false);
    readableCopy(copy.file, '').close();
    copy.remove();
    return swapIn(file, backup);
  } finally {
    attempt.lock.release();
  }
}

function swapIn(file: string, backup: string): string | null {
  const kept = `${file}.replaced-${Date.now()}`;
  const had = existsSync(file);
  if (had) renameSync(file, kept);
  if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${kept}-wal`);
  rmSync(`${file}-shm`, { force: true });
  const arriving = `${file}.new-${process.pid}`;
  copyFileSync(backup, arriving);
  runOnce(arriving, "UPDATE meta SET value = 'closed' WHERE key = 'session'"); // it was backed up during a session
  syncFileNow(arriving);
  renameSync(arriving, file);
  return had ? kept : null;
}

function syncFileNow(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Makes the project of an images' folder: built under another name, so that it is there whole or not at all.
 * @throws StudioError argument-invalid when there is one already, file-permission when there is no place for it
 */
export function createFile(imagesFolder: string, name: string, dataFolder?: string): string {
  const there = findProject(imagesFolder, dataFolder);
  if (there !== null) {
    throw new StudioError('argument-invalid', `${imagesFolder} has a project already (${there}). Open that one.`);
  }
  const file = placeForProject(imagesFolder, dataFolder);
  const building = `${file}.new-${process.pid}`;
  const db = new Driver(building, { create: true });
  try {
    migrate(db);
    db.write((w) => {
      writeMeta(w, 'id', randomUUID());
      writeMeta(w, 'name', name);
      writeMeta(w, 'created', String(Date.now()));
      writeMeta(w, 'root-relative', path.relative(path.dirname(file), path.resolve(imagesFolder)) || '.');
      writeMeta(w, 'root-absolute', path.resolve(imagesFolder));
    });
    db.close();
    renameSync(building, file);
  } catch (error) {
    db.close();
    rmSync(building, { force: true });
    throw error;
  }
  return file;
}
