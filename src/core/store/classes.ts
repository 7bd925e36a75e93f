// The classes of a project: listed, added, changed, merged, deleted; each change undoable, its effects known beforehand.
import { randomUUID } from 'node:crypto';
import { saying, StudioError } from '../../shared/errors.ts';
import { maxClasses } from '../../shared/labels.ts';
import type { Driver, ReadDb, WriteDb } from './driver.ts';
import { automaticStatus } from './edits.ts';
import { loadClasses } from './history.ts';
import { ChangeSet } from './record.ts';
import { copyState, diffMaps, loadState } from './state.ts';
import type { BoxValue, ClassValue } from './state.ts';
import type { Actor } from './types.ts';

/** One class, with how much it is used. */
export interface LabelClass {
  id: number;
  name: string;
  /** `#rrggbb`. */
  color: string;
  /** Hotkey, `1` to `9` or `0`; null when it has none. */
  key: string | null;
  boxes: number;
  images: number;
}

/** What deleting or merging classes would change. */
export interface ClassEffect {
  /** Labels that would be deleted or get another class. */
  boxes: number;
  images: number;
  /** Suggestions of a model among them. */
  suggestions: number;
}

/** Classes in their order. */
export function listClasses(db: ReadDb): LabelClass[] {
  return db.all<LabelClass>(
    `SELECT c.id, c.name, c.color, c.key, coalesce(sum(n.boxes), 0) AS boxes, count(n.image) AS images
     FROM class c LEFT JOIN image_class n ON n.class = c.id GROUP BY c.id ORDER BY c.position, c.id`,
  );
}

const hueStep = 137.508; // the golden angle: neighbours in the list are far apart in hue

/** A colour for the `index`th class that differs from those before it. */
function colorOf(index: number): string {
  const hue = (index * hueStep + 12) % 360;
  const light = [0.55, 0.45, 0.65][Math.floor(index / 12) % 3]!;
  const channel = (n: number): string => {
    const k = (n + hue / 30) % 12;
    const value = light - 0.72 * Math.min(light, 1 - light) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

const hotkeys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'];

type Classes = Map<number, ClassValue>;

/** A class to be made; without a colour it gets one that differs from its neighbours'. */
export interface NewClass {
  name: string;
  color?: string | undefined;
}

/** Changes the classes through `body` as one undoable change set. */
function changeClasses(
  db: Driver,
  actor: Actor,
  action: string,
  body: (classes: Classes, set: ChangeSet, w: WriteDb) => void,
): void {
  db.write((w) => {
    const before = loadClasses(w);
    const after = new Map(before);
    const set = new ChangeSet(w, { actor, action, undoable: 'own' });
    body(after, set, w);
    set.classes(diffMaps(before, after));
    set.finish();
  });
}

/** {@link putClasses} for one. */
export function putClass(classes: Classes, floor: number, name: string): number {
  return putClasses(classes, floor, [{ name }])[0]!;
}

/**
 * Puts new classes at the end of `classes` and returns their ids; used by everything that makes classes, so that names and keys stay
 * unique. Error: `argument-invalid` for a name that is taken or empty, and when there are more than a project holds.
 * @param floor ids up to this one were used before, and may be needed again by undo
 */
export function putClasses(classes: Classes, floor: number, wanted: readonly NewClass[]): number[] {
  const names = new Set<string>();
  const keys = new Set<string | null>();
  let [last, position] = [floor, -1];
  for (const [id, value] of classes) {
    names.add(value[1]);
    keys.add(value[3]);
    [last, position] = [Math.max(last, id), Math.max(position, value[4])];
  }
  return wanted.map(({ name, color }) => {
    if (name === '') throw saying('argument-invalid', 'class.nameless', {});
    if (names.has(name)) throw saying('argument-invalid', 'class.exists', { name });
    if (classes.size >= maxClasses) throw saying('argument-invalid', 'class.tooMany', { most: maxClasses });
    const key = hotkeys.find((k) => !keys.has(k)) ?? null;
    classes.set(++last, [randomUUID(), name, color ?? colorOf(last - 1), key, ++position]);
    names.add(name);
    keys.add(key);
    return last;
  });
}

/** The highest class id that was ever used. */
export function usedClassIds(db: ReadDb): number {
  const sql = `SELECT max(json_extract(s.value, '$[0]')) AS id FROM change c, json_each(c.body, '$.classes') s WHERE c.image = 0`;
  return db.one<{ id: number | null }>(sql)?.id ?? 0;
}

/** Adds classes in one change set; returns their ids. @throws StudioError argument-invalid for a name that is taken or empty */
export function addClasses(db: Driver, actor: Actor, wanted: readonly NewClass[]): number[] {
  let ids: number[] = [];
  changeClasses(db, actor, 'class-add', (classes, _set, w) => {
    const trimmed = wanted.map((one) => ({ ...one, name: one.name.trim() }));
    ids = putClasses(classes, usedClassIds(w), trimmed);
  });
  return ids;
}

/** Renames, recolours or gives another hotkey; a key that another class has moves over. */
export function updateClass(
  db: Driver,
  actor: Actor,
  id: number,
  change: { name?: string; color?: string; key?: string | null },
): void {
  changeClasses(db, actor, change.name === undefined ? 'class-update' : 'class-rename', (classes) => {
    const [uid, name, color, key, position] = requireClass(classes, id);
    if (change.name !== undefined && change.name !== name) requireFreeName(classes, change.name, id);
    if (change.color !== undefined && !/^#[0-9a-f]{6}$/i.test(change.color)) {
      throw saying('argument-invalid', 'class.colour', { color: change.color });
    }
    if (change.key) freeKey(classes, change.key);
    classes.set(id, [
      uid,
      change.name ?? name,
      change.color ?? color,
      change.key === undefined ? key : change.key,
      position,
    ]);
  });
}

/** Puts the classes in this order. @throws StudioError argument-invalid unless every class is named once */
export function orderClasses(db: Driver, actor: Actor, ids: readonly number[]): void {
  changeClasses(db, actor, 'class-order', (classes) => {
    if (ids.length !== classes.size || new Set(ids).size !== ids.length || ids.some((id) => !classes.has(id))) {
      throw new StudioError(
        'argument-invalid',
        `The order must name each of the ${classes.size} classes exactly once.`,
      );
    }
    ids.forEach((id, position) => {
      const [uid, name, color, key] = classes.get(id)!;
      classes.set(id, [uid, name, color, key, position]);
    });
  });
}

/** What deleting these classes, or merging them into another one, would change. */
export function previewClasses(db: ReadDb, ids: readonly number[]): ClassEffect {
  const list = JSON.stringify(ids);
  const labels = db.one<{ boxes: number | null; images: number }>(
    `SELECT sum(boxes) AS boxes, count(DISTINCT image) AS images FROM image_class
     WHERE class IN (SELECT value FROM json_each(?))`,
    [list],
  );
  const suggestions = db.one<{ n: number }>(
    `SELECT count(*) AS n FROM image i JOIN box b ON b.image = i.id
     WHERE i.suggestions > 0 AND b.state = 1 AND b.class IN (SELECT value FROM json_each(?))`,
    [list],
  );
  return { boxes: labels?.boxes ?? 0, images: labels?.images ?? 0, suggestions: suggestions?.n ?? 0 };
}

/** Moves all boxes of some classes to another one, and deletes those classes. */
export function mergeClasses(db: Driver, actor: Actor, from: readonly number[], into: number): void {
  changeClasses(db, actor, 'class-merge', (classes, set, w) => {
    requireClass(classes, into);
    const gone = new Set(from.filter((id) => id !== into));
    for (const id of gone) requireClass(classes, id);
    rewriteBoxes(w, set, gone, (box) => [into, box[1], box[2], box[3], box[4], box[5], box[6], box[7], box[8]]);
    for (const id of gone) classes.delete(id);
  });
}

/** Deletes classes and their boxes. */
export function deleteClasses(db: Driver, actor: Actor, ids: readonly number[]): void {
  changeClasses(db, actor, 'class-delete', (classes, set, w) => {
    for (const id of ids) requireClass(classes, id);
    rewriteBoxes(w, set, new Set(ids), () => null);
    for (const id of ids) classes.delete(id);
  });
}

function rewriteBoxes(
  w: WriteDb,
  set: ChangeSet,
  classes: ReadonlySet<number>,
  change: (box: BoxValue) => BoxValue | null,
): void {
  const sql = `SELECT group_concat(id) FROM image WHERE suggestions > 0
    OR id IN (SELECT image FROM image_class WHERE class IN (SELECT value FROM json_each(?)))`;
  for (const image of w.ids(sql, [JSON.stringify([...classes])])) {
    const current = loadState(w, image);
    const target = copyState(current);
    for (const [id, box] of current.boxes) {
      if (!classes.has(box[0])) continue;
      const next = change(box);
      if (next) target.boxes.set(id, next);
      else target.boxes.delete(id);
    }
    target.status = automaticStatus(current, target);
    set.image(image, current, target);
  }
}

function requireClass(classes: Classes, id: number): ClassValue {
  const value = classes.get(id);
  if (value) return value;
  throw saying('argument-invalid', 'class.gone', { id: String(id) });
}

function requireFreeName(classes: Classes, name: string, except?: number): void {
  if (name === '') throw saying('argument-invalid', 'class.nameless', {});
  const taken = [...classes].some(([id, value]) => id !== except && value[1] === name);
  if (taken) throw saying('argument-invalid', 'class.exists', { name });
}

function freeKey(classes: Classes, key: string): void {
  if (!/^[0-9]$/.test(key)) throw saying('argument-invalid', 'class.key', { key });
  for (const [id, [uid, name, color, old, position]] of classes) {
    if (old === key) classes.set(id, [uid, name, color, null, position]);
  }
}
