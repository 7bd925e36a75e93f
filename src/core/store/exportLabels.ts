// Labels out of the project: as a stream that a writer of any format reads, now or as they were at a run's start.
import { finishedStatuses, type Annotation, type Dataset, type LabelledImage } from '../../shared/labels.ts';
import type { Driver, ReadDb } from './driver.ts';
import type { Finder, ImageFilter } from './find.ts';
import { classesAt, loadClasses, stateAt } from './history.ts';
import { imagesById } from './images.ts';
import type { ImageRow } from './images.ts';
import type { BoxValue, ImageState } from './state.ts';
import { statuses } from './types.ts';

/** Which labels are exported. */
export interface ExportOptions {
  /** Only these images; default all that are labelled or reviewed. */
  filter?: ImageFilter;
  /** The labels as they were right after this change set: a run's snapshot. */
  at?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** A dataset that is read as it is written out. */
export interface ExportSource {
  classes: string[];
  imageRoot: string;
  /** Number of images; fewer come when `at` lies before some of them were labelled. */
  count: number;
  images: Generator<LabelledImage>;
}

const exportChunk = 500;
/** The images that somebody is done with. */
export const finished: ImageFilter = { statuses: finishedStatuses };

/** The labels (never suggestions) as a stream in natural name order; class ids count the classes in their order. */
export function exportDataset(db: Driver, finder: Finder, root: string, options: ExportOptions = {}): ExportSource {
  const at = options.at;
  const classes = at === undefined ? loadClasses(db) : classesAt(db, at);
  const filter = options.filter ?? (at === undefined ? finished : {});
  const ids = finder.ids(filter, { by: 'name' });
  return {
    classes: [...classes.values()].map((c) => c[1]),
    imageRoot: root,
    count: ids.length,
    images: streamImages(db, ids, classIndices(classes), options),
  };
}

/** Places of the classes in the dataset's list, by id. */
const classIndices = (classes: ReadonlyMap<number, unknown>): ReadonlyMap<number, number> =>
  new Map([...classes.keys()].map((id, index) => [id, index]));

function* streamImages(
  db: Driver,
  ids: Int32Array,
  indexOf: ReadonlyMap<number, number>,
  options: ExportOptions,
): Generator<LabelledImage> {
  for (let start = 0; start < ids.length; start += exportChunk) {
    options.signal?.throwIfAborted();
    const part = [...ids.subarray(start, start + exportChunk)];
    yield* db.read(() => readChunk(db, part, indexOf, options.at));
    options.onProgress?.(Math.min(start + exportChunk, ids.length), ids.length);
  }
}

/** Some images with their labels, from one state of the database. */
export function readChunk(
  db: Driver,
  ids: readonly number[],
  indexOf: ReadonlyMap<number, number>,
  at: number | undefined,
): LabelledImage[] {
  const touched = at === undefined ? new Set<number>() : touchedSince(db, at); // asked each time: somebody may be editing
  const boxes = labelsOf(db, ids, indexOf);
  return imagesById(db, ids).flatMap((row) => {
    if (at !== undefined && touched.has(row.id)) {
      const then = stateAt(db, row.id, at);
      return isFinished(then.status) ? [toLabelled(row, annotationsOf(then, indexOf))] : [];
    }
    if (at !== undefined && !isFinished(statuses.indexOf(row.status))) return [];
    return [toLabelled(row, boxes.get(row.id) ?? [])];
  });
}

/** Whether a status (its index) means that somebody is done with the image. */
export const isFinished = (status: number): boolean => status === 2 || status === 3;

const touchedSince = (db: ReadDb, seq: number): Set<number> =>
  new Set(db.ids('SELECT group_concat(DISTINCT image) FROM change WHERE seq > ?', [seq]));

const toLabelled = (row: ImageRow, annotations: Annotation[]): LabelledImage => {
  const image: LabelledImage = { path: row.path, width: row.width, height: row.height, annotations };
  if (row.split !== null) image.splits = [row.split];
  return image;
};

function toAnnotation(b: BoxValue, indexOf: ReadonlyMap<number, number>): Annotation {
  const annotation: Annotation = { box: { x1: b[1], y1: b[2], x2: b[3], y2: b[4] }, classId: indexOf.get(b[0])! };
  if (b[5] & 1) annotation.crowd = true;
  if (b[5] & 2) annotation.ignore = true;
  return annotation;
}

function annotationsOf(state: ImageState, indexOf: ReadonlyMap<number, number>): Annotation[] {
  const labels = [...state.boxes.values()].filter((b) => b[6] === 0 && indexOf.has(b[0]));
  return labels.sort((a, b) => a[8] - b[8]).map((b) => toAnnotation(b, indexOf));
}

interface LabelRow {
  image: number;
  class: number;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  flags: number;
}

function labelsOf(
  db: ReadDb,
  images: readonly number[],
  indexOf: ReadonlyMap<number, number>,
): Map<number, Annotation[]> {
  const found = new Map<number, Annotation[]>(images.map((id) => [id, []]));
  const sql = `SELECT image, class, x1, y1, x2, y2, flags FROM box
    WHERE state = 0 AND image IN (SELECT value FROM json_each(?)) ORDER BY image, position, id`;
  for (const r of db.all<LabelRow>(sql, [JSON.stringify(images)])) {
    if (!indexOf.has(r.class)) continue; // a class that came after the state that is written
    found.get(r.image)?.push(toAnnotation([r.class, r.x1, r.y1, r.x2, r.y2, r.flags, 0, null, 0], indexOf));
  }
  return found;
}

/** Images with their labels as they are now (never suggestions), in the order of `ids`. */
export const labelledImages = (db: Driver, ids: readonly number[]): LabelledImage[] =>
  db.read(() => readChunk(db, ids, classIndices(loadClasses(db)), undefined));

/** {@link exportDataset} as one object in memory. */
export function toDataset(db: Driver, finder: Finder, root: string, options: ExportOptions = {}): Dataset {
  const { classes, imageRoot, images } = exportDataset(db, finder, root, options);
  return { classes, imageRoot, images: [...images] };
}
