// Rolling backups: whole, checked copies of a project, many of the last hours and fewer the older they are.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import BackgroundDatabase from 'libsql/promise';
import { fromFileError } from '../../shared/errors.ts';
import { fromSqlError } from './sqlErrors.ts';

/** One backup on disk. */
export interface Backup {
  file: string;
  /** When it was made, milliseconds since 1970. */
  at: number;
  /** The newest change set it holds. */
  seq: number;
}

const hour = 3_600_000;
const day = 24 * hour;

/** Of the backups up to this age, the newest in each period is kept. */
const rules: readonly { upTo: number; period: number }[] = [
  { upTo: hour, period: 5 * 60_000 },
  { upTo: day, period: hour },
  { upTo: 14 * day, period: day },
  { upTo: 60 * day, period: 7 * day },
  { upTo: 2 * 365 * day, period: 30 * day },
];

const nameOf = (at: number, seq: number): string => `${at}-${seq}.sqlite`;
const namePattern = /^(\d+)-(\d+)\.sqlite$/;

/** The backups in a folder, newest first. */
export function listBackups(folder: string): Backup[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // no folder, no backups
  }
  const found = names.flatMap((name) => {
    const match = namePattern.exec(name);
    return match ? [{ file: path.join(folder, name), at: Number(match[1]), seq: Number(match[2]) }] : [];
  });
  return found.sort((a, b) => b.at - a.at);
}

/** Times of the backups to keep: always the newest, then one per period by age. */
export function timesToKeep(times: readonly number[], now: number): Set<number> {
  const newestFirst = [...times].sort((a, b) => b - a);
  const keep = new Set(newestFirst.slice(0, 1));
  const taken = new Set<string>();
  for (const time of newestFirst) {
    const rule = rules.find((r) => now - time <= r.upTo);
    if (!rule) continue;
    const slot = `${rule.period}:${Math.floor(time / rule.period)}`;
    if (!taken.has(slot)) keep.add(time);
    taken.add(slot);
  }
  return keep;
}

/** Deletes the backups that age has made superfluous. */
export function pruneBackups(folder: string, now: number): void {
  const all = listBackups(folder);
  const keep = timesToKeep(
    all.map((b) => b.at),
    now,
  );
  for (const backup of all) if (!keep.has(backup.at)) rmSync(backup.file, { force: true });
}

type Background = { exec(sql: string): Promise<void>; close(): void };

/**
 * Copies an open project into a new backup, on another thread and connection: edits go on meanwhile.
 * The copy is whole before it gets its name, so a crash or a full disk leaves no broken backup.
 * @throws StudioError disk-full, file-permission
 */
export async function makeBackup(file: string, folder: string, seq: number, now: number): Promise<Backup> {
  const target = path.join(folder, nameOf(now, seq));
  const partial = `${target}.part`;
  try {
    mkdirSync(folder, { recursive: true });
    removePartial(folder);
    await copyDatabase(file, partial);
    await syncFile(partial);
    renameSync(partial, target);
    return { file: target, at: now, seq };
  } catch (error) {
    removePartial(folder);
    throw fromFileError(error, target);
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const db = new BackgroundDatabase(from, { timeout: 5000 }) as unknown as Background;
  try {
    await db.exec(`VACUUM INTO '${to.replaceAll("'", "''")}'`);
  } catch (error) {
    throw fromSqlError(error, to);
  } finally {
    db.close();
  }
}

/** Waits until a file's content is on the disk itself. */
async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what unfinished backups left, of this session or of one that was killed: there is one writer, so none is being made. */
function removePartial(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (name.includes('.part')) rmSync(path.join(folder, name), { force: true });
}
