// Opening projects: who may write, what a crash or a bad copy left behind, and what to show when the file is damaged.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { saying, StudioError } from '../../shared/errors.ts';
import { said, type Said } from '../../shared/said.ts';
import { listBackups } from './backups.ts';
import type { Backup } from './backups.ts';
import { copyAside } from './copies.ts';
import type { TemporaryCopy } from './copies.ts';
import { Driver } from './driver.ts';
import { checkIdentity, examine, missingLog, readableCopy } from './examine.ts';
import { backupFolder, findProject, hasLog, isWritable, lockFile, sideFolder } from './location.ts';
import { clearBuilding } from './createFile.ts';
import { acquireLock, holderMessage, namedHolder } from './lock.ts';
import type { Holder, WriterLock } from './lock.ts';
import { writeMeta } from './meta.ts';
import { linkedSide } from './ownFiles.ts';
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
  /** Things that the person must know. */
  notices: Said[];
  /** The copy that is open in place of the file, if any. */
  copy: TemporaryCopy | null;
}

/**
 * Opens the project of a folder, or a project file. Writing needs the folder, the disk and the lock; without one of them it opens read-only.
 * @throws StudioError file-missing, project-version, or project-damaged when there is no good backup either
 */
export function openFile(target: string, dataFolder?: string): Opened {
  return open(target, dataFolder, (file) => {
    const link = linkedSide(file);
    if (link !== null) return openCopy(file, said('project.linked', { file, link }));
    return isWritable(path.dirname(file)) ? openInPlace(file) : openCopy(file, readOnlyReason(file));
  });
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
  if (file === null) throw saying('file-missing', 'project.none', { folder: target });
  const broken = visibleDamage(file);
  if (broken !== null) return openBackup(file, broken);
  try {
    return how(file);
  } catch (error) {
    if (error instanceof StudioError && error.code === 'disk-full')
      return openCopy(file, error.said ?? said('project.full', { file }));
    if (error instanceof StudioError && error.code === 'project-damaged')
      return openBackup(file, damageOf(file, error));
    throw error;
  }
}

/** What is wrong, without the remedy of opening it again: that is what is being done. */
const damageOf = (file: string, { cause, message, said: by }: StudioError): Said =>
  by && !(cause instanceof Error)
    ? { ...by, values: { ...by.values, file } }
    : said('damage.unreadable', { file, detail: cause instanceof Error ? cause.message : message });

function readInPlace(file: string): Opened {
  const named = namedHolder(lockFile(file));
  const reason = said('project.forReading', { file });
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

const readOnlyReason = (file: string): Said => said('project.readOnly', { folder: path.dirname(file) });

/** Damage that shows without opening: SQLite would start an empty database over these. */
function visibleDamage(file: string): Said | null {
  if (existsSync(file)) return statSync(file).size > 0 ? null : said('damage.empty', { file });
  return hasLog(file)
    ? said('damage.onlyLog', { file, log: `${path.basename(file)}-wal` })
    : said('damage.onlyBackups', { file });
}

function openInPlace(file: string): Opened {
  mkdirSync(sideFolder(file), { recursive: true });
  const attempt = acquireLock(lockFile(file));
  if ('holder' in attempt) {
    const reason = holderMessage(file, attempt.holder);
    return openBesideWriter(file, attempt.holder, reason);
  }
  try {
    clearBuilding(file);
    return openAsWriter(file, attempt.lock);
  } catch (error) {
    attempt.lock.release();
    throw error;
  }
}

function openBesideWriter(file: string, holder: Holder, reason: Said): Opened {
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

const olderWriter = (file: string): StudioError => saying('project-version', 'project.olderWriter', { file });

function openAsWriter(file: string, lock: WriterLock): Opened {
  const hadLog = existsSync(`${file}-wal`);
  const db = new Driver(file);
  try {
    checkIdentity(db);
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
function openCopy(file: string, reason: Said, told = [reason]): Opened {
  const copy = copyAside(file);
  try {
    const db = readableCopy(copy.file, reason);
    const notices = [...told, ...missingLog(db, existsSync(`${file}-wal`), file)];
    return { file, db, lock: null, holder: null, backup: null, notices, copy };
  } catch (error) {
    copy.remove();
    if (error instanceof StudioError && error.code === 'project-damaged')
      return openBackup(file, damageOf(file, error));
    throw error;
  }
}

/** Shows the newest good backup of a damaged project, read-only. @throws StudioError project-damaged when there is none */
function openBackup(file: string, damage: Said): Opened {
  for (const backup of listBackups(backupFolder(file))) {
    const reason = said('backup.shown', { damage, at: { at: backup.at } });
    const copy = copyAside(backup.file, false);
    try {
      const db = readableCopy(copy.file, reason);
      return { file, db, lock: null, holder: null, backup, notices: [reason], copy };
    } catch (error) {
      copy.remove();
      if (!(error instanceof StudioError) || error.code !== 'project-damaged') throw error;
    }
  }
  throw saying('project-damaged', 'backup.none', { damage, folder: backupFolder(file) });
}
