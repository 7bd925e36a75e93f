// Finding images: filters and sorts over the counts kept per image, so that a page of 100,000 images takes milliseconds.
import type { Split } from '../../shared/labels.ts';
import type { Driver, SqlValue } from './driver.ts';
import { imagesById } from './images.ts';
import type { ImageRow } from './images.ts';
import { searchText } from '../files/naturalKey.ts';
import { splits, statuses } from './types.ts';
import type { Status } from './types.ts';

/** COCO's kinds of object size: under 32 x 32 pixels, under 96 x 96, and larger. */
export type ObjectSize = 'small' | 'medium' | 'large';

/** Which images; everything given must hold. */
export interface ImageFilter {
  statuses?: readonly Status[];
  /** With a label of any of these classes. */
  classes?: readonly number[];
  /** null: not dealt yet, the file hasn't been read. */
  splits?: readonly (Split | null)[];
  /** Part of the path, without regard to case. */
  text?: string;
  /** With a label of any of these sizes. */
  objectSizes?: readonly ObjectSize[];
  /** Shorter side of the image in pixels. */
  minSide?: number;
  maxSide?: number;
  /** With a suggestion whose best score lies in this range. */
  minScore?: number;
  maxScore?: number;
  missing?: boolean;
}

/** Order of the list: by name as people count, by the file's time, or by the model's doubt (images never measured last). */
export interface ImageSort {
  by: 'name' | 'time' | 'uncertainty';
  descending?: boolean;
}

interface Clause {
  sql: string;
  params: SqlValue[];
}

const sizeBits: Record<ObjectSize, number> = { small: 1, medium: 2, large: 4 };

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

function clauses(filter: ImageFilter): Clause[] {
  const list: Clause[] = [];
  const add = (sql: string, ...params: SqlValue[]): void => void list.push({ sql, params });
  if (filter.statuses) {
    const codes = filter.statuses.map((s) => statuses.indexOf(s));
    add(`status IN (${marks(codes)})`, ...codes);
  }
  if (filter.splits) {
    const codes = filter.splits.map((s) => (s === null ? -1 : splits.indexOf(s)));
    add(`coalesce(split, -1) IN (${marks(codes)})`, ...codes);
  }
  if (filter.text) add('instr(search, ?) > 0', searchText(filter.text));
  if (filter.objectSizes) add(`sizes & ${filter.objectSizes.reduce((bits, s) => bits | sizeBits[s], 0)} <> 0`);
  if (filter.minSide !== undefined) add('min(width, height) >= ?', filter.minSide);
  if (filter.maxSide !== undefined) add('min(width, height) <= ?', filter.maxSide);
  if (filter.minScore !== undefined) add('score >= ?', filter.minScore);
  if (filter.maxScore !== undefined) add('score <= ?', filter.maxScore);
  if (filter.missing !== undefined) add('missing = ?', filter.missing ? 1 : 0);
  return list;
}

const orders = {
  name: 'name_key, id',
  time: 'modified, id',
  uncertainty: 'uncertainty, id',
};

/** Ids of all images in an order; each order is one walk along an index. */
function orderedIds(db: Driver, sort: ImageSort): number[] {
  const ids = db.ids(`SELECT group_concat(id) FROM (SELECT id FROM image ORDER BY ${orders[sort.by]})`);
  if (sort.by !== 'uncertainty') return sort.descending ? ids.reverse() : ids;
  // The index begins with the images that were never measured: they belong last, whichever way the rest runs.
  const unmeasured = db.one<{ n: number }>('SELECT count(*) AS n FROM image WHERE uncertainty IS NULL')!.n;
  const measured = ids.slice(unmeasured);
  return [...(sort.descending ? measured.reverse() : measured), ...ids.slice(0, unmeasured)];
}

/** Ids of the images that fit, in no order; null when all do. */
function fittingIds(db: Driver, filter: ImageFilter): number[] | null {
  const parts = clauses(filter);
  if (parts.length === 0) return null;
  const where = parts.map((p) => p.sql).join(' AND ');
  return db.ids(
    `SELECT group_concat(id) FROM image NOT INDEXED WHERE ${where}`,
    parts.flatMap((p) => p.params),
  );
}

function idsOfClasses(db: Driver, classes: readonly number[]): number[] {
  return db.ids(`SELECT group_concat(image) FROM image_class WHERE class IN (${marks(classes)})`, classes);
}

const kept = 8;

/** Answers queries on one connection, remembering the last few lists until something changes. */
export class Finder {
  readonly #db: Driver;
  readonly #lists = new Map<string, Int32Array>();
  #state = '';

  constructor(db: Driver) {
    this.#db = db;
  }

  /** Ids of all images that fit, in order. */
  ids(filter: ImageFilter = {}, sort: ImageSort = { by: 'name' }): Int32Array {
    this.#forgetIfChanged();
    return this.#remember(JSON.stringify([filter, sort]), () => this.#find(filter, sort));
  }

  /** One page of the images that fit, and how many fit. */
  page(filter: ImageFilter, sort: ImageSort, offset: number, limit: number): { total: number; rows: ImageRow[] } {
    const ids = this.ids(filter, sort);
    return { total: ids.length, rows: imagesById(this.#db, [...ids.subarray(offset, offset + limit)]) };
  }

  /** Position of an image in the list, or null when the filter leaves it out. */
  locate(filter: ImageFilter, sort: ImageSort, image: number): number | null {
    const index = this.ids(filter, sort).indexOf(image);
    return index < 0 ? null : index;
  }

  #find(filter: ImageFilter, sort: ImageSort): Int32Array {
    const order = this.#remember(`order ${JSON.stringify(sort)}`, () => Int32Array.from(orderedIds(this.#db, sort)));
    const sets: number[][] = [];
    const fitting = fittingIds(this.#db, filter);
    if (fitting) sets.push(fitting);
    if (filter.classes) sets.push(idsOfClasses(this.#db, filter.classes));
    if (sets.length === 0) return order;
    const highest = order.reduce((most, id) => Math.max(most, id), 0);
    const votes = new Uint8Array(highest + 1);
    sets.forEach((ids, i) => {
      for (const id of ids) if (votes[id] === i) votes[id] = i + 1;
    });
    return order.filter((id) => votes[id] === sets.length);
  }

  #remember(key: string, make: () => Int32Array): Int32Array {
    const list = this.#lists.get(key) ?? make();
    this.#lists.delete(key);
    this.#lists.set(key, list);
    for (const old of this.#lists.keys()) {
      if (this.#lists.size <= kept) break;
      this.#lists.delete(old);
    }
    return list;
  }

  /** Own commits are counted; SQLite's data version tells of another process's. */
  #forgetIfChanged(): void {
    const state = `${this.#db.version} ${this.#db.pragma('data_version')}`;
    if (state !== this.#state) this.#lists.clear();
    this.#state = state;
  }
}
