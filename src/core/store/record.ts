// The write path: appends change sets to the history and keeps the derived tables in step, in the same transaction.
import { randomBytes, randomUUID } from 'node:crypto';
import type { ReadDb, WriteDb } from './driver.ts';
import { splits } from './types.ts';
import type { Actor } from './types.ts';
import { splitByHash } from '../../shared/splits.ts';
import { readShares } from './meta.ts';
import type { BoxValue, ChangeBody, ClassValue, ImageState, Step } from './state.ts';
import { diffStates, joinBodies } from './state.ts';

/** Whether undo takes a change back by itself, together with the one before it, or not at all. */
export type Undoable = 'own' | 'join' | 'never';

/** What a change set says about itself. */
export interface SetInfo {
  actor: Actor;
  /** Stable key of what was done: `draw`, `move`, `import`, `undo` … */
  action: string;
  /** Free text for people, such as a checkpoint's name. */
  label?: string;
  undoable: Undoable;
  /** Given when a set from another copy is taken over. */
  uid?: string;
  at?: number;
}

const idPrefix = randomBytes(8).toString('base64url');
let idCount = 0;

/** A box id that no other box of any copy has; shorter than a UUID, for imports of millions. */
export const newBoxId = (): string => `${idPrefix}${(idCount++).toString(36)}`;

/** One open change set: collects what it does to each image, in one transaction. */
export class ChangeSet {
  readonly seq: number;
  readonly #db: WriteDb;
  readonly #info: SetInfo;
  readonly #noted = new Set<number>();
  #boxes = 0;
  #classes = 0;

  constructor(db: WriteDb, info: SetInfo) {
    this.#db = db;
    this.#info = info;
    const { actor } = info;
    db.run(
      'INSERT INTO change_set (uid, at, who, author, tool, version, action, label) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      [
        info.uid ?? randomUUID(),
        info.at ?? Date.now(),
        actor.who,
        actor.author,
        actor.tool,
        actor.version ?? '',
        info.action,
        info.label ?? '',
      ],
    );
    this.seq = lastSeq(db);
  }

  /** True while nothing has changed. */
  get empty(): boolean {
    return this.#noted.size + this.#classes === 0;
  }

  /** Brings an image from its present state to another one, and notes the difference; nothing happens when they are equal. */
  image(image: number, current: ImageState, target: ImageState, remembers = false): void {
    const body = diffStates(current, target);
    if (!body) return;
    if (this.#noted.has(image)) this.#noteAgain(image, body);
    else this.#note(image, body);
    this.#noted.add(image);
    this.#boxes += body.boxes?.length ?? 0;
    if (body.boxes) applyBoxes(this.#db, image, this.seq, body.boxes, remembers);
    if (body.split) applySplit(this.#db, image, body.split[1]);
    refreshImage(this.#db, image, target);
  }

  /** Changes classes, and notes the difference. */
  classes(steps: Step<number, ClassValue>[]): void {
    if (steps.length === 0) return;
    this.#note(0, { classes: steps });
    this.#classes += steps.length;
    for (const [id, , after] of steps) applyClass(this.#db, id, after);
  }

  #note(image: number, body: ChangeBody): void {
    this.#db.run('INSERT INTO change (seq, image, body) VALUES (?, ?, ?)', [this.seq, image, JSON.stringify(body)]);
  }

  /** An image that comes twice in one set (a dataset may list it twice) has one note of all its steps. */
  #noteAgain(image: number, body: ChangeBody): void {
    const where = [this.seq, image];
    const [noted] = this.#db.json<ChangeBody>('SELECT body FROM change WHERE seq = ? AND image = ?', where);
    const joined = joinBodies(noted!, body);
    this.#db.run('UPDATE change SET body = ? WHERE seq = ? AND image = ?', [JSON.stringify(joined), ...where]);
  }

  /** Writes the counts, and puts the set on the undo stack when it belongs there. Call once, last. */
  finish(): number {
    this.#db.run('UPDATE change_set SET images = ?, boxes = ? WHERE seq = ?', [
      this.#noted.size,
      this.#boxes,
      this.seq,
    ]);
    if (this.#info.undoable !== 'never' && !this.empty) pushUndo(this.#db, this.seq, this.#info.undoable);
    return this.seq;
  }
}

/** Number of the newest change set, 0 when there is none. */
export const lastSeq = (db: ReadDb): number =>
  db.one<{ seq: number | null }>('SELECT max(seq) AS seq FROM change_set')?.seq ?? 0;

/** Makes undo take the change sets from `first` to `last` back in one go. */
export function pushUndoRange(db: WriteDb, first: number, last: number): void {
  db.run('DELETE FROM undo_entry WHERE undone = 1');
  db.run('INSERT INTO undo_entry (first, last) VALUES (?, ?)', [first, last]);
}

function pushUndo(db: WriteDb, seq: number, undoable: Undoable): void {
  const top = db.one<{ id: number; last: number }>(
    'SELECT id, last FROM undo_entry WHERE undone = 0 ORDER BY id DESC LIMIT 1',
  );
  if (undoable === 'join' && top?.last === seq - 1)
    db.run('UPDATE undo_entry SET last = ? WHERE id = ?', [seq, top.id]);
  else pushUndoRange(db, seq, seq);
}

const upsertBox = `INSERT INTO box (image, id, class, x1, y1, x2, y2, flags, state, score, position, made, changed)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (image, id) DO UPDATE SET class = excluded.class,
  x1 = excluded.x1, y1 = excluded.y1, x2 = excluded.x2, y2 = excluded.y2, flags = excluded.flags,
  state = excluded.state, score = excluded.score, position = excluded.position, changed = excluded.changed`;

function applyBoxes(
  db: WriteDb,
  image: number,
  seq: number,
  steps: readonly Step<string, BoxValue>[],
  remembers: boolean,
): void {
  const gone = steps.filter(([, , after]) => after === null).map(([id]) => id);
  if (gone.length > 0) {
    const sql = 'DELETE FROM box WHERE image = ? AND id IN (SELECT value FROM json_each(?))';
    db.run(sql, [image, JSON.stringify(gone)]);
  }
  const returning = remembers && steps.some(([, before]) => before === null);
  const firstSeen = returning ? firstMade(db, image) : null;
  for (const [id, , after] of steps)
    if (after !== null) db.run(upsertBox, [image, id, ...after, firstSeen?.get(id) ?? seq, seq]);
}

/** For each box that an image ever had, the change set that first drew it: a box that comes back keeps its author. */
function firstMade(db: ReadDb, image: number): Map<string, number> {
  const sql = `SELECT group_concat('[' || seq || ',' || body || ']') FROM
    (SELECT seq, body FROM change WHERE image = ? ORDER BY seq)`;
  const made = new Map<string, number>();
  for (const [seq, { boxes = [] }] of db.json<[number, ChangeBody]>(sql, [image])) {
    for (const [id] of boxes) if (!made.has(id)) made.set(id, seq);
  }
  return made;
}

function applySplit(db: WriteDb, image: number, chosen: number | null): void {
  const hash = db.one<{ hash: string }>('SELECT hash FROM image WHERE id = ?', [image])?.hash ?? '';
  db.run('UPDATE image SET split_chosen = ?, split = ? WHERE id = ?', [chosen, splitIndex(db, hash, chosen), image]);
}

/** The split that counts, as an index: the chosen one, else what the content hash says, else null while that is unknown. */
export function splitIndex(db: ReadDb, hash: string, chosen: number | null): number | null {
  return chosen ?? (hash === '' ? null : splits.indexOf(splitByHash(hash, readShares(db))));
}

function applyClass(db: WriteDb, id: number, value: ClassValue | null): void {
  if (value === null) db.run('DELETE FROM class WHERE id = ?', [id]);
  else {
    const sql = `INSERT INTO class (id, uid, name, color, key, position) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, color = excluded.color, key = excluded.key, position = excluded.position`;
    db.run(sql, [id, ...value]);
  }
}

/** COCO's size kinds as bits: 1 small (under 32 x 32), 2 medium (under 96 x 96), 4 large. */
export const sizeBit = (b: BoxValue): number => {
  const area = (b[3] - b[1]) * (b[4] - b[2]);
  return area < 32 * 32 ? 1 : area < 96 * 96 ? 2 : 4;
};

/** Brings the counts of an image in step with its boxes, so that filters needn't look at boxes. */
export function refreshImage(db: WriteDb, image: number, state: ImageState): void {
  const perClass = new Map<number, number>();
  let labels = 0;
  let sizes = 0;
  let score: number | null = null;
  for (const box of state.boxes.values()) {
    if (box[6] === 1) {
      score = Math.max(score ?? 0, box[7] ?? 0);
      continue;
    }
    labels++;
    sizes |= sizeBit(box);
    perClass.set(box[0], (perClass.get(box[0]) ?? 0) + 1);
  }
  db.run('UPDATE image SET status = ?, boxes = ?, suggestions = ?, score = ?, sizes = ? WHERE id = ?', [
    state.status,
    labels,
    state.boxes.size - labels,
    score,
    sizes,
    image,
  ]);
  refreshClasses(db, image, perClass);
}

function refreshClasses(db: WriteDb, image: number, perClass: ReadonlyMap<number, number>): void {
  const sql = "SELECT group_concat('[' || class || ',' || boxes || ']') AS rows FROM image_class WHERE image = ?";
  const { rows } = db.one<{ rows: string | null }>(sql, [image])!;
  const known = new Map(JSON.parse(`[${rows ?? ''}]`) as [number, number][]);
  for (const id of known.keys()) {
    if (!perClass.has(id)) db.run('DELETE FROM image_class WHERE class = ? AND image = ?', [id, image]);
  }
  const changed = [...perClass].filter(([id, boxes]) => known.get(id) !== boxes);
  if (changed.length === 0) return;
  const insert = `INSERT OR REPLACE INTO image_class (class, image, boxes)
    SELECT value ->> 0, ?, value ->> 1 FROM json_each(?)`;
  db.run(insert, [image, JSON.stringify(changed)]);
}
