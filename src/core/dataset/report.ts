// Keeps the loss report of one reading or writing, and holds the one rule of what boxes are acceptable.
import { telling, type Told } from '../../shared/errors.ts';
import { area, clip } from '../../shared/geometry.ts';
import type { Box, Size } from '../../shared/geometry.ts';
import type { Annotation, Dataset, LabelledImage } from '../../shared/labels.ts';
import type { Loss, LossKind, LossReport } from '../../shared/lossReport.ts';
import { said, type Said, type SaidValue } from '../../shared/said.ts';
import type { FormatName } from './adapter.ts';
import { isInside, relativeTo } from './folderFiles.ts';

/** Pixels by which a box may stick out without a word: what rounding to a few decimals does. It is cut all the same. */
const roundingSlack = 0.01;

/** What labels of other tools say of an object besides its box and class. */
export type Detail =
  'masks' | 'keypoints' | 'parts' | 'pose' | 'truncated' | 'occluded' | 'attributes' | 'groups' | 'tracks' | 'scores';

/** Collects losses; files are named relative to `folder` where they lie in it. */
export class Report {
  readonly losses: Loss[] = [];
  /** Annotation files read or written. */
  files = 0;
  readonly #format: FormatName;
  readonly #folder: string;
  readonly #seen = new Set<object>();
  readonly #details = new Map<Detail, { file: string; count: number }>();
  #negatives = 0;
  #boxes = 0;

  constructor(format: FormatName, folder: string) {
    this.#format = format;
    this.#folder = folder;
  }

  /** A file as messages name it: relative to the dataset's folder where it lies inside. */
  nameOf(file: string): string {
    return isInside(this.#folder, file) ? relativeTo(this.#folder, file) : file;
  }

  /** Notes one loss: a sentence of the list, or what an error tells. */
  lose(file: string, kind: LossKind, what: Said | Told): void {
    this.losses.push(this.#loss(file, kind, 'key' in what ? telling(shortened(what)) : what));
  }

  #loss(file: string, kind: LossKind, { message, said }: Told): Loss {
    return { file: shortText(this.nameOf(file)), kind, reason: message, said };
  }

  /** Counts objects with something that a box can't hold: one entry for each kind of it, under the first file that has it. */
  loseDetail(file: string, detail: Detail, count = 1): void {
    const there = this.#details.get(detail);
    const first = there && there.file < file ? there.file : file; // files are read several at a time, in no order
    this.#details.set(detail, { file: first, count: count + (there?.count ?? 0) });
  }

  /** Counts an image that is kept, for {@link finishSeen}. `image` is what tells it apart: one that comes again counts once. */
  seen(image: object, boxes: number): void {
    if (this.#seen.has(image)) return;
    this.#seen.add(image);
    this.#boxes += boxes;
    if (boxes === 0) this.#negatives++;
  }

  /** The finished report, with the counts of the images that were {@link seen}. */
  finishSeen(): LossReport {
    const { files } = this;
    const details = [...this.#details].map(([detail, { file, count }]) => {
      const by = said('loss.detail', { count, detail: said(`word.${detail}`, {}) });
      return this.#loss(file, 'detail-lost', telling(by));
    });
    const losses = [...this.losses, ...details];
    return {
      format: this.#format,
      files,
      images: this.#seen.size,
      negatives: this.#negatives,
      boxes: this.#boxes,
      losses,
    };
  }

  /** The finished report, counting what `dataset` holds. */
  finish(dataset: Pick<Dataset, 'images'>): LossReport {
    for (const image of dataset.images) this.seen(image, image.annotations.length);
    return this.finishSeen();
  }
}

/** Characters of a name or text that a file holds and a message repeats. */
const longestQuote = 400;

const shortText = (text: string): string => (text.length <= longestQuote ? text : `${text.slice(0, longestQuote)}…`);

function shortened({ key, values }: Said): Said {
  const short = (value: SaidValue): SaidValue => (typeof value === 'string' ? shortText(value) : value);
  return { key, values: Object.fromEntries(Object.entries(values).map(([place, value]) => [place, short(value)])) };
}

/** A box in words, to find it in its file. */
export function boxText(box: Box): string {
  return `(${[box.x1, box.y1, box.x2, box.y2].map((v) => Number(v.toFixed(3))).join(', ')})`;
}

/**
 * Adds an annotation to its image, its box cut at the image's edges. Boxes that are no numbers, without area or outside are left out;
 * every change goes to the report under `file`. `label` names the class.
 */
export function addAnnotation(
  image: LabelledImage,
  annotation: Annotation,
  report: Report,
  file: string,
  label: string,
): void {
  const { box } = annotation;
  const what = { label, box: boxText(box) };
  const size = { width: String(image.width), height: String(image.height) };
  if (![box.x1, box.y1, box.x2, box.y2].every(Number.isFinite)) {
    report.lose(file, 'dropped', said('loss.notNumber', { label }));
    return;
  }
  if (area(box) === 0) {
    report.lose(file, 'zero-area', said('loss.zeroArea', what));
    return;
  }
  const inside = clip(box, image);
  if (area(inside) === 0) {
    report.lose(file, 'dropped', said('loss.outside', { ...what, ...size }));
    return;
  }
  if (overhang(box, image) > roundingSlack) report.lose(file, 'clipped', said('loss.clipped', { ...what, ...size }));
  annotation.box = inside;
  image.annotations.push(annotation);
}

/** Leaves one of labels with the same class, flags and box; each further one goes to the report under `file`. `nameOf` names a class. */
export function dropDoubled(
  image: LabelledImage,
  report: Report,
  file: string,
  nameOf: (classId: number) => string,
): void {
  const there = new Set<string>();
  image.annotations = image.annotations.filter((annotation) => {
    const key = labelKey(annotation);
    if (!there.has(key)) return there.add(key);
    const what = { label: nameOf(annotation.classId), box: boxText(annotation.box) };
    report.lose(file, 'duplicate', said('loss.doubled', what));
    return false;
  });
}

/** Text that equal labels share: class, flags and box, to the last bit. */
export const labelKey = ({ classId, box, crowd, ignore }: Annotation): string =>
  [classId, crowd, ignore, box.x1, box.y1, box.x2, box.y2].join(' ');

/** The box with its coordinates multiplied: shares of a size as pixels of it. */
export const scaled = (box: Box, { width, height }: Size): Box => ({
  x1: box.x1 * width,
  y1: box.y1 * height,
  x2: box.x2 * width,
  y2: box.y2 * height,
});

function overhang(box: Box, size: Size): number {
  return Math.max(-box.x1, -box.y1, box.x2 - size.width, box.y2 - size.height);
}

/** The box that encloses points given as x, y, x, y, ...; infinite corners where there are none. */
export function enclosing(points: readonly number[]): Box {
  const box = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity };
  for (let i = 0; i + 1 < points.length; i += 2) {
    box.x1 = Math.min(box.x1, points[i]!);
    box.y1 = Math.min(box.y1, points[i + 1]!);
    box.x2 = Math.max(box.x2, points[i]!);
    box.y2 = Math.max(box.y2, points[i + 1]!);
  }
  return box;
}

/** The box that encloses `box` turned about its centre by `degrees`. */
export function rotated(box: Box, degrees: number): Box {
  const turn = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
  const [w, h] = [box.x2 - box.x1, box.y2 - box.y1];
  const [cx, cy] = [(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2];
  const [halfW, halfH] = [(w * cos + h * sin) / 2, (w * sin + h * cos) / 2];
  return { x1: cx - halfW, y1: cy - halfH, x2: cx + halfW, y2: cy + halfH };
}
