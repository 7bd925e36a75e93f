// Edits of labels: what a person does to an image, checked, and recorded as one change set.
import { saying, StudioError } from '../../shared/errors.ts';
import { clip } from '../../shared/geometry.ts';
import type { Box, Size } from '../../shared/geometry.ts';
import type { Split } from '../../shared/labels.ts';
import type { Driver, ReadDb, WriteDb } from './driver.ts';
import { ChangeSet, lastSeq, newBoxId } from './record.ts';
import type { Undoable } from './record.ts';
import { copyState, loadState } from './state.ts';
import type { BoxValue, ImageState } from './state.ts';
import { splits, statuses } from './types.ts';
import type { Actor, Status } from './types.ts';

/** One change of an image's labels. Boxes are clipped to the image; one without area is refused. */
export type LabelOp =
  | { type: 'add'; id?: string; classId: number; box: Box; crowd?: boolean; ignore?: boolean }
  | { type: 'update'; id: string; classId?: number; box?: Box; crowd?: boolean; ignore?: boolean }
  | { type: 'remove'; id: string }
  | { type: 'accept'; id: string }
  | { type: 'reject'; id: string }
  | { type: 'status'; status: Status }
  /** null goes back to the split that the content hash gives. */
  | { type: 'split'; split: Split | null };

/** What is to be done to one image. */
export interface ImageEdit {
  image: number;
  ops: readonly LabelOp[];
}

/** How an edit is recorded. */
export interface EditOptions {
  /** Stable key of what is done: `draw`, `move`, `relabel`, `delete` … */
  action: string;
  /** Default `own`: undone by itself. */
  undoable?: Undoable;
}

const flagCrowd = 1;
const flagIgnore = 2;

/** Flags of a box as stored. */
export const flagsOf = (crowd: boolean | undefined, ignore: boolean | undefined): number =>
  (crowd ? flagCrowd : 0) | (ignore ? flagIgnore : 0);

const changeFlag = (flags: number, bit: number, on: boolean | undefined): number =>
  on === undefined ? flags : on ? flags | bit : flags & ~bit;

/**
 * Makes the edits as one change set that is on disk when this returns.
 * @returns its number, or the newest number there is when nothing changed
 * @throws StudioError argument-invalid for an unknown image, class or box, or a box without area; nothing is changed then
 */
export function editImages(db: Driver, actor: Actor, edits: readonly ImageEdit[], options: EditOptions): number {
  return db.write((w) => {
    const before = lastSeq(w);
    const set = new ChangeSet(w, { actor, action: options.action, undoable: options.undoable ?? 'own' });
    for (const edit of edits) {
      const current = loadState(w, edit.image);
      const target = applyOps(w, edit.image, current, edit.ops);
      set.image(edit.image, current, target);
    }
    if (!set.empty) return set.finish();
    w.run('DELETE FROM change_set WHERE seq = ?', [set.seq]);
    return before;
  });
}

function applyOps(db: WriteDb, image: number, current: ImageState, ops: readonly LabelOp[]): ImageState {
  const size = sizeOf(db, image);
  const state = copyState(current);
  for (const op of ops) applyOp(db, state, op, size);
  if (!ops.some((op) => op.type === 'status')) state.status = automaticStatus(current, state);
  return state;
}

function applyOp(db: ReadDb, state: ImageState, op: LabelOp, size: Size): void {
  if (op.type === 'status') state.status = statuses.indexOf(op.status);
  else if (op.type === 'split') state.splitChosen = op.split === null ? null : splits.indexOf(op.split);
  else if (op.type === 'add') addBox(db, state, op, size);
  else changeBox(db, state, op, size);
}

function addBox(db: ReadDb, state: ImageState, op: Extract<LabelOp, { type: 'add' }>, size: Size): void {
  const id = op.id ?? newBoxId();
  if (state.boxes.has(id)) {
    throw new StudioError('argument-invalid', `Box ${id} is already on this image. Every new box needs its own id.`);
  }
  requireClass(db, op.classId);
  const box = checkedBox(op.box, size);
  const flags = flagsOf(op.crowd, op.ignore);
  state.boxes.set(id, [op.classId, box.x1, box.y1, box.x2, box.y2, flags, 0, null, nextPosition(state)]);
}

/** The drawing order of a box that is added now. */
export function nextPosition(state: ImageState): number {
  let last = -1;
  for (const box of state.boxes.values()) last = Math.max(last, box[8]);
  return last + 1;
}

type Change = Exclude<LabelOp, { type: 'add' | 'status' | 'split' }>;

function changeBox(db: ReadDb, state: ImageState, op: Change, size: Size): void {
  const old = state.boxes.get(op.id);
  if (!old) throw saying('argument-invalid', 'box.gone', { id: op.id });
  if (op.type === 'remove' || op.type === 'reject') state.boxes.delete(op.id);
  else if (op.type === 'accept') state.boxes.set(op.id, withState(old, 0));
  else state.boxes.set(op.id, updated(db, old, op, size));
}

const withState = (b: BoxValue, state: number): BoxValue => [b[0], b[1], b[2], b[3], b[4], b[5], state, b[7], b[8]];

function updated(db: ReadDb, old: BoxValue, op: Extract<LabelOp, { type: 'update' }>, size: Size): BoxValue {
  if (op.classId !== undefined) requireClass(db, op.classId);
  const box = op.box ? checkedBox(op.box, size) : { x1: old[1], y1: old[2], x2: old[3], y2: old[4] };
  const flags = changeFlag(changeFlag(old[5], flagCrowd, op.crowd), flagIgnore, op.ignore);
  return [op.classId ?? old[0], box.x1, box.y1, box.x2, box.y2, flags, old[6], old[7], old[8]];
}

function requireClass(db: ReadDb, id: number): void {
  if (db.one('SELECT id FROM class WHERE id = ?', [id])) return;
  throw saying('argument-invalid', 'class.gone', { id: String(id) });
}

function sizeOf(db: ReadDb, image: number): Size {
  return db.one<Size>('SELECT width, height FROM image WHERE id = ?', [image]) ?? { width: 0, height: 0 };
}

/** The box clipped to the image; an image whose size isn't known yet clips nothing. */
function checkedBox(box: Box, size: Size): Box {
  const inside = size.width > 0 ? clip(box, size) : box;
  const ok = Object.values(inside).every(Number.isFinite) && inside.x2 > inside.x1 && inside.y2 > inside.y1;
  if (ok) return inside;
  const text = `(${box.x1}, ${box.y1}) to (${box.x2}, ${box.y2})`;
  const pixels = { width: String(size.width), height: String(size.height) };
  throw saying('argument-invalid', 'box.noArea', { corners: text, ...pixels });
}

const count = (state: ImageState, kind: number): number => {
  let n = 0;
  for (const box of state.boxes.values()) if (box[6] === kind) n++;
  return n;
};

/** The status that follows from what is on the image, when nobody sets one: reviewed stays, drawing ends new, suggested and skipped. */
export function automaticStatus(before: ImageState, after: ImageState): number {
  const [isNew, suggested, labelled, reviewed, skipped] = [0, 1, 2, 3, 4];
  const labels = count(after, 0);
  const labelsBefore = count(before, 0);
  if (after.status === reviewed) return reviewed;
  if (after.status === skipped && labels <= labelsBefore) return skipped;
  if (labels > 0) return labelled;
  if (before.status === labelled && labelsBefore === 0) return labelled; // known to be empty
  return count(after, 1) > 0 ? suggested : isNew;
}
