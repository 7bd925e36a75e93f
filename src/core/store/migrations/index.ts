// The list of schema versions and the runner that brings a database to the newest one.
import { saying } from '../../../shared/errors.ts';
import type { Driver, WriteDb } from '../driver.ts';
import { migrateTo1 } from './v1.ts';
import { migrateTo2 } from './v2.ts';
import { migrateTo3 } from './v3.ts';

/** Marks a SQLite file as ours ("TTFN"): a project is recognised by it, whatever its name. */
export const applicationId = 0x5454464e;

/** Step `i` brings version `i` to `i + 1`. */
export const migrations: readonly ((db: WriteDb) => void)[] = [migrateTo1, migrateTo2, migrateTo3];

/** The newest schema version, the one that the rest of the store speaks. */
export const schemaVersion = migrations.length;

/** The schema version of an open database, 0 when empty. */
export const versionOf = (db: Driver): number => Number(db.pragma('user_version'));

/**
 * Runs the steps from the database's version up to `target`, each in its own transaction with its version number.
 * @throws StudioError project-version when the file is newer than this program
 */
export function migrate(db: Driver, target: number = schemaVersion): void {
  const from = versionOf(db);
  checkVersion(db.file, from);
  for (let version = from; version < target; version++) {
    db.write((w) => {
      migrations[version]!(w);
      w.run(`PRAGMA user_version = ${version + 1}`);
      if (version === 0) w.run(`PRAGMA application_id = ${applicationId}`);
    });
  }
}

/** @throws StudioError project-version when `version` is newer than this program knows */
export function checkVersion(file: string, version: number): void {
  if (version <= schemaVersion) return;
  throw saying('project-version', 'project.newer', { file, version: String(version), most: String(schemaVersion) });
}
