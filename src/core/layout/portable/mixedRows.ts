// Convolutions in mixed rows (../mixedRows.ts) from standard operators.
import type { Value } from '../../onnx/graph.ts';
import { add, matMul, mul, sub } from '../../onnx/ops/math.ts';
import { concat, reshape, split, transpose } from '../../onnx/ops/structure.ts';
import type { Window } from '../../onnx/shapes/spatial.ts';
import { gradientMix, kernelMix, kernelUnmix, mixedRows, mixes, padsOfMix, tile, type MixedRow } from '../mixedRows.ts';

const sixTimes = <T>(of: (at: number) => T): T[] => Array.from({ length: mixedRows }, (_, at) => of(at));

/** One mixed row of every tile: [N, C, H, W] -> [N, C, H / 4, W]. */
function mixRows(map: Value, mix: MixedRow): Value {
  const channels = map.shape[1]!;
  const { factors, apart } = mix;
  const name = `rows/${channels}/${factors.join('_')}`;
  const data = Array.from({ length: channels }, () => factors).flat();
  const weight =
    map.graph.value(name) ??
    map.graph.constant('float32', Float32Array.from(data), [channels, 1, factors.length, 1], name);
  return map.graph.add('Conv', [map, weight], {
    kernel_shape: [factors.length, 1],
    strides: [tile, 1],
    dilations: [apart, 1],
    pads: padsOfMix(mix),
    group: channels,
  })[0]!;
}

/** A convolution that suits mixed rows. x [N, I, H, W], weight [O, I, 3, kw] -> [N, O, H, W'] */
export function convMixedRows(
  x: Value,
  weight: Value,
  bias: Value | null,
  { kernel, pads }: Pick<Window, 'kernel' | 'pads'>,
): Value {
  const { graph } = x;
  const [o, i, , kw] = weight.shape as [number, number, number, number];
  const rows = reshape(transpose(weight, [2, 0, 1, 3]), [3, o * i * kw]);
  const mixed = matMul(graph.constant('float32', kernelMix, [mixedRows, 3]), rows);
  const kernels = split(
    mixed,
    sixTimes(() => 1),
    0,
  );
  const attributes = { kernel_shape: [1, kernel[1]], pads: [0, pads[1], 0, pads[3]] };
  const [zero, one, minusOne, two, minusTwo, infinity] = sixTimes((at) => {
    const flatKernel = reshape(kernels[at]!, [o, i, 1, kw]);
    return graph.add('Conv', [mixRows(x, mixes[at]!), flatKernel], attributes)[0]!;
  }) as [Value, Value, Value, Value, Value, Value];
  const [even1, odd1, even2, odd2] = [add(one, minusOne), sub(one, minusOne), add(two, minusTwo), sub(two, minusTwo)];
  const mixedBack = [
    add(zero, add(even1, even2)),
    add(odd1, mul(odd2, 2)),
    add(even1, mul(even2, 4)),
    add(infinity, add(odd1, mul(odd2, 8))),
  ];
  const [n, , height, width] = zero.shape as [number, number, number, number];
  const parts = mixedBack.map((row) => reshape(row, [n * o * height, width]));
  const y = reshape(concat(parts, 1), [n, o, tile * height, width]);
  return bias ? add(y, reshape(bias, [1, o, 1, 1])) : y;
}

/**
 * The weight gradient of a convolution that suits mixed rows.
 * @param flatGradient the gradient of a flat convolution towards its weight [O, I, 1, kw]
 * @returns [O, I, 3, kw]
 */
export function weightGradientMixedRows(
  x: Value,
  dy: Value,
  { kernel }: Pick<Window, 'kernel'>,
  flatGradient: (x: Value, dy: Value) => Value,
): Value {
  const [o, i, kw] = [dy.shape[1]!, x.shape[1]!, kernel[1]];
  const parts = sixTimes((at) => reshape(flatGradient(mixRows(x, mixes[at]!), mixRows(dy, gradientMix(at))), [1, -1]));
  const rows = matMul(x.graph.constant('float32', kernelUnmix, [3, mixedRows]), concat(parts, 0));
  return transpose(reshape(rows, [3, o, i, kw]), [1, 2, 0, 3]);
}
