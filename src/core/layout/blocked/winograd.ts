// Convolutions three rows high at stride 1 in half the multiplications: Winograd's F(4, 3) along the rows (Lavin and Gray,
// arXiv:1509.09308). Four rows of a map and one above and below them become six mixed rows, which six flat convolutions take; mixing
// back gives four rows of the result. Rows lie together in memory, so mixing them runs at the speed of memory; in single precision the
// relative error is about 6e-7.
import type { Value } from '../../onnx/graph.ts';
import { add, matMul, sub } from '../../onnx/ops/math.ts';
import { concat, reshape, slice, split, transpose } from '../../onnx/ops/structure.ts';
import type { Window } from '../../onnx/shapes/spatial.ts';
import { sizeOf } from '../../onnx/tensorType.ts';
import { emitConv } from './emitConv.ts';
import type { Lowering } from './lowering.ts';

const tile = 4;

/** One mixed row: factors of the tile's rows `first`, `first + apart`, ..; row 0 is the tile's first. */
interface MixedRow {
  factors: readonly number[];
  first: number;
  apart: number;
}

/** The six mixed rows of a map; they stand for its values at the points 0, 1, -1, 2, -2 and infinity. */
const mixes: readonly MixedRow[] = [
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
const kernelMix = Float32Array.from([
  ...points.flatMap(([weight, p]) => [weight, weight * p, weight * p * p]),
  ...[0, 0, 1],
]);

/** 6 mixed rows of a kernel's gradient to the 3 rows: the transpose. */
const kernelUnmix = Float32Array.from({ length: 18 }, (_, i) => kernelMix[(i % 6) * 3 + Math.floor(i / 6)]!);

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

/** The same factors for all channels, as the weight of a depthwise convolution over rows: [channels, 1, rows, 1]. */
function rowFactors(l: Lowering, factors: readonly number[], channels: number): Value {
  const name = `rows/${channels}/${factors.join('_')}`;
  const data = Array.from({ length: channels / l.block }, () => factors.map((f) => Array<number>(l.block).fill(f)));
  return (
    l.target.value(name) ??
    l.target.constant('float32', Float32Array.from(data.flat(2)), [channels, 1, factors.length, 1], name)
  );
}

/** One mixed row of every tile: [N, C, H, W] blocked -> [N, C, H / 4, W]. */
function mixRows(l: Lowering, map: Value, { factors, first, apart }: MixedRow): Value {
  const channels = map.shape[1]!;
  const below = first + apart * (factors.length - 1) - (tile - 1);
  return emitConv(l, map, rowFactors(l, factors, channels), null, null, false, {
    kernel_shape: [factors.length, 1],
    strides: [tile, 1],
    dilations: [apart, 1],
    pads: [Math.max(0, -first), 0, Math.max(0, below), 0],
    group: channels,
  });
}

/** factor * map + sum, then bias and ReLU, in one pass. */
function scaleInto(l: Lowering, map: Value, factor: number, sum: Value, bias: Value | null, relu: boolean): Value {
  const channels = map.shape[1]!;
  return emitConv(l, map, rowFactors(l, [factor], channels), bias, sum, relu, {
    kernel_shape: [1, 1],
    group: channels,
  });
}

/** The rows of a stored dense weight [O, I, 3, kw] apart: [3, O / b, I / b, kw, b, b]. */
export function kernelRows(l: Lowering, weight: Value): Value {
  const [o, i, kh, kw] = weight.shape as [number, number, number, number];
  return transpose(reshape(weight, [(o * i) / l.block ** 2, kh, kw * l.block ** 2]), [1, 0, 2]);
}

/** The six mixed rows of a kernel from its three: [O, I, 1, kw] each. Of a constant weight the runtime makes constants. */
function mixKernel(l: Lowering, rows: Value, shape: readonly [number, number, number, number]): Value[] {
  const mixed = matMul(l.target.constant('float32', kernelMix, [mixedRows, 3]), reshape(rows, [3, -1]));
  const parts = Array.from({ length: mixedRows }, () => 1);
  return split(mixed, parts, 0).map((row) => reshape(row, shape));
}

/**
 * A dense convolution that {@link suitsMixedRows}.
 * @param map blocked
 * @param rows its kernel, see {@link kernelRows}
 */
export function convMixedRows(
  l: Lowering,
  map: Value,
  rows: Value,
  bias: Value | null,
  sum: Value | null,
  relu: boolean,
  window: Pick<Window, 'kernel' | 'pads'>,
): Value {
  const [inputs, kw] = [map.shape[1]!, window.kernel[1]];
  const kernels = mixKernel(l, rows, [sizeOf(rows.shape) / (inputs * 3 * kw), inputs, 1, kw]);
  const attributes = { kernel_shape: [1, window.kernel[1]], pads: [0, window.pads[1], 0, window.pads[3]] };
  const endsHere = sum === null;
  const flat = (at: number, plus: Value | null, last: boolean): Value =>
    emitConv(
      l,
      mixRows(l, map, mixes[at]!),
      kernels[at]!,
      last ? bias : null,
      plus,
      last && endsHere && relu,
      attributes,
    );
  const [one, minusOne, two, minusTwo] = [1, 2, 3, 4].map((at) => flat(at, null, false)) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const [even1, odd1, even2, odd2] = [add(one, minusOne), sub(one, minusOne), add(two, minusTwo), sub(two, minusTwo)];
  const mixedBack = [
    flat(0, add(even1, even2), true),
    scaleInto(l, odd2, 2, odd1, bias, endsHere && relu),
    scaleInto(l, even2, 4, even1, bias, endsHere && relu),
    flat(5, scaleInto(l, odd2, 8, odd1, null, false), true),
  ];
  const [n, o, height, width] = mixedBack[0]!.shape as [number, number, number, number];
  const view = [(n * o * height) / l.block, width * l.block];
  const whole = reshape(
    concat(
      mixedBack.map((row) => reshape(row, view)),
      1,
    ),
    [n, o, tile * height, width],
  );
  return sum ? scaleInto(l, whole, 1, sum, null, relu) : whole;
}

/** Mixed row `at` of every tile of a map: [N, C, H, W] blocked -> [N, C, H / 4, W]. */
export const mixedRow = (l: Lowering, map: Value, at: number): Value => mixRows(l, map, mixes[at]!);

/** What meets mixed row `at` of the input: a tile's rows of dy as a polynomial's coefficients, at that row's point. */
export function gradientRow(l: Lowering, dy: Value, at: number): Value {
  const point = points[at]?.[1];
  if (point) return mixRows(l, dy, { factors: [1, point, point ** 2, point ** 3], first: 0, apart: 1 });
  const [n, o, height, width] = dy.shape as [number, number, number, number];
  const row = width * l.block;
  const start = point === 0 ? 0 : (tile - 1) * row;
  const rows = slice(reshape(dy, [(n * o * height) / l.block / tile, tile * row]), [start], [start + row], [1]);
  return reshape(rows, [n, o, height / tile, width]);
}

/** Gradients towards the six mixed rows of a kernel as that towards its three rows: [blocks, 6, taps] -> [blocks, 3, taps]. */
export const unmixRows = (l: Lowering, gradients: Value): Value =>
  matMul(l.target.constant('float32', kernelUnmix, [3, mixedRows]), gradients);
