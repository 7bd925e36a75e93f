// The thumbnail cache: pictures by content hash in a database of their own, bounded in size, the longest unused dropped first.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fromFileError } from '../../shared/errors.ts';
import { Driver } from './driver.ts';

/** How large the cache may grow, in bytes of pictures. */
const defaultThumbnailLimit = 512 * 1024 * 1024;

const schema = `CREATE TABLE IF NOT EXISTS thumbnail (hash TEXT NOT NULL, side INTEGER NOT NULL, data BLOB NOT NULL,
    bytes INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (hash, side));
  CREATE INDEX IF NOT EXISTS thumbnail_used ON thumbnail (used, bytes);`;

/**
 * A cache of small pictures. Losing it costs time, never data, so it is written without waiting for the disk, and nothing here throws: a full
 * or read-only disk keeps nothing, and a damaged file is begun anew.
 */
export class ThumbnailCache {
  readonly #file: string;
  readonly #limit: number;
  #db: Driver | null = null;
  #closed = false;
  #bytes = 0;
  #clock = 0;

  /** @param file the cache's database, made when absent, with its folder */
  constructor(file: string, limit: number = defaultThumbnailLimit) {
    this.#file = file;
    this.#limit = limit;
  }

  /** Bytes of pictures that are kept now. */
  get bytes(): number {
    return this.#trying(() => this.#bytes) ?? 0;
  }

  /** The picture of an image's content at a size (longer side in pixels), or null. */
  get(hash: string, side: number): Uint8Array | null {
    return this.#trying((db) => {
      // Cast: the cache may be anybody's, and the binding ends the process on text that isn't UTF-8.
      const sql = `SELECT CAST(data AS BLOB) AS data, CAST(used AS INTEGER) AS used FROM thumbnail WHERE hash = ? AND side = ?`;
      const row = db.one<{ data: ArrayBuffer; used: number }>(sql, [hash, side]);
      if (!row) return null;
      if (this.#clock - row.used > 1000) this.#trying(() => this.#touch(db, hash, side)); // not at every look: reading stays reading
      return new Uint8Array(row.data);
    });
  }

  /** Keeps a picture, and drops the longest unused ones while the cache is too large. */
  put(hash: string, side: number, data: Uint8Array): void {
    this.#trying((db) => {
      const old = db.write((w) => {
        const before = w.one<{ bytes: number }>('SELECT bytes FROM thumbnail WHERE hash = ? AND side = ?', [
          hash,
          side,
        ]);
        const sql = 'INSERT OR REPLACE INTO thumbnail (hash, side, data, bytes, used) VALUES (?, ?, ?, ?, ?)';
        w.run(sql, [hash, side, data, data.byteLength, ++this.#clock]);
        return before?.bytes ?? 0;
      });
      this.#bytes += data.byteLength - old;
      if (this.#bytes > this.#limit) this.#shrink(db, this.#limit * 0.9);
    });
  }

  #trying<T>(work: (db: Driver) => T): T | null {
    if (this.#closed) return null;
    try {
      return work((this.#db ??= this.#open()));
    } catch (error) {
      const { code } = fromFileError(error, this.#file);
      if (code === 'project-damaged' || code === 'internal') this.#beginAnew();
      return null; // a full disk, say, which the next edit meets and tells of
    }
  }

  #open(): Driver {
    mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    const db = new Driver(this.#file, { create: true });
    try {
      db.exec('PRAGMA journal_mode = WAL');
      db.exec('PRAGMA synchronous = OFF');
      db.exec(schema);
      const sql = 'SELECT sum(bytes) AS bytes, CAST(max(used) AS INTEGER) AS used FROM thumbnail';
      const row = db.one<{ bytes: number | null; used: number | null }>(sql);
      this.#bytes = row?.bytes ?? 0;
      this.#clock = row?.used ?? 0;
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  #beginAnew(): void {
    this.#db?.close();
    this.#db = null;
    try {
      for (const part of ['', '-wal', '-shm']) rmSync(`${this.#file}${part}`, { force: true });
    } catch {
      // It stays as it is: everything here goes on without it.
    }
  }

  #touch(db: Driver, hash: string, side: number): void {
    db.write((w) => w.run('UPDATE thumbnail SET used = ? WHERE hash = ? AND side = ?', [++this.#clock, hash, side]));
  }

  #shrink(db: Driver, target: number): void {
    let bytes = this.#bytes;
    db.write((w) => {
      while (bytes > target) {
        const oldest = w.all<{ used: number; bytes: number }>(
          'SELECT used, bytes FROM thumbnail ORDER BY used LIMIT 64',
        );
        if (oldest.length === 0) break;
        for (const row of oldest) {
          if (bytes <= target) break;
          w.run('DELETE FROM thumbnail WHERE used = ?', [row.used]);
          bytes -= row.bytes;
        }
      }
    });
    this.#bytes = bytes;
  }

  close(): void {
    this.#closed = true;
    this.#db?.close();
  }
}
