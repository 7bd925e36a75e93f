// Where a box's targets go: centre, radii and region on the heatmap, in the float32 arithmetic of the official code.
import type { Box } from '../../shared/geometry.ts';
import { stride } from './networks/network.ts';

const f32 = Math.fround;

/** Rounds each corner to float32, as the official tensors hold it. */
export function roundBox({ x1, y1, x2, y2 }: Box): Box {
  return { x1: f32(x1), y1: f32(y1), x2: f32(x2), y2: f32(y2) };
}

/** Area of an inclusive-corner box: (w + 1)(h + 1) of the corner distances. Negative when one side is inverted. */
export function inclusiveArea({ x1, y1, x2, y2 }: Box): number {
  return f32(f32(f32(x2 - x1) + 1) * f32(f32(y2 - y1) + 1));
}

/** Cell of the middle between two corners, truncated towards zero and not clamped: it may lie outside the map. */
export function centreCell(near: number, far: number): number {
  return Math.trunc(f32(f32(f32(near + far) / 2) / stride)) + 0; // + 0: no negative zero
}

/** Side of a box in cells, after clamping its corners to 0..cells - 1. */
export function sideInCells(near: number, far: number, cells: number): number {
  const clamp = (v: number): number => Math.max(0, Math.min(cells - 1, f32(v / stride)));
  return f32(clamp(far) - clamp(near));
}

/** Radius of a Gaussian that covers `portion` of a side. */
export function radiusOf(side: number, portion: number): number {
  return Math.trunc(f32(f32(side / 2) * f32(portion))) + 0;
}

/**
 * CornerNet's radius, as in CenterNet's code: how far corners may shift with an overlap of `minOverlap` left. Of that code's three
 * candidates the grown box always gives the least, so only that root is computed; as there, it isn't divided by 4 * minOverlap.
 * @param width in cells
 * @param height in cells
 */
export function cornerNetRadius(width: number, height: number, minOverlap = 0.7): number {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  const b = 2 * minOverlap * (w + h);
  const root = Math.sqrt(b * b + 16 * minOverlap * (1 - minOverlap) * w * h);
  return Math.max(0, Math.trunc((root - b) / 2));
}

/** Rounds halves to the even neighbour, as torch does. */
function roundEven(v: number): number {
  const down = Math.floor(v);
  const rest = v - down;
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}

/**
 * First and last cell of the middle `portion` of a side (official `calc_region`): rounded once in pixels, once in cells; clamped from
 * above only, so the first can be negative.
 */
export function regionOf(near: number, far: number, portion: number, cells: number): [number, number] {
  const ratio = (1 - portion) / 2;
  const [major, minor] = [f32(1 - ratio), f32(ratio)];
  const cell = (pixel: number): number => Math.min(cells - 1, roundEven(f32(roundEven(pixel) / stride)));
  return [cell(f32(f32(major * near) + f32(minor * far))), cell(f32(f32(minor * near) + f32(major * far)))];
}
