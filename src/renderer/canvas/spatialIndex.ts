// Which boxes lie where: an R-tree over the boxes of one image, so that 5,000 of them cost a pointer move nothing.
import RBush from 'rbush';
import type { Box } from '../../shared/geometry.ts';
import type { Point } from './viewport.ts';

/** What the index holds: an identity and a box in image pixels. */
export interface Indexed {
  id: string;
  box: Box;
}

interface Entry {
  id: string;
  box: Box;
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

const entryOf = ({ id, box }: Indexed): Entry => ({ id, box, minX: box.x1, minY: box.y1, maxX: box.x2, maxY: box.y2 });

/** Boxes by place; coordinates are image pixels. */
export class SpatialIndex {
  readonly #tree = new RBush<Entry>();
  readonly #entries = new Map<string, Entry>();

  /** Replaces everything by `items`. */
  load(items: Iterable<Indexed>): void {
    this.#tree.clear();
    this.#entries.clear();
    for (const item of items) this.#entries.set(item.id, entryOf(item));
    this.#tree.load([...this.#entries.values()]);
  }

  /** Adds an item, or moves it when its id is known. */
  put(item: Indexed): void {
    this.remove(item.id);
    const entry = entryOf(item);
    this.#entries.set(item.id, entry);
    this.#tree.insert(entry);
  }

  /** Takes an item out; an unknown id is no error. */
  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#tree.remove(entry);
    this.#entries.delete(id);
  }

  /** Items whose box meets `area`. */
  within(area: Box): Indexed[] {
    return this.#tree.search({ minX: area.x1, minY: area.y1, maxX: area.x2, maxY: area.y2 });
  }

  /** Items whose box has its centre in `area`. */
  centredIn(area: Box): Indexed[] {
    return this.within(area).filter(({ box }) => {
      const [x, y] = [(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2];
      return x >= area.x1 && x <= area.x2 && y >= area.y1 && y <= area.y2;
    });
  }

  /** Items whose box, widened by `slack` image pixels, holds `p`. */
  at(p: Point, slack: number): Indexed[] {
    return this.within({ x1: p.x - slack, y1: p.y - slack, x2: p.x + slack, y2: p.y + slack });
  }
}
