// One line of a YOLO label file: class and normalised numbers to a box and back, to the last bit.
import type { Box, Size } from '../../shared/geometry.ts';
import { addScaled, decimalOf, divideRounded, formatDecimal, half, parseDecimal, times, toNumber } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import { enclosing } from './report.ts';

/** What a line says; `converted` when it was a polygon or a turned box. */
export interface YoloLabel {
  classId: number;
  box: Box;
  converted: boolean;
}

/**
 * Reads `class cx cy w h`, the same with a confidence, or `class x y x y x y ...`; with `pose` (keypoints follow the box) only the first
 * four numbers count. Null when the line is none of these.
 */
export function parseYoloLine(line: string, size: Size, pose: boolean): YoloLabel | null {
  const [first, ...rest] = line.trim().split(/\s+/);
  const classId = Number(first);
  if (!Number.isInteger(classId) || classId < 0 || rest.length < 4) return null;
  if (rest.length <= 5 || pose) {
    const box = boxOfNormalised(rest.slice(0, 4), size);
    return box && { classId, box, converted: false };
  }
  const numbers = rest.map(Number);
  if (rest.length % 2 !== 0 || numbers.some((n) => !Number.isFinite(n))) return null;
  const points = numbers.map((n, i) => n * (i % 2 === 0 ? size.width : size.height));
  return { classId, box: enclosing(points), converted: true };
}

function boxOfNormalised(words: readonly string[], size: Size): Box | null {
  const [cx, cy, w, h] = words.map(parseDecimal);
  if (!cx || !cy || !w || !h) return null;
  const [x1, x2] = edges(cx, w, size.width);
  const [y1, y2] = edges(cy, h, size.height);
  return { x1, y1, x2, y2 };
}

/** Edges in pixels of a normalised span: exact in decimals, rounded once. */
function edges(centre: Decimal, extent: Decimal, pixels: number): [number, number] {
  const n = BigInt(pixels);
  const reach = half(extent);
  return [toNumber(times(addScaled(centre, reach, -1n), n)), toNumber(times(addScaled(centre, reach), n))];
}

/** Decimal places tried in turn: enough for whole pixels first, then for any coordinate above 1e-10 pixels. */
const places = [6, 9, 12, 18, 24, 32];

/** `class cx cy w h` (and the score), with as few decimals as read back to the same box; `exact` says whether they do. */
export function formatYoloLine(
  classId: number,
  box: Box,
  size: Size,
  score?: number,
): { line: string; exact: boolean } {
  const [cx, w, exactX] = span(box.x1, box.x2, size.width);
  const [cy, h, exactY] = span(box.y1, box.y2, size.height);
  const line = [classId, cx, cy, w, h, ...(score === undefined ? [] : [score])].join(' ');
  return { line, exact: exactX && exactY };
}

function span(from: number, to: number, pixels: number): [string, string, boolean] {
  const [low, high, n] = [decimalOf(from), decimalOf(to), BigInt(pixels)];
  let result: [string, string, boolean] = ['0', '0', false];
  for (const scale of places) {
    const [a, b] = [divideRounded(low, n, scale), divideRounded(high, n, scale)];
    const [centre, extent] = [half(addScaled(a, b)), addScaled(b, a, -1n)];
    const back = edges(centre, extent, pixels);
    result = [formatDecimal(centre), formatDecimal(extent), back[0] === from && back[1] === to];
    if (result[2]) break;
  }
  return result;
}
