// The labels of one image as values: loaded, compared, patched. Every change of labels is a difference of two such states.
import type { ReadDb } from './driver.ts';
import { saying, type StudioError } from '../../shared/errors.ts';

/** One box as history keeps it: class, x1, y1, x2, y2, flags (1 crowd, 2 ignore), state (0 label, 1 suggestion), score, drawing order. */
export type BoxValue = readonly [
  classId: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  flags: number,
  state: number,
  score: number | null,
  position: number,
];

/** One class as history keeps it: global id, name, colour (`#rrggbb`), hotkey, place in the order. */
export type ClassValue = readonly [uid: string, name: string, color: string, key: string | null, position: number];

/** Before and after of one keyed thing; null where it doesn't exist. */
export type Step<Key, Value> = [key: Key, before: Value | null, after: Value | null];

/** What one change set did to one image (or, under image 0, to the classes). Stored as JSON. */
export interface ChangeBody {
  boxes?: Step<string, BoxValue>[];
  /** Index into `statuses`. */
  status?: [before: number, after: number];
  /** Chosen split (index into `splits`); null when the content hash decides. */
  split?: [before: number | null, after: number | null];
  classes?: Step<number, ClassValue>[];
}

/** Everything about an image that history covers. */
export interface ImageState {
  boxes: Map<string, BoxValue>;
  status: number;
  splitChosen: number | null;
}

interface BoxRow {
  id: string;
  class: number;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  flags: number;
  state: number;
  score: number | null;
  position: number;
}

/** A database row as a {@link BoxValue}. */
export const toValue = (r: BoxRow): BoxValue => [
  r.class,
  r.x1,
  r.y1,
  r.x2,
  r.y2,
  r.flags,
  r.state,
  r.score,
  r.position,
];

/** The present labels of an image. @throws StudioError argument-invalid when the project has no such image */
export function loadState(db: ReadDb, image: number): ImageState {
  const row = db.one<{ status: number; split_chosen: number | null }>(
    'SELECT status, split_chosen FROM image WHERE id = ?',
    [image],
  );
  if (!row) throw noImage(image);
  const boxes = new Map<string, BoxValue>();
  for (const box of db.all<BoxRow>('SELECT * FROM box WHERE image = ? ORDER BY position, id', [image])) {
    boxes.set(box.id, toValue(box));
  }
  return { boxes, status: row.status, splitChosen: row.split_chosen };
}

const noImage = (image: number): StudioError => saying('argument-invalid', 'image.gone', { image: String(image) });

/** {@link loadState} of many images at once. @throws StudioError argument-invalid when the project lacks one */
export function loadStates(db: ReadDb, images: readonly number[]): Map<number, ImageState> {
  const list = JSON.stringify(images);
  type Row = { id: number; status: number; split_chosen: number | null };
  const rows = db.all<Row>('SELECT id, status, split_chosen FROM image WHERE id IN (SELECT value FROM json_each(?))', [
    list,
  ]);
  const states = new Map<number, ImageState>(
    rows.map((r) => [r.id, { boxes: new Map<string, BoxValue>(), status: r.status, splitChosen: r.split_chosen }]),
  );
  for (const image of images) if (!states.has(image)) throw noImage(image);
  const sql = 'SELECT * FROM box WHERE image IN (SELECT value FROM json_each(?)) ORDER BY image, position, id';
  for (const box of db.all<BoxRow & { image: number }>(sql, [list])) {
    states.get(box.image)!.boxes.set(box.id, toValue(box));
  }
  return states;
}

/** A copy that can be changed without touching `state`. */
export const copyState = (state: ImageState): ImageState => ({ ...state, boxes: new Map(state.boxes) });

const same = (a: readonly unknown[] | undefined, b: readonly unknown[]): boolean =>
  a !== undefined && a.every((value, i) => value === b[i]);

/** What leads from one map to another, as steps. */
export function diffMaps<Key, Value extends readonly unknown[]>(
  from: ReadonlyMap<Key, Value>,
  to: ReadonlyMap<Key, Value>,
): Step<Key, Value>[] {
  const steps: Step<Key, Value>[] = [];
  for (const [key, before] of from) if (!to.has(key)) steps.push([key, before, null]);
  for (const [key, after] of to) {
    const before = from.get(key);
    if (!same(before, after)) steps.push([key, before ?? null, after]);
  }
  return steps;
}

/** What leads from one state to another; null when nothing does. */
export function diffStates(from: ImageState, to: ImageState): ChangeBody | null {
  const body: ChangeBody = {};
  const boxes = diffMaps(from.boxes, to.boxes);
  if (boxes.length > 0) body.boxes = boxes;
  if (from.status !== to.status) body.status = [from.status, to.status];
  if (from.splitChosen !== to.splitChosen) body.split = [from.splitChosen, to.splitChosen];
  return Object.keys(body).length > 0 ? body : null;
}

/** Sets what the steps touch to its value before (the first step about a key counts) or after them (the last counts). */
export function patchMap<Key, Value>(
  map: Map<Key, Value>,
  steps: readonly Step<Key, Value>[],
  side: 'before' | 'after',
): void {
  const seen = new Set<Key>();
  for (const [key, before, after] of steps) {
    if (side === 'before' && seen.has(key)) continue;
    seen.add(key);
    const value = side === 'before' ? before : after;
    if (value === null) map.delete(key);
    else map.set(key, value);
  }
}

/** The state with everything that `bodies` (oldest first) touch as it was before or after them; the rest stays. */
export function patchState(state: ImageState, bodies: readonly ChangeBody[], side: 'before' | 'after'): ImageState {
  const next = copyState(state);
  patchMap(
    next.boxes,
    bodies.flatMap((b) => b.boxes ?? []),
    side,
  );
  const pick = <T>(steps: [T, T][], otherwise: T): T =>
    side === 'before'
      ? steps[0]
        ? steps[0][0]
        : otherwise
      : steps.length > 0
        ? steps[steps.length - 1]![1]
        : otherwise;
  next.status = pick(
    bodies.flatMap((b) => (b.status ? [b.status] : [])),
    state.status,
  );
  next.splitChosen = pick<number | null>(
    bodies.flatMap((b) => (b.split ? [b.split] : [])),
    state.splitChosen,
  );
  return next;
}

/** Two changes of the same image, one after the other, as one. */
export function joinBodies(first: ChangeBody, then: ChangeBody): ChangeBody {
  const joined: ChangeBody = { ...first, ...then };
  if (first.boxes && then.boxes) joined.boxes = [...first.boxes, ...then.boxes];
  if (first.status && then.status) joined.status = [first.status[0], then.status[1]];
  if (first.split && then.split) joined.split = [first.split[0], then.split[1]];
  return joined;
}

/** The same state with its boxes in drawing order, as {@link loadState} gives them. */
export function inDrawingOrder(state: ImageState): ImageState {
  const sorted = [...state.boxes].sort(([a, x], [b, y]) => x[8] - y[8] || (a < b ? -1 : 1));
  return { ...state, boxes: new Map(sorted) };
}
