// Looks whether a project file is one, is whole, and what its last session left.
import { statSync } from 'node:fs';
import path from 'node:path';
import { saying } from '../../shared/errors.ts';
import { said, type Said } from '../../shared/said.ts';
import { Driver } from './driver.ts';
import { readMeta } from './meta.ts';
import { checkText } from './soundText.ts';
import { applicationId, checkVersion, migrate, versionOf } from './migrations/index.ts';

/** Files up to this size are read through at every opening (half a second); larger ones after a crash only. */
const alwaysCheckedBytes = 512 * 1024 * 1024;

/**
 * Looks at what the last session left, after {@link checkIdentity}; only while nobody writes.
 * @param hadLog whether the log was there before `db` was opened
 * @returns notices
 * @throws StudioError project-damaged
 */
export function examine(db: Driver, hadLog: boolean): Said[] {
  if (wasCut(db) || statSync(db.file).size < alwaysCheckedBytes) checkIntegrity(db);
  return missingLog(db, hadLog, db.file);
}

/** Whether the last session had no end. */
const wasCut = (db: Driver): boolean => readMeta(db, 'session') === 'open';

/** Says when the last session had no end and its log isn't there: a crash leaves the log, only a copy can lack it. */
export function missingLog(db: Driver, hadLog: boolean, file: string): Said[] {
  if (hadLog || !wasCut(db)) return [];
  return [said('project.withoutLog', { file, log: `${path.basename(file)}-wal` })];
}

/**
 * What must be known before anything is read from a file.
 * @throws StudioError project-damaged for a database that isn't a project, or has text that can't be read; project-version for one from
 * the future
 */
export function checkIdentity(db: Driver): void {
  checkHeader(db);
  checkText(db);
}

/** Only whether it is a project of a version that this program reads, and which one: its other text may be damaged. */
export function checkName(db: Driver): void {
  checkHeader(db);
  checkText(db, ['meta']);
}

function checkHeader(db: Driver): void {
  if (Number(db.pragma('application_id')) !== applicationId) {
    throw saying('project-damaged', 'damage.notProject', { file: db.file });
  }
  checkVersion(db.file, versionOf(db));
}

/** @throws StudioError project-damaged with SQLite's first finding */
export function checkIntegrity(db: Driver): void {
  const finding = db.pragma('quick_check');
  if (finding !== 'ok') throw saying('project-damaged', 'damage.found', { file: db.file, detail: finding });
}

/** Checks a copy, brings it to the newest schema, and opens it for reading only. */
export function readableCopy(file: string, reason: Said): Driver {
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
