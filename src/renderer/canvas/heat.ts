// Heatmap arithmetic: planes to colours, and the box that the four distances give at a place. Pure.
import type { Box } from '../../shared/geometry.ts';
import type { Point } from './viewport.ts';

/** The grid of a heatmap: cells and their size in image pixels. */
export interface HeatGrid {
  columns: number;
  rows: number;
  cellWidth: number;
  cellHeight: number;
}

/** The network's outputs: `strongest` one byte a cell, the highest score of all classes; `details` come a moment later. */
export interface HeatPlanes {
  strongest: Uint8Array;
  details: HeatDetails | null;
}

/** `scores` one byte a cell, one plane a class; `distances` four float planes (left, top, right, bottom, image pixels). */
export interface HeatDetails {
  scores: Uint8Array;
  distances: Float32Array;
}

/** One plane: that of a class, or the strongest of all where `plane` is -1 (and while those of the classes are on their way). */
export function planeOf({ strongest, details }: HeatPlanes, plane: number): Uint8Array {
  const cells = strongest.length;
  return plane < 0 || !details ? strongest : details.scores.subarray(plane * cells, (plane + 1) * cells);
}

// Stops of a perceptually rising ramp: transparent night blue, violet, red, orange, near white.
const ramp: readonly [number, number, number, number][] = [
  [20, 11, 52, 0],
  [75, 12, 107, 64],
  [155, 41, 100, 165],
  [229, 92, 48, 205],
  [251, 166, 36, 225],
  [252, 255, 190, 240],
];

/** Colours a plane as RGBA pixels, one a cell: cold and clear for 0, hot and nearly solid for 255. */
export function colourPlane(plane: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const table = rampTable();
  const out = new Uint8ClampedArray(plane.length * 4);
  for (let i = 0; i < plane.length; i++) {
    const at = plane[i]! * 4;
    for (let c = 0; c < 4; c++) out[i * 4 + c] = table[at + c]!;
  }
  return out;
}

let cachedTable: Uint8ClampedArray | null = null;

function rampTable(): Uint8ClampedArray {
  if (cachedTable) return cachedTable;
  const table = new Uint8ClampedArray(256 * 4);
  for (let v = 0; v < 256; v++) {
    const place = Math.sqrt(v / 255) * (ramp.length - 1); // root: scores near 0 are most of a heatmap and the telling part of early training
    const low = ramp[Math.floor(place)]!;
    const high = ramp[Math.min(ramp.length - 1, Math.floor(place) + 1)]!;
    const f = place - Math.floor(place);
    for (let c = 0; c < 4; c++) table[v * 4 + c] = low[c]! * (1 - f) + high[c]! * f;
  }
  cachedTable = table;
  return table;
}

/** The cell that holds an image point, or null outside. */
export function cellAt(grid: HeatGrid, p: Point): { column: number; row: number } | null {
  const column = Math.floor(p.x / grid.cellWidth);
  const row = Math.floor(p.y / grid.cellHeight);
  return column >= 0 && row >= 0 && column < grid.columns && row < grid.rows ? { column, row } : null;
}

/** The box that the size head predicts at a point (image pixels), and the score of the plane there (0 to 1); null while the distances are on their way. */
export function ghostAt(
  grid: HeatGrid,
  planes: HeatPlanes,
  plane: number,
  p: Point,
): { box: Box; score: number } | null {
  const cell = cellAt(grid, p);
  const { details } = planes;
  if (!cell || !details) return null;
  const cells = grid.columns * grid.rows;
  const at = cell.row * grid.columns + cell.column;
  const [left, top, right, bottom] = [0, 1, 2, 3].map((side) => details.distances[side * cells + at] ?? 0) as [
    number,
    number,
    number,
    number,
  ];
  const x = (cell.column + 0.5) * grid.cellWidth;
  const y = (cell.row + 0.5) * grid.cellHeight;
  const score = (planeOf(planes, plane)[at] ?? 0) / 255;
  return { box: { x1: x - left, y1: y - top, x2: x + right, y2: y + bottom }, score };
}
