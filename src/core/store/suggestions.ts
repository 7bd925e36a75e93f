// A model's boxes that wait for a person: put, accepted, rejected. They never replace or double a person's box.
import { iou } from '../../shared/geometry.ts';
import type { Box } from '../../shared/geometry.ts';
import type { Detection } from '../../shared/labels.ts';
import type { Driver } from './driver.ts';
import { automaticStatus, editImages, nextPosition } from './edits.ts';
import { loadClasses } from './history.ts';
import { ChangeSet, newBoxId } from './record.ts';
import { copyState, loadState } from './state.ts';
import type { BoxValue, ImageState } from './state.ts';
import type { Actor } from './types.ts';

/** What a model says about one image. */
export interface ImageSuggestions {
  image: number;
  /** Class ids are the project's own; those that it doesn't have are dropped. */
  detections: readonly Detection[];
  /** How much could be learnt from the image, 0 to 1; from the scores when not given. */
  uncertainty?: number;
}

/** What became of the suggestions. */
export interface SuggestResult {
  added: number;
  /** Dropped because a person's box is there already, or the class is unknown. */
  dropped: number;
}

/** From this overlap on, a suggestion is taken for the object that a person has already boxed. */
const sameObjectIou = 0.5;

const boxOf = (b: BoxValue): Box => ({ x1: b[1], y1: b[2], x2: b[3], y2: b[4] });

/** Highest doubt about any detection: 1 at a score of one half, 0 at 0 and 1. */
const doubt = (detections: readonly Detection[]): number =>
  detections.reduce((most, d) => Math.max(most, 1 - Math.abs(2 * d.score - 1)), 0);

/** Replaces the suggestions of these images by a model's new ones. Not on the undo stack: a person undoes their own work only. */
export function putSuggestions(db: Driver, model: Actor, items: readonly ImageSuggestions[]): SuggestResult {
  return db.write((w) => {
    const known = loadClasses(w);
    const result = { added: 0, dropped: 0 };
    const set = new ChangeSet(w, { actor: model, action: 'suggest', undoable: 'never' });
    for (const item of items) {
      const current = loadState(w, item.image);
      const fitting = item.detections.filter((d) => known.has(d.classId) && !isBoxed(current, d.box));
      result.added += fitting.length;
      result.dropped += item.detections.length - fitting.length;
      set.image(item.image, current, withSuggestions(current, fitting));
      const uncertainty = item.uncertainty ?? doubt(item.detections);
      w.run('UPDATE image SET uncertainty = ? WHERE id = ?', [uncertainty, item.image]);
    }
    if (set.empty) w.run('DELETE FROM change_set WHERE seq = ?', [set.seq]);
    else set.finish();
    return result;
  });
}

function isBoxed(state: ImageState, box: Box): boolean {
  for (const label of state.boxes.values()) if (label[6] === 0 && iou(boxOf(label), box) >= sameObjectIou) return true;
  return false;
}

function withSuggestions(current: ImageState, detections: readonly Detection[]): ImageState {
  const next = copyState(current);
  for (const [id, box] of current.boxes) if (box[6] === 1) next.boxes.delete(id);
  let position = nextPosition(next);
  for (const { box, classId, score } of detections) {
    next.boxes.set(newBoxId(), [classId, box.x1, box.y1, box.x2, box.y2, 0, 1, score, position++]);
  }
  next.status = automaticStatus(current, next);
  return next;
}

/**
 * Accepts suggestions of an image: those named, or all from `minScore` up. One that meanwhile lies on a person's box is rejected instead.
 * @returns the change set's number
 */
export function acceptSuggestions(
  db: Driver,
  actor: Actor,
  image: number,
  which: { ids?: readonly string[]; minScore?: number },
): number {
  const state = loadState(db, image);
  const chosen = [...state.boxes].filter(
    ([id, b]) => b[6] === 1 && (which.ids ? which.ids.includes(id) : (b[7] ?? 0) >= (which.minScore ?? 0)),
  );
  const ops = chosen.map(([id, box]) => ({
    type: isBoxed(state, boxOf(box)) ? ('reject' as const) : ('accept' as const),
    id,
  }));
  return editImages(db, actor, [{ image, ops }], { action: 'accept' });
}

/** Rejects suggestions of an image: those named, or all. @returns the change set's number */
export function rejectSuggestions(db: Driver, actor: Actor, image: number, ids?: readonly string[]): number {
  const state = loadState(db, image);
  const chosen = [...state.boxes].filter(([id, b]) => b[6] === 1 && (!ids || ids.includes(id)));
  return editImages(db, actor, [{ image, ops: chosen.map(([id]) => ({ type: 'reject' as const, id })) }], {
    action: 'reject',
  });
}
