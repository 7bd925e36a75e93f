// Opening projects: who may write, what a crash or a bad copy left behind, and what to show when the file is damaged.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { listBackups } from './backups.ts';
import type { Backup } from './backups.ts';
import { copyAside } from './copies.ts';
import type { TemporaryCopy } from './copies.ts';
import { Driver } from './driver.ts';
import { checkIdentity, examine, missingLog, readableCopy } from './examine.ts';
import { backupFolder, findProject, hasLog, isWritable, lockFile, sideFolder } from './location.ts';
import { acquireLock, holderMessage, namedHolder } from './lock.ts';
import type { Holder, WriterLock } from './lock.ts';
import { writeMeta } from './meta.ts';
import { migrate, schemaVersion, versionOf } from './migrations/index.ts';

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
  return open(target, dataFolder, (file) =>
    isWritable(path.dirname(file)) ? openInPlace(file) : openCopy(file, readOnlyReason(file)),
  );
}

/**
 * Opens a project to read it: takes no lock and writes nothing, neither the file nor beside it, so that a window can have the project open,
 * or open it meanwhile.
 * @throws StudioError as {@link openFile}
 */
export function openForReading(target: string, dataFolder?: string): Opened {
  return open(target, dataFolder, readInPlace);
}

function open(target: string, dataFolder: string | undefined, how: (file: string) => Opened): Opened {
  const file = findProject(target, dataFolder);
  if (file === null) {
    throw new StudioError('file-missing', `${target} has no project. Make one there first, or check the path.`);
  }
  const broken = visibleDamage(file);
  if (broken !== null) return openBackup(file, broken);
  try {
    return how(file);
  } catch (error) {
    if (error instanceof StudioError && error.code === 'disk-full') return openCopy(file, error.message);
    if (error instanceof StudioError && error.code === 'project-damaged')
      return openBackup(file, damageOf(file, error));
    throw error;
  }
}

/** What is wrong, without the remedy of opening it again: that is what is being done. */
const damageOf = (file: string, { cause, message }: StudioError): string =>
  cause instanceof Error ? `${file} is damaged or is not a project (SQLite: ${cause.message}).` : message;

function readInPlace(file: string): Opened {
  const named = namedHolder(lockFile(file));
  const reason = `${file} was opened for reading only.`;
  const hadLog = existsSync(`${file}-wal`);
  let db: Driver | null = null;
  try {
    db = new Driver(file, { readOnlyReason: reason });
    checkIdentity(db);
    const found = named ? [] : examine(db, hadLog);
    const holder = named ?? namedHolder(lockFile(file)); // one that came meanwhile has marked the session as open
    const notices = holder ? [] : found;
    if (versionOf(db) === schemaVersion) return { file, db, lock: null, holder, backup: null, notices, copy: null };
    if (holder) throw olderWriter(file);
    db.close();
    return openCopy(file, reason, []);
  } catch (error) {
    db?.close();
    // A log that nobody has open, on a disk that can't be written: SQLite can't read it there.
    if (error instanceof StudioError && error.code === 'file-permission') return openCopy(file, reason, []);
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

function backUpBeforeMigration(db: Driver): void {
  const folder = backupFolder(db.file);
  mkdirSync(folder, { recursive: true });
  const seq = db.one<{ seq: number | null }>('SELECT max(seq) AS seq FROM change_set')?.seq ?? 0;
  const target = path.join(folder, `${Date.now()}-${seq}.sqlite`);
  db.exec(`VACUUM INTO '${target.replaceAll("'", "''")}'`);
}

/** Opens a copy of a file that can't be written where it is. */
function openCopy(file: string, reason: string, told = [reason]): Opened {
  const copy = copyAside(file);
  try {
    const db = readableCopy(copy.file, reason);
    const notices = [...told, ...missingLog(db, existsSync(`${file}-wal`), file)];
    return { file, db, lock: null, holder: null, backup: null, notices, copy };
  } catch (error) {
    copy.remove();
    if (error instanceof StudioError && error.code === 'project-damaged')
      return openBackup(file, damageOf(file, error).replaceAll(copy.file, file));
    throw error;
  }
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
