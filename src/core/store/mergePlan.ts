// What merging another copy of a project would do: whose edits the other hasn't seen, and where both touched the same box.
import { saying } from '../../shared/errors.ts';
import type { Driver, ReadDb } from './driver.ts';
import { putClass, usedClassIds } from './classes.ts';
import { loadClasses } from './history.ts';
import { readMeta } from './meta.ts';
import { loadState, patchMap } from './state.ts';
import type { BoxValue, ChangeBody, ClassValue, ImageState, Step } from './state.ts';

/** One box that both sides changed, each in another way. Class ids are ours; null where the side deleted the box. */
export interface MergeConflict {
  /** Our id of the image. */
  image: number;
  path: string;
  box: string;
  base: BoxValue | null;
  ours: BoxValue | null;
  theirs: BoxValue | null;
}

/** What a merge would change on our side. */
export interface MergePlan {
  /** Change sets that only the other copy has. */
  sets: number;
  newImages: number;
  newClasses: number;
  added: number;
  changed: number;
  removed: number;
  conflicts: MergeConflict[];
}

interface ImageKey {
  id: number;
  path: string;
  hash: string;
}

/** How the other copy's ids translate into ours. */
export interface Translation {
  /** Their image id to ours; images that we don't have are absent. */
  images: Map<number, number>;
  /** Their images that we don't have. */
  newImages: ImageKey[];
  /** Their class id to ours, including classes that we get. */
  classes: Map<number, number>;
  /** Their classes that are one of ours by name only: ours stays as it is. */
  sameName: Set<number>;
  newClasses: number;
}

const imageKeys = (db: ReadDb): ImageKey[] => db.all<ImageKey>('SELECT id, path, hash FROM image');

function translateImages(ours: Driver, theirs: Driver): Pick<Translation, 'images' | 'newImages'> {
  const mine = imageKeys(ours);
  const byPath = new Map(mine.map((i) => [i.path, i.id]));
  const byHash = new Map(mine.filter((i) => i.hash !== '').map((i) => [i.hash, i.id]));
  const both = new Map(mine.map((i) => [`${i.hash} ${i.path}`, i.id]));
  const result = { images: new Map<number, number>(), newImages: [] as ImageKey[] };
  for (const image of imageKeys(theirs)) {
    const id = both.get(`${image.hash} ${image.path}`) ?? byPath.get(image.path) ?? byHash.get(image.hash);
    if (id === undefined) result.newImages.push(image);
    else result.images.set(image.id, id);
  }
  return result;
}

/** Every class that ever was, by id: deleted ones are still named in the history. */
function allClasses(db: ReadDb): Map<number, ClassValue> {
  const found = new Map<number, ClassValue>();
  const sql = 'SELECT group_concat(body) FROM (SELECT body FROM change WHERE image = 0 ORDER BY seq)';
  for (const { classes = [] } of db.json<ChangeBody>(sql)) {
    for (const [id, before, after] of classes) {
      const value = after ?? before;
      if (value) found.set(id, value);
    }
  }
  return found;
}

function translateClasses(ours: Driver, theirs: Driver): Pick<Translation, 'classes' | 'sameName' | 'newClasses'> {
  const byUid = new Map([...allClasses(ours)].map(([id, c]) => [c[0], id]));
  const mine = loadClasses(ours);
  const theirNow = loadClasses(theirs);
  const floor = usedClassIds(ours);
  const result = { classes: new Map<number, number>(), sameName: new Set<number>(), newClasses: 0 };
  const taken = new Map(mine);
  for (const [id, [uid, name]] of allClasses(theirs)) {
    const known = byUid.get(uid);
    const named = known === undefined ? [...mine].find(([, c]) => c[1] === name && theirNow.has(id)) : undefined;
    if (known !== undefined) result.classes.set(id, known);
    else if (named) {
      result.classes.set(id, named[0]);
      result.sameName.add(id);
    } else {
      result.classes.set(id, putClass(taken, Math.max(floor, ...taken.keys()), `${id} ${uid}`));
      if (theirNow.has(id)) result.newClasses++;
    }
  }
  return result;
}

/** How the other copy's ids translate into ours. @throws StudioError argument-invalid when it is another project's */
export function translate(ours: Driver, theirs: Driver): Translation {
  if (readMeta(ours, 'id') !== readMeta(theirs, 'id')) {
    const name = readMeta(theirs, 'name') ?? '';
    throw saying('argument-invalid', 'merge.stranger', { name });
  }
  return { ...translateImages(ours, theirs), ...translateClasses(ours, theirs) };
}

/** Numbers of the change sets of `db` that `other` doesn't have, oldest first. */
export function setsMissingIn(db: Driver, other: Driver): number[] {
  const there = new Set(other.all<{ uid: string }>('SELECT uid FROM change_set').map((r) => r.uid));
  const mine = db.all<{ seq: number; uid: string }>('SELECT seq, uid FROM change_set ORDER BY seq');
  return mine.filter((r) => !there.has(r.uid)).map((r) => r.seq);
}

/** A box value with its class id translated. */
const inOurs = (value: BoxValue | null, classes: ReadonlyMap<number, number>): BoxValue | null =>
  value === null
    ? null
    : [
        classes.get(value[0]) ?? value[0],
        value[1],
        value[2],
        value[3],
        value[4],
        value[5],
        value[6],
        value[7],
        value[8],
      ];

/** A change of the other copy in our ids; classes that are ours by name aren't touched. */
export function translateBody(body: ChangeBody, t: Translation): ChangeBody {
  const next: ChangeBody = { ...body };
  if (body.boxes) {
    next.boxes = body.boxes.map(([id, before, after]) => [id, inOurs(before, t.classes), inOurs(after, t.classes)]);
  }
  if (body.classes) {
    const kept = body.classes.filter(([id]) => !t.sameName.has(id));
    next.classes = kept.map(([id, before, after]): Step<number, ClassValue> => [t.classes.get(id)!, before, after]);
  }
  return next;
}

/** What their unseen change sets did to an image (0: classes), in our ids, oldest first. */
export function unseenBodies(theirs: ReadDb, image: number, sets: string, t: Translation): ChangeBody[] {
  const sql = `SELECT group_concat(body) FROM
    (SELECT body FROM change WHERE image = ? AND seq IN (SELECT value FROM json_each(?)) ORDER BY seq)`;
  return theirs.json<ChangeBody>(sql, [image, sets]).map((body) => translateBody(body, t));
}

const equal = (a: readonly unknown[] | null, b: readonly unknown[] | null): boolean =>
  a === b || (a !== null && b !== null && a.every((v, i) => v === b[i]));

/** The three-way merge of keyed values: what only they changed is theirs, what both changed differently is a clash and stays ours. */
export function mergeMaps<Key, Value extends readonly unknown[]>(
  ours: ReadonlyMap<Key, Value>,
  steps: readonly Step<Key, Value>[],
): { merged: Map<Key, Value>; clashes: { key: Key; base: Value | null; ours: Value | null; theirs: Value | null }[] } {
  const merged = new Map(ours);
  const clashes = [];
  const base = new Map<Key, Value>();
  const theirs = new Map<Key, Value>();
  patchMap(base, steps, 'before');
  patchMap(theirs, steps, 'after');
  for (const key of new Set(steps.map(([k]) => k))) {
    const [b, o, t] = [base.get(key) ?? null, ours.get(key) ?? null, theirs.get(key) ?? null];
    if (equal(t, b) || equal(o, t)) continue;
    if (!equal(o, b)) clashes.push({ key, base: b, ours: o, theirs: t });
    else if (t === null) merged.delete(key);
    else merged.set(key, t);
  }
  return { merged, clashes };
}

const rank = [0, 1, 3, 4, 2]; // new, suggested, labelled, reviewed, skipped: who has come further

/** Our state of an image with their unseen changes merged in, and the boxes where both sides clash. */
export function mergeImage(
  ours: ImageState,
  bodies: readonly ChangeBody[],
): { state: ImageState; clashes: Omit<MergeConflict, 'image' | 'path'>[] } {
  const boxes = mergeMaps(
    ours.boxes,
    bodies.flatMap((b) => b.boxes ?? []),
  );
  const status = three(
    ours.status,
    bodies.flatMap((b) => (b.status ? [b.status] : [])),
    (o, t) => (rank[t]! > rank[o]! ? t : o),
  );
  const splitChosen = three<number | null>(
    ours.splitChosen,
    bodies.flatMap((b) => (b.split ? [b.split] : [])),
    (o) => o,
  );
  return {
    state: { boxes: boxes.merged, status, splitChosen },
    clashes: boxes.clashes.map(({ key, ...rest }) => ({ box: key, ...rest })),
  };
}

function three<T>(ours: T, steps: readonly (readonly [T, T])[], both: (ours: T, theirs: T) => T): T {
  const [first, last] = [steps[0], steps[steps.length - 1]];
  if (!first || !last || last[1] === first[0]) return ours;
  return ours === first[0] ? last[1] : both(ours, last[1]);
}

/** What merging `theirs` into `ours` would do. */
export function planMerge(ours: Driver, theirs: Driver): MergePlan {
  const t = translate(ours, theirs);
  const sets = setsMissingIn(theirs, ours);
  const list = JSON.stringify(sets);
  const plan: MergePlan = {
    sets: sets.length,
    newImages: t.newImages.length,
    newClasses: t.newClasses,
    added: 0,
    changed: 0,
    removed: 0,
    conflicts: [],
  };
  for (const image of touchedBy(theirs, list)) {
    const id = t.images.get(image);
    const state: ImageState =
      id === undefined ? { boxes: new Map(), status: 0, splitChosen: null } : loadState(ours, id);
    const { state: merged, clashes } = mergeImage(state, unseenBodies(theirs, image, list, t));
    count(plan, state, merged);
    const path =
      clashes.length === 0
        ? ''
        : (ours.one<{ path: string }>('SELECT path FROM image WHERE id = ?', [id ?? 0])?.path ?? '');
    for (const clash of clashes) plan.conflicts.push({ image: id ?? 0, path, ...clash });
  }
  return plan;
}

/** Their images that some change sets touch. */
export const touchedBy = (theirs: ReadDb, sets: string): number[] =>
  theirs.ids(
    'SELECT group_concat(DISTINCT image) FROM change WHERE image > 0 AND seq IN (SELECT value FROM json_each(?))',
    [sets],
  );

function count(plan: MergePlan, from: ImageState, to: ImageState): void {
  for (const [id, box] of to.boxes) {
    const old = from.boxes.get(id);
    if (!old) plan.added++;
    else if (!equal(old, box)) plan.changed++;
  }
  for (const id of from.boxes.keys()) if (!to.boxes.has(id)) plan.removed++;
}
