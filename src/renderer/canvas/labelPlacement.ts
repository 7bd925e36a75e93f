// Where the label text of each box goes: beside the object, never on it, and never on another label.
import type { Box, Size } from '../../shared/geometry.ts';

/** A box on the canvas (CSS pixels) that wants a label of `width` pixels; higher `priority` is placed first and always. */
export interface LabelWish {
  id: string;
  box: Box;
  width: number;
  priority: number;
}

/** Where a label is drawn: top left corner in CSS pixels. */
export interface PlacedLabel {
  id: string;
  x: number;
  y: number;
}

/** Height of a label in CSS pixels. */
export const labelHeight = 17;

const cell = 64;

/** Remembers taken rectangles in a grid, so that asking whether a place is free costs the same with 5,000 labels as with five. */
class Taken {
  readonly #cells = new Map<string, Box[]>();

  free(r: Box): boolean {
    return this.#keys(r).every((key) => (this.#cells.get(key) ?? []).every((o) => !overlap(o, r)));
  }

  take(r: Box): void {
    for (const key of this.#keys(r)) {
      const list = this.#cells.get(key);
      if (list) list.push(r);
      else this.#cells.set(key, [r]);
    }
  }

  #keys(r: Box): string[] {
    const keys: string[] = [];
    for (let y = Math.floor(r.y1 / cell); y <= Math.floor(r.y2 / cell); y++)
      for (let x = Math.floor(r.x1 / cell); x <= Math.floor(r.x2 / cell); x++) keys.push(`${x},${y}`);
    return keys;
  }
}

const overlap = (a: Box, b: Box): boolean => a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;

/** Above, below, right, left of the box: the places tried in turn. */
function places({ box, width }: LabelWish, view: Size): Box[] {
  const x = Math.max(0, Math.min(box.x1, view.width - width));
  const y = Math.max(0, Math.min(box.y1, view.height - labelHeight));
  const at = (left: number, top: number): Box => ({ x1: left, y1: top, x2: left + width, y2: top + labelHeight });
  return [at(x, box.y1 - labelHeight - 1), at(x, box.y2 + 1), at(box.x2 + 1, y), at(box.x1 - width - 1, y)];
}

const within = (r: Box, view: Size): boolean => r.x1 >= 0 && r.y1 >= 0 && r.x2 <= view.width && r.y2 <= view.height;

/**
 * Places labels outside their own boxes and clear of one another, the most wanted first. A label with no free place is left out,
 * unless its priority is above 0: then it goes to its first place inside the view even on top of another label, or is left out
 * when its box fills the view.
 */
export function placeLabels(wishes: readonly LabelWish[], view: Size): PlacedLabel[] {
  const taken = new Taken();
  const placed: PlacedLabel[] = [];
  for (const wish of [...wishes].sort((a, b) => b.priority - a.priority)) {
    const options = places(wish, view).filter((r) => within(r, view));
    const spot = options.find((r) => taken.free(r)) ?? (wish.priority > 0 ? options[0] : undefined);
    if (!spot) continue;
    taken.take(spot);
    placed.push({ id: wish.id, x: spot.x1, y: spot.y1 });
  }
  return placed;
}
