// Convolutions three rows high at stride 1 in half the multiplications: Winograd's F(4, 3) along the rows (Lavin and Gray,
// arXiv:1509.09308). Four rows of a map and one above and below them become six mixed rows, which six flat convolutions take; mixing
// back gives four rows of the result. In single precision the relative error is about 6e-7. What both lowerings share of it.
import type { Window } from '../onnx/shapes/spatial.ts';

/** Rows of a tile. */
export const tile = 4;

/** One mixed row: factors of the tile's rows `first`, `first + apart`, ..; row 0 is the tile's first. */
export interface MixedRow {
  factors: readonly number[];
  first: number;
  apart: number;
}

/** The six mixed rows of a map; they stand for its values at the points 0, 1, -1, 2, -2 and infinity. */
export const mixes: readonly MixedRow[] = [
  { factors: [4, -5, 1], first: -1, apart: 2 },
  { factors: [-4, -4, 1, 1], first: 0, apart: 1 },
  { factors: [4, -4, -1, 1], first: 0, apart: 1 },
  { factors: [-2, -1, 2, 1], first: 0, apart: 1 },
  { factors: [2, -1, -2, 1], first: 0, apart: 1 },
  { factors: [4, -5, 1], first: 0, apart: 2 },
];

/** How many mixed rows a tile has. */
export const mixedRows = mixes.length;

/** Weights of the finite points, and the points. */
const points = [
  [1 / 4, 0],
  [-1 / 6, 1],
  [-1 / 6, -1],
  [1 / 24, 2],
  [1 / 24, -2],
] as const;

/** 3 rows of a kernel to 6 mixed ones, row by row. */
export const kernelMix = Float32Array.from([
  ...points.flatMap(([weight, p]) => [weight, weight * p, weight * p * p]),
  ...[0, 0, 1],
]);

/** 6 mixed rows of a kernel's gradient to the 3 rows: the transpose. */
export const kernelUnmix = Float32Array.from({ length: 18 }, (_, i) => kernelMix[(i % 6) * 3 + Math.floor(i / 6)]!);

/** Below this many multiplications per element moved, mixing the map costs more than it saves. */
const enoughWork = 24;
/** Below this many pixels in a batch, mixing the kernel costs more than it saves. */
const enoughPixels = 512;

/**
 * Whether a dense convolution, or a gradient of it, is better done in mixed rows.
 * @param map what the convolution's window runs over: shape [N, I, H, W]
 * @param outputs channels
 */
export function suitsMixedRows(window: Window, map: readonly number[], outputs: number): boolean {
  const [n, inputs, height, width] = map as [number, number, number, number];
  return (
    window.kernel[0] === 3 &&
    [...window.strides, ...window.dilations, window.pads[0], window.pads[2]].every((v) => v === 1) &&
    height % tile === 0 &&
    n * height * width >= enoughPixels &&
    (inputs * outputs) / (inputs + outputs) >= enoughWork
  );
}

/** Pads of the depthwise convolution that makes a mixed row. */
export const padsOfMix = ({ factors, first, apart }: MixedRow): [number, number, number, number] => [
  Math.max(0, -first),
  0,
  Math.max(0, first + apart * (factors.length - 1) - (tile - 1)),
  0,
];

/** What meets mixed row `at` of the input in a weight gradient: a tile's rows of dy as a polynomial's coefficients, at that row's point. */
export function gradientMix(at: number): MixedRow {
  const point = points[at]?.[1];
  if (point === undefined) return { factors: [0, 0, 0, 1], first: 0, apart: 1 };
  return { factors: point === 0 ? [1] : [1, point, point ** 2, point ** 3], first: 0, apart: 1 };
}
