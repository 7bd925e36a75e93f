// Schema 2: text search, perceptual hashes, the last model's uncertainty, and training runs tied to the labels they used.
import type { WriteDb } from '../driver.ts';

const steps = [
  `ALTER TABLE image ADD COLUMN search TEXT NOT NULL DEFAULT ''`,
  `ALTER TABLE image ADD COLUMN phash TEXT`,
  `ALTER TABLE image ADD COLUMN uncertainty REAL`,
  `CREATE INDEX image_uncertainty ON image (uncertainty)`,
  `CREATE TABLE run (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, name TEXT NOT NULL, note TEXT NOT NULL, folder TEXT NOT NULL,
    status TEXT NOT NULL, snapshot INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER,
    config TEXT NOT NULL, metrics TEXT NOT NULL) STRICT`,
];

/** Brings schema 1 to 2; SQLite's lower() knows only ASCII, so the searchable text is made here. */
export function migrateTo2(db: WriteDb): void {
  for (const sql of steps) db.run(sql);
  for (const { id, path } of db.all<{ id: number; path: string }>('SELECT id, path FROM image')) {
    db.run('UPDATE image SET search = ? WHERE id = ?', [path.normalize('NFC').toLowerCase(), id]);
  }
}
