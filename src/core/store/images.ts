// The catalogue of images: rows with facts about each file, and the objects on one image with who made them.
import { saying, StudioError } from '../../shared/errors.ts';
import type { SplitShares } from '../../shared/splits.ts';
import type { Split } from '../../shared/labels.ts';
import type { Driver, ReadDb, WriteDb } from './driver.ts';
import { readShares, writeMeta } from './meta.ts';
import { naturalKey, searchText } from '../files/naturalKey.ts';
import { splitIndex } from './record.ts';
import { splits, statuses } from './types.ts';
import type { AuthorKind, ImageFacts, Status, StoredBox } from './types.ts';

/** One image, as a list shows it. */
export interface ImageRow {
  id: number;
  /** Relative to the project's image root, `/` as separator. */
  path: string;
  /** Upright size in pixels; 0 until the file has been read. */
  width: number;
  height: number;
  /** EXIF orientation, 1 to 8. */
  orientation: number;
  /** SHA-256 of the file in hex; '' until the file has been read. */
  hash: string;
  /** When the file was last changed, milliseconds since 1970. */
  modified: number;
  status: Status;
  /** Null until the file has been read. */
  split: Split | null;
  /** A person chose the split; otherwise the content hash did. */
  splitChosen: boolean;
  boxes: number;
  suggestions: number;
  /** Highest score of a suggestion on it. */
  score: number | null;
  uncertainty: number | null;
  /** The file isn't where it was. */
  missing: boolean;
}

interface DbRow {
  id: number;
  path: string;
  width: number;
  height: number;
  orientation: number;
  hash: string;
  modified: number;
  status: number;
  split: number | null;
  split_chosen: number | null;
  boxes: number;
  suggestions: number;
  score: number | null;
  uncertainty: number | null;
  missing: number;
}

const toRow = ({ split_chosen, ...r }: DbRow): ImageRow => ({
  ...r,
  status: statuses[r.status]!,
  split: r.split === null ? null : splits[r.split]!,
  splitChosen: split_chosen !== null,
  missing: r.missing === 1,
});

const columns = `id, path, width, height, orientation, hash, modified, status, split, split_chosen, boxes, suggestions,
  score, uncertainty, missing`;

/** Images by id, in the order asked; ids that don't exist are left out. */
export function imagesById(db: ReadDb, ids: readonly number[]): ImageRow[] {
  const sql = `SELECT ${columns} FROM image WHERE id IN (SELECT value FROM json_each(?))`;
  const byId = new Map(db.all<DbRow>(sql, [JSON.stringify(ids)]).map((r) => [r.id, r]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row ? [toRow(row)] : [];
  });
}

/** The image at a relative path, or null. */
export function imageByPath(db: ReadDb, path: string): ImageRow | null {
  const row = db.one<DbRow>(`SELECT ${columns} FROM image WHERE path = ?`, [path]);
  return row ? toRow(row) : null;
}

/** A box on an image, with who first drew it and when it was touched. */
export interface LabelledBox extends StoredBox {
  author: AuthorKind;
  who: string;
  tool: string;
  version: string;
  /** Milliseconds since 1970. */
  madeAt: number;
  changedAt: number;
}

/** The boxes on an image, labels and suggestions, in drawing order. */
export function boxesOf(db: ReadDb, image: number): LabelledBox[] {
  const rows = db.all<Record<'x1' | 'y1' | 'x2' | 'y2' | 'flags' | 'state' | 'class', number> & LabelledBox>(
    `SELECT b.*, m.author, m.who, m.tool, m.version, m.at AS madeAt, c.at AS changedAt FROM box b
     JOIN change_set m ON m.seq = b.made JOIN change_set c ON c.seq = b.changed
     WHERE b.image = ? ORDER BY b.position, b.id`,
    [image],
  );
  return rows.map((r) => ({
    id: r.id,
    classId: r.class,
    box: { x1: r.x1, y1: r.y1, x2: r.x2, y2: r.y2 },
    crowd: (r.flags & 1) !== 0,
    ignore: (r.flags & 2) !== 0,
    suggestion: r.state === 1,
    score: r.score,
    made: r.made,
    changed: r.changed,
    author: r.author,
    who: r.who,
    tool: r.tool,
    version: r.version,
    madeAt: r.madeAt,
    changedAt: r.changedAt,
  }));
}

/** An image to be taken into the project; without facts it is listed, and read later. */
export interface NewImage {
  /** Relative to the image root, `/` as separator. */
  path: string;
  facts?: ImageFacts;
}

const insertSql = `INSERT INTO image (path, name_key, search, hash, width, height, orientation, bytes, modified, phash, split, added)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO NOTHING`;

/** Takes one image into the catalogue; one that is there already stays as it is. @returns its id */
export function insertImage(w: WriteDb, { path, facts }: NewImage): number {
  const key = naturalKey(path);
  const split = splitIndex(w, facts?.hash ?? '', null);
  const seen = facts ?? { hash: '', width: 0, height: 0, orientation: 1, bytes: 0, modified: 0 };
  const { hash, width, height, orientation, bytes, modified } = seen;
  const phash = facts?.perceptualHash ?? null;
  const values = [
    path,
    key,
    searchText(path),
    hash,
    width,
    height,
    orientation,
    bytes,
    Math.round(modified),
    phash,
    split,
  ];
  w.run(insertSql, [...values, Date.now()]);
  return w.one<{ id: number }>('SELECT id FROM image WHERE path = ?', [path])!.id;
}

/** Takes images into the catalogue in one transaction. @returns how many were new */
export function addImages(db: Driver, images: readonly NewImage[]): number {
  return db.write((w) => {
    const count = (): number => w.one<{ n: number }>('SELECT count(*) AS n FROM image')!.n;
    const before = count();
    for (const image of images) insertImage(w, image);
    return count() - before;
  });
}

/** Notes what was found out about image files. Labels stay even when the content changed. */
export function setFacts(db: Driver, items: readonly { image: number; facts: ImageFacts }[]): void {
  db.write((w) => items.forEach(({ image, facts }) => updateFacts(w, image, facts)));
}

/** {@link setFacts} for one image, inside a transaction. */
export function updateFacts(w: WriteDb, image: number, facts: ImageFacts): void {
  const chosen = w.one<{ split_chosen: number | null }>('SELECT split_chosen FROM image WHERE id = ?', [image]);
  if (!chosen) throw saying('argument-invalid', 'image.gone', { image: String(image) });
  w.run(
    `UPDATE image SET hash = ?, width = ?, height = ?, orientation = ?, bytes = ?, modified = ?, phash = ?, split = ?,
     missing = 0 WHERE id = ?`,
    [
      facts.hash,
      facts.width,
      facts.height,
      facts.orientation,
      facts.bytes,
      Math.round(facts.modified),
      facts.perceptualHash ?? null,
      splitIndex(w, facts.hash, chosen.split_chosen),
      image,
    ],
  );
}

/** Images whose file hasn't been read yet, at most `limit`. */
export const unreadImages = (db: ReadDb, limit: number): { id: number; path: string }[] =>
  db.all("SELECT id, path FROM image WHERE hash = '' AND missing = 0 ORDER BY id LIMIT ?", [limit]);

/** Notes the model's uncertainty about images, 0 to 1. */
export function setUncertainty(db: Driver, items: readonly { image: number; uncertainty: number }[]): void {
  db.write((w) => {
    for (const item of items) w.run('UPDATE image SET uncertainty = ? WHERE id = ?', [item.uncertainty, item.image]);
  });
}

/** Deals all images that nobody placed by hand over the splits by content hash. */
export function assignSplits(db: Driver, shares: SplitShares): void {
  if (!(shares.val >= 0 && shares.test >= 0 && shares.val + shares.test <= 1)) {
    const text = `validation ${shares.val}, test ${shares.test}`;
    throw new StudioError(
      'argument-invalid',
      `Shares of ${text} are not possible: each from 0 to 1, together at most 1.`,
    );
  }
  db.write((w) => {
    writeMeta(w, 'shares', JSON.stringify(shares));
    const sql = "SELECT id, hash, split FROM image WHERE split_chosen IS NULL AND hash <> ''";
    for (const row of w.all<{ id: number; hash: string; split: number | null }>(sql)) {
      const split = splitIndex(w, row.hash, null);
      if (split !== row.split) w.run('UPDATE image SET split = ? WHERE id = ?', [split, row.id]);
    }
  });
}

/** The shares in force. */
export const sharesOf = (db: ReadDb): SplitShares => readShares(db);

/** How many images there are, by status, and what is on them. */
export interface ProjectCounts {
  images: number;
  byStatus: Record<Status, number>;
  boxes: number;
  suggestions: number;
  missing: number;
}

/** Counts over the whole project. */
export function countImages(db: ReadDb): ProjectCounts {
  const rows = db.all<{ status: number; n: number; boxes: number; suggestions: number; missing: number }>(
    `SELECT status, count(*) AS n, sum(boxes) AS boxes, sum(suggestions) AS suggestions, sum(missing) AS missing
     FROM image GROUP BY status`,
  );
  const total = (pick: (r: (typeof rows)[number]) => number): number => rows.reduce((sum, r) => sum + pick(r), 0);
  const of = (index: number): number => rows.find((r) => r.status === index)?.n ?? 0;
  return {
    images: total((r) => r.n),
    byStatus: { new: of(0), suggested: of(1), labelled: of(2), reviewed: of(3), skipped: of(4) },
    boxes: total((r) => r.boxes),
    suggestions: total((r) => r.suggestions),
    missing: total((r) => r.missing),
  };
}
