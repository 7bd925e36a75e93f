// A project's labels as a dataset that holds none of them: each image's boxes are read when they are asked for.
import type { Annotation, Dataset, LabelledImage } from '../../shared/labels.ts';
import type { Driver } from './driver.ts';
import { finished, isFinished, readChunk } from './exportLabels.ts';
import type { ExportOptions } from './exportLabels.ts';
import type { Finder } from './find.ts';
import { loadClasses } from './history.ts';
import { imagesById } from './images.ts';
import type { ImageRow } from './images.ts';
import { lastSeq } from './record.ts';
import { statuses } from './types.ts';

const perRead = 500;

/** Reads boxes some hundred images at a time, since they are asked for in order; keeps only those. */
class BoxReader {
  readonly #db: Driver;
  readonly #ids: Int32Array;
  readonly #indexOf: ReadonlyMap<number, number>;
  readonly #at: number;
  #start = -1;
  #boxes = new Map<string, Annotation[]>();

  constructor(db: Driver, ids: Int32Array, indexOf: ReadonlyMap<number, number>, at: number) {
    this.#db = db;
    this.#ids = ids;
    this.#indexOf = indexOf;
    this.#at = at;
  }

  annotations(place: number, path: string): Annotation[] {
    const start = place - (place % perRead);
    if (start !== this.#start) {
      const part = [...this.#ids.subarray(start, start + perRead)];
      const images = this.#db.read(() => readChunk(this.#db, part, this.#indexOf, this.#at));
      this.#boxes = new Map(images.map((image) => [image.path, image.annotations]));
      this.#start = start;
    }
    return this.#boxes.get(path) ?? [];
  }
}

/** One image of the view. */
class ViewedImage implements LabelledImage {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  declare readonly splits?: string[];
  readonly #reader: BoxReader;
  readonly #place: number;

  constructor({ path, width, height, split }: ImageRow, reader: BoxReader, place: number) {
    this.path = path;
    this.width = width;
    this.height = height;
    if (split !== null) this.splits = [split];
    this.#reader = reader;
    this.#place = place;
  }

  get annotations(): Annotation[] {
    return this.#reader.annotations(this.#place, this.path);
  }
}

/**
 * The labels as they are now, also when somebody goes on editing. For writers, which go through the images in order, while the project is
 * open; a hundred thousand images take 30 MB. Nothing of it may be changed.
 */
export function viewLabels(
  db: Driver,
  finder: Finder,
  root: string,
  { filter = finished }: Pick<ExportOptions, 'filter'> = {},
): Dataset {
  return db.read(() => {
    const classes = loadClasses(db);
    const indexOf = new Map([...classes.keys()].map((id, index) => [id, index]));
    const ids = finder.ids(filter, { by: 'name' });
    const reader = new BoxReader(db, ids, indexOf, lastSeq(db));
    const images: LabelledImage[] = [];
    for (let start = 0; start < ids.length; start += perRead)
      for (const [i, row] of imagesById(db, [...ids.subarray(start, start + perRead)]).entries())
        if (isFinished(statuses.indexOf(row.status))) images.push(new ViewedImage(row, reader, start + i));
    return { classes: [...classes.values()].map((c) => c[1]), imageRoot: root, images };
  });
}
