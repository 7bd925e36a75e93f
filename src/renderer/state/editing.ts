// Changes of an image's objects as pure functions: what a change set does to the list, what paste, copy and suggestions ask for.
import type { Box, Size } from '../../shared/geometry.ts';
import { iou } from '../../shared/geometry.ts';
import type { LabelChange, LabelObject } from '../../shared/contract/index.ts';
import { offsetCopy } from '../canvas/shapes.ts';

/** Who draws here and now: goes into the objects shown before the host's answer is there. */
export interface Hand {
  name: string;
  now: number;
}

/** The list of objects after `changes`, as the host will have it. */
export function applyChanges(
  objects: readonly LabelObject[],
  changes: readonly LabelChange[],
  hand: Hand,
): LabelObject[] {
  const byId = new Map(objects.map((o) => [o.id, o]));
  for (const change of changes) {
    if (change.type === 'status') continue;
    if (change.type === 'add') byId.set(change.id, drawn(change, hand));
    else if (change.type === 'remove' || change.type === 'reject') byId.delete(change.id);
    else touch(byId, change, hand);
  }
  return [...byId.values()];
}

type Add = Extract<LabelChange, { type: 'add' }>;
type Touch = Extract<LabelChange, { type: 'update' | 'accept' }>;

function drawn({ id, classId, box, crowd, ignore }: Add, { name, now }: Hand): LabelObject {
  const author = { kind: 'person' as const, name };
  const flags = { crowd: crowd ?? false, ignore: ignore ?? false };
  return { id, classId, box, state: 'confirmed', author, score: null, ...flags, createdAt: now, changedAt: now };
}

function touch(byId: Map<string, LabelObject>, change: Touch, { now }: Hand): void {
  const old = byId.get(change.id);
  if (!old) return;
  if (change.type === 'accept') byId.set(old.id, { ...old, state: 'confirmed', changedAt: now });
  else
    byId.set(old.id, {
      ...old,
      box: change.box ?? old.box,
      classId: change.classId ?? old.classId,
      crowd: change.crowd ?? old.crowd,
      ignore: change.ignore ?? old.ignore,
      changedAt: now,
    });
}

/** A box with its class, as copied. */
export interface Copied {
  classId: string;
  box: Box;
}

/** New boxes from copied ones: where they were, or a step aside where the same box is there already. */
export function pasteChanges(
  copied: readonly Copied[],
  objects: readonly LabelObject[],
  image: Size,
  id: () => string,
): LabelChange[] {
  return copied.map(({ classId, box }) => {
    const taken = objects.some((o) => o.classId === classId && iou(o.box, box) > 0.95);
    const inside = clampCopy(box, image);
    return { type: 'add', id: id(), classId, box: taken ? offsetCopy(inside, 12, image) : inside };
  });
}

/** The previous image's boxes that aren't here yet: `P` never doubles a box. */
export function copyPreviousChanges(
  previous: readonly LabelObject[],
  objects: readonly LabelObject[],
  image: Size,
  id: () => string,
): LabelChange[] {
  const wanted = previous.filter(
    (p) => p.state === 'confirmed' && !objects.some((o) => o.classId === p.classId && iou(o.box, p.box) > 0.95),
  );
  return wanted.map(({ classId, box }) => ({ type: 'add', id: id(), classId, box: clampCopy(box, image) }));
}

function clampCopy(box: Box, image: Size): Box {
  const w = Math.min(box.x2 - box.x1, image.width);
  const h = Math.min(box.y2 - box.y1, image.height);
  const x1 = Math.max(0, Math.min(box.x1, image.width - w));
  const y1 = Math.max(0, Math.min(box.y1, image.height - h));
  return { x1, y1, x2: x1 + w, y2: y1 + h };
}

/** New boxes for objects, a suggestion becoming the person's; boxes that stay as they are make no change. */
export function reshapeChanges(objects: readonly LabelObject[], boxes: ReadonlyMap<string, Box>): LabelChange[] {
  return objects.flatMap(({ id, state, box: old }): LabelChange[] => {
    const box = boxes.get(id);
    if (!box || (box.x1 === old.x1 && box.y1 === old.y1 && box.x2 === old.x2 && box.y2 === old.y2)) return [];
    return [...(state === 'suggested' ? [{ type: 'accept' as const, id }] : []), { type: 'update', id, box }];
  });
}

/** Objects that are shown: all of a person's, and suggestions that reach the threshold. */
export function visibleObjects(objects: readonly LabelObject[], threshold: number): LabelObject[] {
  return objects.filter((o) => o.state === 'confirmed' || (o.score ?? 1) >= threshold);
}

/** Ids from one object to another in drawing order, both included, the second one last. */
export function between(objects: readonly LabelObject[], from: string, to: string): string[] {
  const [a, b] = [from, to].map((id) => objects.findIndex((o) => o.id === id)) as [number, number];
  if (a < 0 || b < 0) return [to];
  const ids = objects.slice(Math.min(a, b), Math.max(a, b) + 1).map((o) => o.id);
  return a <= b ? ids : ids.reverse();
}

/** The object before or after `current` in drawing order, going round; null when there is none. */
export function cycled(objects: readonly LabelObject[], current: string | null, step: 1 | -1): string | null {
  if (objects.length === 0) return null;
  const at = objects.findIndex((o) => o.id === current);
  const next = at < 0 ? (step > 0 ? 0 : objects.length - 1) : (at + step + objects.length) % objects.length;
  return objects[next]!.id;
}
