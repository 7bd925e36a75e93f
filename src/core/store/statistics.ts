// Numbers about the labels that a chart can draw: balance, sizes, ratios, crowding, where objects lie.
import type { Driver } from './driver.ts';
import { listClasses } from './classes.ts';

/** One bar of a histogram: from `from` (included) to the next bar's `from`. */
export interface Bar {
  from: number;
  count: number;
}

/** What the labels of a project look like. Suggestions don't count. */
export interface Statistics {
  classes: { id: number; name: string; color: string; boxes: number; images: number }[];
  /** By the square root of the area in pixels, doubling from 1 to 8192. */
  sizes: Bar[];
  /** By width / height, doubling in half steps from 1/16 to 16. */
  ratios: Bar[];
  /** Images by the number of labels on them; the last bar holds 50 and more. */
  perImage: Bar[];
  /** How many box centres lie in each cell of a grid over the image, row by row; each image stretched to the grid. */
  centres: { columns: number; rows: number; counts: number[] };
  /** Images without a label that nobody has reviewed or skipped. */
  unlabelled: number;
}

const gridSize = 32;
const sizeEdges = Array.from({ length: 14 }, (_, i) => 2 ** i);
const ratioEdges = Array.from({ length: 17 }, (_, i) => 2 ** ((i - 8) / 2));

/** An expression that numbers the bar that `value` falls in; below the first edge is bar 0 too. */
function barOf(value: string, edges: readonly number[]): string {
  const cases = [...edges.entries()].slice(1).reverse();
  return `CASE ${cases.map(([i, edge]) => `WHEN ${value} >= ${edge} THEN ${i}`).join(' ')} ELSE 0 END`;
}

const imagesAtOnce = 5000;

/** Runs a query that takes the first and last image id over the whole project, some images at a time: grouping a million rows at once takes memory. */
function* inParts<Row>(db: Driver, sql: string): Generator<Row> {
  const last = db.one<{ id: number | null }>('SELECT max(id) AS id FROM image')?.id ?? 0;
  for (let from = 0; from <= last; from += imagesAtOnce) yield* db.all<Row>(sql, [from, from + imagesAtOnce - 1]);
}

/** Sizes and ratios in one walk over the boxes. */
function shapes(db: Driver): Pick<Statistics, 'sizes' | 'ratios'> {
  const size = barOf(
    '(x2 - x1) * (y2 - y1)',
    sizeEdges.map((edge) => edge * edge),
  );
  const ratio = barOf('(x2 - x1) / max(y2 - y1, 1e-9)', ratioEdges);
  const sql = `SELECT ${size} AS size, ${ratio} AS ratio, count(*) AS n FROM box
    WHERE image BETWEEN ? AND ? AND state = 0 GROUP BY 1, 2`;
  const sizes = sizeEdges.map((from) => ({ from, count: 0 }));
  const ratios = ratioEdges.map((from) => ({ from, count: 0 }));
  for (const row of inParts<{ size: number; ratio: number; n: number }>(db, sql)) {
    sizes[row.size]!.count += row.n;
    ratios[row.ratio]!.count += row.n;
  }
  return { sizes, ratios };
}

/** Computes all statistics; a few seconds for a million boxes. */
export function statistics(db: Driver): Statistics {
  return {
    classes: listClasses(db).map(({ id, name, color, boxes, images }) => ({ id, name, color, boxes, images })),
    ...shapes(db),
    perImage: boxesPerImage(db),
    centres: centres(db),
    unlabelled: db.one<{ n: number }>('SELECT count(*) AS n FROM image WHERE status IN (0, 1)')!.n,
  };
}

function boxesPerImage(db: Driver): Bar[] {
  const rows = db.all<{ bar: number; n: number }>('SELECT min(boxes, 50) AS bar, count(*) AS n FROM image GROUP BY 1');
  const counts = new Map(rows.map((r) => [r.bar, r.n]));
  return Array.from({ length: 51 }, (_, from) => ({ from, count: counts.get(from) ?? 0 }));
}

function centres(db: Driver): Statistics['centres'] {
  const cell = (near: string, far: string, side: string): string =>
    `max(0, min(${gridSize - 1}, CAST((b.${near} + b.${far}) / 2 * ${gridSize} / i.${side} AS INTEGER)))`;
  const sql = `SELECT ${cell('y1', 'y2', 'height')} * ${gridSize} + ${cell('x1', 'x2', 'width')} AS cell, count(*) AS n
     FROM image i JOIN box b ON b.image = i.id
     WHERE i.id BETWEEN ? AND ? AND b.state = 0 AND i.width > 0 AND i.height > 0 GROUP BY 1`;
  const counts = new Array<number>(gridSize * gridSize).fill(0);
  for (const row of inParts<{ cell: number; n: number }>(db, sql)) counts[row.cell]! += row.n;
  return { columns: gridSize, rows: gridSize, counts };
}
