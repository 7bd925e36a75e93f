// The thumbnail cache: pictures by content hash in a database of their own, bounded in size, the longest unused dropped first.
import { Driver } from './driver.ts';

/** How large the cache may grow, in bytes of pictures. */
const defaultThumbnailLimit = 512 * 1024 * 1024;

const schema = `CREATE TABLE IF NOT EXISTS thumbnail (hash TEXT NOT NULL, side INTEGER NOT NULL, data BLOB NOT NULL,
    bytes INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (hash, side));
  CREATE INDEX IF NOT EXISTS thumbnail_used ON thumbnail (used, bytes);`;

/** A cache of small pictures. Losing it costs time, never data, so it is written without waiting for the disk. */
export class ThumbnailCache {
  readonly #db: Driver;
  readonly #limit: number;
  #bytes: number;
  #clock: number;

  /** @param file the cache's database, made when absent */
  constructor(file: string, limit: number = defaultThumbnailLimit) {
    this.#limit = limit;
    this.#db = new Driver(file, { create: true });
    this.#db.exec('PRAGMA journal_mode = WAL');
    this.#db.exec('PRAGMA synchronous = OFF');
    this.#db.exec(schema);
    const row = this.#db.one<{ bytes: number | null; used: number | null }>(
      'SELECT sum(bytes) AS bytes, max(used) AS used FROM thumbnail',
    );
    this.#bytes = row?.bytes ?? 0;
    this.#clock = row?.used ?? 0;
  }

  /** Bytes of pictures that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The picture of an image's content at a size (longer side in pixels), or null. */
  get(hash: string, side: number): Uint8Array | null {
    const row = this.#db.one<{ data: ArrayBuffer; used: number }>(
      'SELECT data, used FROM thumbnail WHERE hash = ? AND side = ?',
      [hash, side],
    );
    if (!row) return null;
    if (this.#clock - row.used > 1000) this.#touch(hash, side); // not at every look: reading stays reading
    return new Uint8Array(row.data);
  }

  /** Keeps a picture, and drops the longest unused ones while the cache is too large. */
  put(hash: string, side: number, data: Uint8Array): void {
    this.#db.write((w) => {
      const old = w.one<{ bytes: number }>('SELECT bytes FROM thumbnail WHERE hash = ? AND side = ?', [hash, side]);
      const sql = 'INSERT OR REPLACE INTO thumbnail (hash, side, data, bytes, used) VALUES (?, ?, ?, ?, ?)';
      w.run(sql, [hash, side, data, data.byteLength, ++this.#clock]);
      this.#bytes += data.byteLength - (old?.bytes ?? 0);
    });
    if (this.#bytes > this.#limit) this.#shrink(this.#limit * 0.9);
  }

  #touch(hash: string, side: number): void {
    this.#db.write((w) =>
      w.run('UPDATE thumbnail SET used = ? WHERE hash = ? AND side = ?', [++this.#clock, hash, side]),
    );
  }

  #shrink(target: number): void {
    this.#db.write((w) => {
      while (this.#bytes > target) {
        const oldest = w.all<{ used: number; bytes: number }>(
          'SELECT used, bytes FROM thumbnail ORDER BY used LIMIT 64',
        );
        if (oldest.length === 0) break;
        for (const row of oldest) {
          if (this.#bytes <= target) break;
          w.run('DELETE FROM thumbnail WHERE used = ?', [row.used]);
          this.#bytes -= row.bytes;
        }
      }
    });
  }

  close(): void {
    this.#db.close();
  }
}
