// One line of a YOLO label file: class and normalised numbers to a box and back, to the last bit.
import type { Box, Size } from '../../shared/geometry.ts';
import { addScaled, decimalOf, divideRounded, formatDecimal, half, parseDecimal, times, toNumber } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import { enclosing } from './report.ts';

/** What the lines of a dataset may hold behind the class. */
export interface LineLayout {
  /** Numbers of the keypoints behind each box; 0 where data.yaml tells of none. */
  keypoints: number;
  /** Polygons of three points are expected; else six numbers that end in a whole one are a box, a score and the number of a track. */
  polygons: boolean;
}

/** Something besides box and class that a line has. */
export type LineDetail = 'keypoints' | 'scores' | 'tracks';

/** What a line says. */
export interface YoloLabel {
  classId: number;
  box: Box;
  /** The box encloses a polygon or a turned box. */
  converted: boolean;
  details: LineDetail[];
}

/** Why a line is no label. */
export type NoLabel = 'no label' | 'no shares';

/** A share may stick out of the image a little; numbers beyond this are pixels. */
const mostShare = 2;

const number = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
const isWhole = (word: string | undefined): boolean => word !== undefined && /^\d+$/.test(word);
const isScore = (word: string | undefined): boolean => Number(word) >= 0 && Number(word) <= 1;

/**
 * Reads `class cx cy w h`, the same with a score, with a score and the number of a track, or with keypoints; `class x y x y x y ...`, also
 * with a score. Else says why it is none.
 */
export function parseYoloLine(line: string, size: Size, { keypoints, polygons }: LineLayout): YoloLabel | NoLabel {
  const [first = '', ...words] = line.trim().split(/\s+/);
  const classId = Number(first);
  if (!number.test(first) || !Number.isInteger(classId) || classId < 0) return 'no label';
  if (words.length < 4 || !words.every((word) => number.test(word))) return 'no label';
  const label = (box: Box | null, details: LineDetail[], converted = false): YoloLabel | NoLabel =>
    box ? { classId, box, converted, details } : 'no shares';
  const box = () => boxOfShares(words.slice(0, 4), size);
  if (words.length === 4) return label(box(), []);
  if (keypoints > 0) return words.length === 4 + keypoints ? label(box(), ['keypoints']) : 'no label';
  if (words.length === 5)
    return isScore(words[4]) ? label(box(), ['scores']) : isWhole(words[4]) ? label(box(), ['tracks']) : 'no label';
  if (isTracked(words) && !polygons) return label(box(), ['scores', 'tracks']);
  const points = words.slice(0, words.length - (words.length % 2));
  if (points.length < words.length && !isScore(words.at(-1))) return 'no label';
  return label(boxOfPoints(points, size), points.length < words.length ? ['scores'] : [], true);
}

const isTracked = (words: readonly string[]): boolean => words.length === 6 && isScore(words[4]) && isWhole(words[5]);

/** Whether a file has lines that can be nothing but polygons. */
export function hasPolygons(lines: readonly string[]): boolean {
  return lines.some((line) => line.trim().split(/\s+/).length > 7);
}

function boxOfPoints(words: readonly string[], size: Size): Box | null {
  const points = words.map(Number);
  if (points.some((share) => Math.abs(share) > mostShare)) return null;
  return enclosing(points.map((share, i) => share * (i % 2 === 0 ? size.width : size.height)));
}

function boxOfShares(words: readonly string[], size: Size): Box | null {
  const [cx, cy, w, h] = words.map(parseDecimal);
  if (!cx || !cy || !w || !h || words.some((word) => Math.abs(Number(word)) > mostShare)) return null;
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
