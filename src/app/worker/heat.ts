// From the network's two maps to what the interface shows: bytes of scores, distances in image pixels, peaks.
import type { HostTensor } from '../../core/runtime/hostTensor.ts';
import type { Size } from '../../shared/geometry.ts';

/** A local maximum, in pixels of the upright image. */
export interface HeatPeak {
  x: number;
  y: number;
  classId: number;
  score: number;
}

/** Planes and peaks of one image; layouts as `heatmapInfo` in shared/contract/detect.ts describes. */
export interface Heat {
  columns: number;
  rows: number;
  cellWidth: number;
  cellHeight: number;
  /** classes x rows x columns, score * 255. */
  scores: Uint8Array;
  /** rows x columns: the highest of all classes. */
  strongest: Uint8Array;
  /** 4 x rows x columns: left, top, right, bottom from the cell's centre in image pixels. */
  distances: Float32Array;
  peaks: HeatPeak[];
}

const leastPeak = 0.05;
const mostPeaks = 300;

/**
 * Reads the heads' outputs `heatmap_logits` [1, C, H, W] and `distances` [1, 4, H, W].
 * @param input size in pixels that the network saw
 * @param original size of the upright image
 */
export function readHeat(outputs: Record<string, HostTensor>, input: Size, original: Size): Heat {
  const logits = outputs['heatmap_logits']!;
  const [, classes, rows, columns] = logits.dims as [number, number, number, number];
  const scores = Float32Array.from(logits.data as Float32Array, (v) => 1 / (1 + Math.exp(-v)));
  const bytes = Uint8Array.from(scores, (s) => Math.round(s * 255));
  const cell = { cellWidth: original.width / columns, cellHeight: original.height / rows };
  const distances = toImagePixels(outputs['distances']!.data as Float32Array, columns * rows, input, original, cell);
  return {
    columns,
    rows,
    ...cell,
    scores: bytes,
    strongest: strongestOf(bytes, columns * rows),
    distances,
    peaks: findPeaks(scores, { classes, rows, columns }, cell),
  };
}

function strongestOf(scores: Uint8Array, cells: number): Uint8Array {
  const out = scores.slice(0, cells);
  for (let start = cells; start < scores.length; start += cells)
    for (let i = 0; i < cells; i++) if (scores[start + i]! > out[i]!) out[i] = scores[start + i]!;
  return out;
}

interface Cell {
  cellWidth: number;
  cellHeight: number;
}

/** The network measures from a cell's first pixel to the box's last pixel, in input pixels; people measure from its centre to the edges. */
function toImagePixels(raw: Float32Array, cells: number, input: Size, original: Size, { cellWidth, cellHeight }: Cell) {
  const [sx, sy] = [original.width / input.width, original.height / input.height];
  const [halfX, halfY] = [cellWidth / 2, cellHeight / 2];
  const convert = [
    (v: number) => v * sx + halfX,
    (v: number) => v * sy + halfY,
    (v: number) => (v + 1) * sx - halfX,
    (v: number) => (v + 1) * sy - halfY,
  ];
  return Float32Array.from(raw, (v, i) => convert[Math.floor(i / cells)]!(v));
}

interface Planes {
  classes: number;
  rows: number;
  columns: number;
}

/** Cells that are the largest of their 3 x 3 neighbourhood, the strongest first. */
function findPeaks(scores: Float32Array, { classes, rows, columns }: Planes, cell: Cell): HeatPeak[] {
  const peaks: HeatPeak[] = [];
  for (let classId = 0; classId < classes; classId++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const score = scores[(classId * rows + row) * columns + column]!;
        if (score < leastPeak || !isHighest(scores, classId, row, column, { rows, columns })) continue;
        peaks.push({ x: (column + 0.5) * cell.cellWidth, y: (row + 0.5) * cell.cellHeight, classId, score });
      }
  return peaks.sort((a, b) => b.score - a.score).slice(0, mostPeaks);
}

function isHighest(
  scores: Float32Array,
  classId: number,
  row: number,
  column: number,
  { rows, columns }: Omit<Planes, 'classes'>,
): boolean {
  const at = (r: number, c: number) => scores[(classId * rows + r) * columns + c]!;
  const own = at(row, column);
  for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++)
    for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) if (at(r, c) > own) return false;
  return true;
}
