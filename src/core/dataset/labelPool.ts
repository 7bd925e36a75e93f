// Labels of a large file while it is read: packed as numbers, a fifth of what they take as objects, in lists by image.
import type { Annotation } from '../../shared/labels.ts';

const perBlock = 1 << 14;
const numbers = 5;

/** Some thousand labels: corners and class id, flags, and the next label of the same image. */
interface Block {
  values: Float64Array;
  flags: Uint8Array;
  next: Int32Array;
}

interface List {
  first: number;
  last: number;
  count: number;
}

/** Labels by the id of their image, in the order in which they came. */
export class LabelPool {
  readonly #blocks: Block[] = [];
  readonly #lists = new Map<string, List>();
  readonly #classIds = new Set<number>();
  #count = 0;
  #isSmall = true;
  #isFine = false;

  /** Ids of all classes that labels have. */
  get classIds(): ReadonlySet<number> {
    return this.#classIds;
  }

  /** Whether all corners lie from 0 to 1, not all right on these numbers: shares of the image's size then, not pixels. */
  get areShares(): boolean {
    return this.#isSmall && this.#isFine;
  }

  add(image: string, { box, classId, crowd, ignore }: Annotation): void {
    const at = this.#count++;
    const block = (this.#blocks[Math.floor(at / perBlock)] ??= newBlock());
    const i = at % perBlock;
    for (const value of [box.x1, box.y1, box.x2, box.y2]) {
      this.#isSmall &&= value >= 0 && value <= 1;
      this.#isFine ||= value > 0 && value < 1;
    }
    block.values.set([box.x1, box.y1, box.x2, box.y2, classId], i * numbers);
    block.flags[i] = (crowd ? 1 : 0) | (ignore ? 2 : 0);
    this.#classIds.add(classId);
    const list = this.#lists.get(image);
    if (!list) this.#lists.set(image, { first: at, last: at, count: 1 });
    else {
      this.#blocks[Math.floor(list.last / perBlock)]!.next[list.last % perBlock] = at;
      list.last = at;
      list.count++;
    }
  }

  /** How many labels an image has. */
  countOf(image: string): number {
    return this.#lists.get(image)?.count ?? 0;
  }

  /** The labels of an image, as new objects. */
  of(image: string): Annotation[] {
    const list = this.#lists.get(image);
    if (!list) return [];
    const found: Annotation[] = [];
    for (let at = list.first; found.length < list.count;) {
      const block = this.#blocks[Math.floor(at / perBlock)]!;
      found.push(unpack(block, at % perBlock));
      at = block.next[at % perBlock]!;
    }
    return found;
  }

  /** Ids of all images that have labels. */
  images(): IterableIterator<string> {
    return this.#lists.keys();
  }
}

const newBlock = (): Block => ({
  values: new Float64Array(perBlock * numbers),
  flags: new Uint8Array(perBlock),
  next: new Int32Array(perBlock),
});

function unpack({ values, flags }: Block, i: number): Annotation {
  const at = i * numbers;
  const box = { x1: values[at]!, y1: values[at + 1]!, x2: values[at + 2]!, y2: values[at + 3]! };
  const annotation: Annotation = { box, classId: values[at + 4]! };
  if (flags[i]! & 1) annotation.crowd = true;
  if (flags[i]! & 2) annotation.ignore = true;
  return annotation;
}
