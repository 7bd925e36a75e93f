// The history read and walked: undo, redo, any earlier state, an image's timeline, checkpoints.
import { StudioError } from '../../shared/errors.ts';
import type { Driver, ReadDb, WriteDb } from './driver.ts';
import { ChangeSet, lastSeq } from './record.ts';
import type { SetInfo } from './record.ts';
import { diffMaps, inDrawingOrder, loadState, loadStates, patchMap, patchState } from './state.ts';
import type { ChangeBody, ClassValue, ImageState } from './state.ts';
import type { Actor, AuthorKind } from './types.ts';

/** One change set, as a list shows it. */
export interface HistoryEntry {
  /** Number of the change set; grows with time. */
  seq: number;
  /** Milliseconds since 1970. */
  at: number;
  author: AuthorKind;
  who: string;
  tool: string;
  version: string;
  action: string;
  /** A checkpoint's name, an import's file; often ''. */
  label: string;
  /** How many images and boxes it touches. */
  images: number;
  boxes: number;
  /** Taken back by undo, so redo would bring it again. */
  undone: boolean;
}

/** What undo or redo did. */
export interface UndoResult {
  /** The change set it appended. */
  seq: number;
  /** First and last change set that were taken back or brought again. */
  first: number;
  last: number;
  /** Images it touched, at most 100 of them. */
  images: number[];
}

/** Image ids touched by the change sets from `first` to `last`. */
export const touchedImages = (db: ReadDb, first: number, last: number): number[] =>
  db.ids('SELECT group_concat(DISTINCT image) FROM change WHERE seq BETWEEN ? AND ? AND image > 0', [first, last]);

/** What the change sets from `first` to `last` did to an image (0: to the classes), oldest first. */
export function bodiesOf(db: ReadDb, image: number, first: number, last: number): ChangeBody[] {
  // As one text: a row for each would be slower, and held until the event loop turns.
  const sql = `SELECT group_concat(body) FROM
    (SELECT body FROM change WHERE image = ? AND seq BETWEEN ? AND ? ORDER BY seq)`;
  return db.json<ChangeBody>(sql, [image, first, last]);
}

/** All classes as values, by id. */
export function loadClasses(db: ReadDb): Map<number, ClassValue> {
  type Row = { id: number; uid: string; name: string; color: string; key: string | null; position: number };
  const rows = db.all<Row>('SELECT * FROM class ORDER BY position, id');
  return new Map(rows.map((r) => [r.id, [r.uid, r.name, r.color, r.key, r.position]]));
}

/** Images whose labels are in memory at once: an import that is taken back may have touched a hundred thousand. */
const atOnce = 250;

/** Brings everything that some change sets touched to its state before or after them, as a new change set. */
function replay(
  w: WriteDb,
  range: { first: number; last: number },
  side: 'before' | 'after',
  info: SetInfo,
): ChangeSet {
  const set = new ChangeSet(w, info);
  const images = touchedImages(w, range.first, range.last);
  const classSteps = bodiesOf(w, 0, range.first, range.last).flatMap((b) => b.classes ?? []);
  const classes = loadClasses(w);
  const target = new Map(classes);
  patchMap(target, classSteps, side);
  for (let start = 0; start < images.length; start += atOnce) {
    for (const [image, current] of loadStates(w, images.slice(start, start + atOnce))) {
      set.image(image, current, patchState(current, bodiesOf(w, image, range.first, range.last), side), true);
    }
  }
  // A class that some box still has can't go: suggestions may have arrived since.
  for (const [id, value] of classes) if (!target.has(id) && isUsed(w, id)) target.set(id, value);
  set.classes(diffMaps(classes, target));
  return set;
}

function isUsed(db: ReadDb, classId: number): boolean {
  if (db.one('SELECT 1 AS n FROM image_class WHERE class = ? LIMIT 1', [classId])) return true;
  const sql = `SELECT 1 AS n FROM image i JOIN box b ON b.image = i.id WHERE i.suggestions > 0 AND b.class = ? LIMIT 1`;
  return db.one(sql, [classId]) !== undefined;
}

/** Takes the newest edit back that isn't taken back yet; null when there is none. */
export function undo(db: Driver, actor: Actor): UndoResult | null {
  return step(db, actor, 'undo', 'SELECT id, first, last FROM undo_entry WHERE undone = 0 ORDER BY id DESC LIMIT 1');
}

/** Brings the edit again that was taken back last; null when there is none. */
export function redo(db: Driver, actor: Actor): UndoResult | null {
  return step(db, actor, 'redo', 'SELECT id, first, last FROM undo_entry WHERE undone = 1 ORDER BY id LIMIT 1');
}

function step(db: Driver, actor: Actor, action: 'undo' | 'redo', sql: string): UndoResult | null {
  return db.write((w) => {
    const entry = w.one<{ id: number; first: number; last: number }>(sql);
    if (!entry) return null;
    const set = replay(w, entry, action === 'undo' ? 'before' : 'after', { actor, action, undoable: 'never' });
    w.run('UPDATE undo_entry SET undone = ? WHERE id = ?', [action === 'undo' ? 1 : 0, entry.id]);
    const images = touchedImages(w, entry.first, entry.last).slice(0, 100);
    return { seq: set.finish(), first: entry.first, last: entry.last, images };
  });
}

/** Whether there is something to undo, and to redo. */
export function undoState(db: ReadDb): { canUndo: boolean; canRedo: boolean } {
  const has = (undone: number): boolean =>
    db.one('SELECT 1 AS n FROM undo_entry WHERE undone = ? LIMIT 1', [undone]) !== undefined;
  return { canUndo: has(0), canRedo: has(1) };
}

/** Takes back the change sets from `first` to `last`, which then aren't on the undo stack any more: a cancelled import. */
export function takeBack(db: Driver, actor: Actor, first: number, last: number): void {
  db.write((w) => {
    replay(w, { first, last }, 'before', { actor, action: 'cancel', undoable: 'never' }).finish();
    w.run('DELETE FROM undo_entry WHERE first >= ? AND last <= ?', [first, last]);
  });
}

/**
 * Brings the whole project back to its state right after change set `seq` (0: the beginning), as a change that can itself be undone.
 * @throws StudioError argument-invalid when there is no such change set
 */
export function restore(db: Driver, actor: Actor, seq: number): number {
  requireSeq(db, seq);
  return db.write((w) => {
    const range = { first: seq + 1, last: lastSeq(w) };
    return replay(w, range, 'before', { actor, action: 'restore', label: String(seq), undoable: 'own' }).finish();
  });
}

/** Brings one image back to its state right after change set `seq`, as a change that can itself be undone. */
export function restoreImage(db: Driver, actor: Actor, image: number, seq: number): number {
  requireSeq(db, seq);
  return db.write((w) => {
    const current = loadState(w, image);
    const set = new ChangeSet(w, { actor, action: 'restore', label: String(seq), undoable: 'own' });
    set.image(image, current, withKnownClasses(w, stateAt(w, image, seq)), true);
    return set.finish();
  });
}

/** Boxes of classes that were deleted meanwhile can't come back alone: they are left out. */
function withKnownClasses(db: ReadDb, state: ImageState): ImageState {
  const known = loadClasses(db);
  const boxes = new Map([...state.boxes].filter(([, box]) => known.has(box[0])));
  return { ...state, boxes };
}

function requireSeq(db: ReadDb, seq: number): void {
  const last = lastSeq(db);
  if (Number.isInteger(seq) && seq >= 0 && seq <= last) return;
  throw new StudioError('argument-invalid', `There is no change ${seq}: choose one from 0 (the beginning) to ${last}.`);
}

/** What was on an image right after change set `seq`. */
export function stateAt(db: ReadDb, image: number, seq: number): ImageState {
  const later = bodiesOf(db, image, seq + 1, Number.MAX_SAFE_INTEGER);
  return inDrawingOrder(patchState(loadState(db, image), later, 'before'));
}

/** The classes right after change set `seq`, by id. */
export function classesAt(db: ReadDb, seq: number): Map<number, ClassValue> {
  const classes = loadClasses(db);
  const steps = bodiesOf(db, 0, seq + 1, Number.MAX_SAFE_INTEGER).flatMap((b) => b.classes ?? []);
  patchMap(classes, steps, 'before');
  return new Map([...classes].sort((a, b) => a[1][4] - b[1][4] || a[0] - b[0]));
}

/** Which change sets to list. */
export interface HistoryQuery {
  /** Only those that touch this image. */
  image?: number;
  /** Only those before this one: continues a listing. */
  before?: number;
  /** Only of this action, such as `checkpoint`. */
  action?: string;
  limit: number;
}

/** Change sets, newest first. */
export function listHistory(db: ReadDb, query: HistoryQuery): HistoryEntry[] {
  const undone = 'EXISTS (SELECT 1 FROM undo_entry u WHERE u.undone = 1 AND s.seq BETWEEN u.first AND u.last)';
  const sql = `SELECT s.seq, s.at, s.author, s.who, s.tool, s.version, s.action, s.label, s.images, s.boxes,
    ${undone} AS undone FROM change_set s WHERE s.seq < ?
    ${query.action === undefined ? '' : 'AND s.action = ?'}
    ${query.image === undefined ? '' : 'AND s.seq IN (SELECT seq FROM change WHERE image = ?)'}
    ORDER BY s.seq DESC LIMIT ?`;
  const before = query.before ?? Number.MAX_SAFE_INTEGER;
  const params = [before, ...(query.action === undefined ? [] : [query.action])];
  const rows = db.all<Omit<HistoryEntry, 'undone'> & { undone: number }>(sql, [
    ...params,
    ...(query.image === undefined ? [] : [query.image]),
    query.limit,
  ]);
  return rows.map((r) => ({ ...r, undone: r.undone === 1 }));
}

/** One step of an image's timeline: who did what, and each box before and after. */
export interface TimelineEntry extends HistoryEntry {
  change: ChangeBody;
}

/** Everything that ever happened to an image, oldest first. */
export function timeline(db: ReadDb, image: number): TimelineEntry[] {
  const entries = listHistory(db, { image, limit: 1_000_000 }).reverse();
  const bodies = bodiesOf(db, image, 0, Number.MAX_SAFE_INTEGER); // one per entry, in the same order
  return entries.map((entry, i) => ({ ...entry, change: bodies[i]! }));
}

/** Names the present state, to go back to with {@link restore}. */
export function makeCheckpoint(db: Driver, actor: Actor, name: string): number {
  return db.write((w) => new ChangeSet(w, { actor, action: 'checkpoint', label: name, undoable: 'never' }).finish());
}
