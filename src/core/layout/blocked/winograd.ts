// Convolutions in mixed rows (../mixedRows.ts) in the blocked layout. Rows lie together in memory, so mixing them runs at its speed.
import type { Value } from '../../onnx/graph.ts';
import { add, matMul, sub } from '../../onnx/ops/math.ts';
import { concat, reshape, slice, split, transpose } from '../../onnx/ops/structure.ts';
import type { Window } from '../../onnx/shapes/spatial.ts';
import { sizeOf } from '../../onnx/tensorType.ts';
import { gradientMix, kernelMix, kernelUnmix, mixedRows, mixes, padsOfMix, tile, type MixedRow } from '../mixedRows.ts';
import { emitConv } from './emitConv.ts';
import type { Lowering } from './lowering.ts';

/** The same factors for all channels, as the weight of a depthwise convolution over rows: [channels, 1, rows, 1]. */
function rowFactors(l: Lowering, factors: readonly number[], channels: number): Value {
  const name = `rows/${channels}/${factors.join('_')}`;
  const data = Array.from({ length: channels / l.block }, () => factors.map((f) => Array<number>(l.block).fill(f)));
  return (
    l.target.value(name) ??
    l.target.constant('float32', Float32Array.from(data.flat(2)), [channels, 1, factors.length, 1], name)
  );
}

/** Maps of up to so many elements are mixed once for a convolution and its weight gradient; of larger ones that would keep too much memory. */
const keptElements = 2.5e6;

/** One mixed row of every tile: [N, C, H, W] blocked -> [N, C, H / 4, W]. */
function mixRows(l: Lowering, map: Value, mix: MixedRow): Value {
  const channels = map.shape[1]!;
  const make = (): Value => emitMix(l, map, mix, channels);
  if (sizeOf(map.shape) > keptElements) return make();
  return l.once(`mix/${map.name}/${mix.first}/${mix.factors.join('_')}`, make);
}

const emitMix = (l: Lowering, map: Value, mix: MixedRow, channels: number): Value =>
  emitConv(l, map, rowFactors(l, mix.factors, channels), null, null, false, {
    kernel_shape: [mix.factors.length, 1],
    strides: [tile, 1],
    dilations: [mix.apart, 1],
    pads: padsOfMix(mix),
    group: channels,
  });

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

/**
 * Column w of a blocked map becomes its column w + `by`, zeros beyond its ends. A depthwise convolution with a single tap: it works on all
 * cores, where Pad works on one.
 */
export function shiftedColumns(l: Lowering, map: Value, by: number): Value {
  if (by === 0) return map;
  const [channels, reach] = [map.shape[1]!, Math.abs(by)];
  const taps = Array.from({ length: reach + 1 }, (_, tap) => (tap === (by < 0 ? 0 : reach) ? 1 : 0));
  return emitConv(l, map, reshape(rowFactors(l, taps, channels), [channels, 1, 1, reach + 1]), null, null, false, {
    kernel_shape: [1, reach + 1],
    pads: by < 0 ? [0, reach, 0, 0] : [0, 0, 0, reach],
    group: channels,
  });
}

/** What meets mixed row `at` of the input in the weight gradient: [N, O, H, W] blocked -> [N, O, H / 4, W]. */
export function gradientRow(l: Lowering, dy: Value, at: number): Value {
  const mix = gradientMix(at);
  const [only, ...others] = mix.factors.flatMap((factor, row) => (factor === 0 ? [] : [row]));
  if (others.length > 0) return mixRows(l, dy, mix);
  const [n, o, height, width] = dy.shape as [number, number, number, number];
  const row = width * l.block;
  const tiles = reshape(dy, [(n * o * height) / l.block / tile, tile * row]);
  return reshape(slice(tiles, [only! * row], [(only! + 1) * row], [1]), [n, o, height / tile, width]);
}

/** Gradients towards the six mixed rows of a kernel as that towards its three rows: [blocks, 6, taps] -> [blocks, 3, taps]. */
export const unmixRows = (l: Lowering, gradients: Value): Value =>
  matMul(l.target.constant('float32', kernelUnmix, [3, mixedRows]), gradients);
