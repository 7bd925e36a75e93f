// Schema 1: images, classes, boxes, and the history that they are derived from. Never edited: a change is a new migration.
import type { WriteDb } from '../driver.ts';

const tables = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE class (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    color TEXT NOT NULL, key TEXT, position INTEGER NOT NULL) STRICT`,
  `CREATE TABLE image (
    id INTEGER PRIMARY KEY, status INTEGER NOT NULL DEFAULT 0, split INTEGER, split_chosen INTEGER,
    boxes INTEGER NOT NULL DEFAULT 0, suggestions INTEGER NOT NULL DEFAULT 0, score REAL, sizes INTEGER NOT NULL DEFAULT 0,
    missing INTEGER NOT NULL DEFAULT 0, width INTEGER NOT NULL, height INTEGER NOT NULL, orientation INTEGER NOT NULL,
    bytes INTEGER NOT NULL, modified INTEGER NOT NULL, added INTEGER NOT NULL,
    path TEXT NOT NULL UNIQUE, name_key TEXT NOT NULL, hash TEXT NOT NULL) STRICT`,
  `CREATE INDEX image_name ON image (name_key)`,
  `CREATE INDEX image_modified ON image (modified)`,
  `CREATE INDEX image_hash ON image (hash)`,
  `CREATE INDEX image_state ON image (status, split)`,
  `CREATE TABLE box (
    image INTEGER NOT NULL, id TEXT NOT NULL, class INTEGER NOT NULL,
    x1 REAL NOT NULL, y1 REAL NOT NULL, x2 REAL NOT NULL, y2 REAL NOT NULL,
    flags INTEGER NOT NULL, state INTEGER NOT NULL, score REAL, position INTEGER NOT NULL,
    made INTEGER NOT NULL, changed INTEGER NOT NULL, PRIMARY KEY (image, id)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE image_class (
    class INTEGER NOT NULL, image INTEGER NOT NULL, boxes INTEGER NOT NULL,
    PRIMARY KEY (class, image)) STRICT, WITHOUT ROWID`,
  `CREATE INDEX image_class_image ON image_class (image, class, boxes)`,
  `CREATE TABLE change_set (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, who TEXT NOT NULL,
    author TEXT NOT NULL, tool TEXT NOT NULL, version TEXT NOT NULL, action TEXT NOT NULL, label TEXT NOT NULL,
    images INTEGER NOT NULL DEFAULT 0, boxes INTEGER NOT NULL DEFAULT 0) STRICT`,
  `CREATE TABLE change (
    id INTEGER PRIMARY KEY, seq INTEGER NOT NULL REFERENCES change_set (seq), image INTEGER NOT NULL,
    body TEXT NOT NULL) STRICT`,
  `CREATE UNIQUE INDEX change_seq ON change (seq, image)`,
  `CREATE INDEX change_image ON change (image, seq)`,
  `CREATE TABLE undo_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL, last INTEGER NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0) STRICT`,
];

/** Creates schema 1 in an empty database. */
export function migrateTo1(db: WriteDb): void {
  for (const sql of tables) db.run(sql);
}
