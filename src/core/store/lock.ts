// One writer per project: whoever writes holds a lock of the operating system, which a crash lets go by itself.
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { StudioError } from '../../shared/errors.ts';
import { said, type Said } from '../../shared/said.ts';
import { isRunning } from '../files/atomicWrite.ts';
import { Driver } from './driver.ts';

/** Who has a project open for writing. */
export interface Holder {
  pid: number;
  host: string;
  /** Milliseconds since 1970. */
  since: number;
}

/** The held lock. */
export interface WriterLock {
  release: () => void;
}

/**
 * Tries to become the writer. The lock is a little database next to the project: its only row names the holder, and an open
 * transaction holds it. A process that is killed holds nothing any more, so there is no stale lock to find out about.
 * @param file the lock's file; created when absent, never deleted (deleting would let two writers lock two files)
 * @returns the lock, or who holds it
 * @throws StudioError file-permission or disk-full when the lock can't be written at all
 */
export function acquireLock(file: string): { lock: WriterLock } | { holder: Holder } {
  const db = new Driver(file, { create: true });
  try {
    db.exec('PRAGMA busy_timeout = 200');
    db.exec('BEGIN IMMEDIATE');
    // The commit waits for those who are reading the holder's name just now.
    db.exec('PRAGMA busy_timeout = 2000');
    db.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL, host TEXT NOT NULL, since INTEGER NOT NULL)');
    db.exec('DELETE FROM holder');
    db.exec(`INSERT INTO holder VALUES (${process.pid}, '${hostname().replaceAll("'", "''")}', ${Date.now()})`);
    db.exec('COMMIT');
    db.exec('BEGIN IMMEDIATE');
  } catch (error) {
    const holder = isLocked(error) ? readHolder(db) : null;
    db.close();
    if (holder) return { holder };
    throw error;
  }
  return { lock: { release: () => release(db) } };
}

/** Takes the holder's name out and lets go. */
function release(db: Driver): void {
  try {
    db.exec('DELETE FROM holder; COMMIT');
  } catch {
    // A full disk, say: letting go is what counts, and nobody takes the name of an ended process for a holder.
  }
  db.close();
}

/**
 * Who is writing, without touching the lock: the name that the writer left, unless its process has ended on this machine.
 * A process of another machine can't be asked; its name counts until the next writer there or here.
 */
export function namedHolder(file: string): Holder | null {
  if (!existsSync(file)) return null;
  let db: Driver | null = null;
  try {
    db = new Driver(file, { readOnlyReason: said('project.forReading', { file }) });
    const holder = holderIn(db);
    return holder && isAlive(holder) ? holder : null;
  } catch (error) {
    if (error instanceof StudioError) return null; // a lock that nobody ever took, or that is just being taken
    throw error;
  } finally {
    db?.close();
  }
}

/** The host's name comes over as bytes: the file may be anybody's, and the binding ends the process on text that isn't UTF-8. */
function holderIn(db: Driver): Holder | null {
  const sql =
    'SELECT CAST(pid AS INTEGER) AS pid, CAST(host AS BLOB) AS host, CAST(since AS INTEGER) AS since FROM holder';
  const row = db.one<Omit<Holder, 'host'> & { host: ArrayBuffer }>(sql);
  return row ? { ...row, host: Buffer.from(row.host).toString() } : null;
}

const isAlive = ({ pid, host }: Holder): boolean => host !== hostname() || isRunning(pid);

const isLocked = (error: unknown): boolean => error instanceof StudioError && error.code === 'project-locked';

function readHolder(db: Driver): Holder {
  try {
    const row = holderIn(db);
    if (row) return row;
  } catch (error) {
    if (!(error instanceof StudioError)) throw error; // the holder is just writing its name: it has none yet
  }
  return { pid: 0, host: 'unknown', since: Date.now() };
}

/** The sentence that tells a second opener who holds the project. */
export function holderMessage(file: string, { pid, host, since }: Holder): Said {
  return said('project.heldBy', { file, pid: String(pid), host, since: { at: since } });
}
