// The gradient of a convolution towards its weight, from standard operators.
import type { Value } from '../../onnx/graph.ts';
import type { Attributes } from '../../onnx/opTable.ts';
import { matMul, mul, reduceSum } from '../../onnx/ops/math.ts';
import { concat, pad, reshape, slice, transpose } from '../../onnx/ops/structure.ts';
import { windowOf } from '../../onnx/shapes/spatial.ts';
import { suitsMixedRows } from '../mixedRows.ts';
import { weightGradientMixedRows } from './mixedRows.ts';

/**
 * One product per tap of the kernel: the input as that tap sees it against the output's gradient. The runtime fuses the transposes into
 * the products. Depthwise convolutions multiply and sum instead.
 * @param x [N, I, H, W]
 * @param dy [N, O, H', W']
 * @param mixes whether mixed rows may be used
 * @returns [O, I / group, kh, kw]
 */
export function expandWeightGradient(x: Value, dy: Value, attributes: Attributes, mixes: boolean): Value {
  const window = windowOf({ attributes });
  const { kernel, strides, dilations, pads } = window;
  const group = Number(attributes['group'] ?? 1);
  const [n, i] = x.shape as [number, number];
  const [, o, height, width] = dy.shape as [number, number, number, number];
  if (mixes && group === 1 && suitsMixedRows(window, x.shape, o)) {
    const flat = { ...attributes, kernel_shape: [1, kernel[1]], pads: [0, pads[1], 0, pads[3]] };
    return weightGradientMixedRows(x, dy, window, (a, b) => expandWeightGradient(a, b, flat, false));
  }
  const depthwise = group === i && group === o;
  const border = [0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]];
  const padded = border.some((p) => p > 0) ? pad(x, border) : x;
  const gradient = reshape(dy, [n, group, o / group, height * width]);
  const taps: Value[] = [];
  for (let row = 0; row < kernel[0]; row++)
    for (let column = 0; column < kernel[1]; column++) {
      const from = [row * dilations[0], column * dilations[1]];
      const to = [from[0]! + (height - 1) * strides[0] + 1, from[1]! + (width - 1) * strides[1] + 1];
      const seen = kernel[0] * kernel[1] === 1 && strides[0] === 1 ? padded : slice(padded, from, to, [2, 3], strides);
      taps.push(
        depthwise
          ? channelDot(seen, dy)
          : groupedProduct(gradient, reshape(seen, [n, group, i / group, height * width])),
      );
    }
  const joined = taps.length === 1 ? taps[0]! : concat(taps, 2);
  return reshape(joined, [o, i / group, ...kernel]);
}

/** [N, C, H, W] x [N, C, H, W] -> [C, 1, 1]: the sum of products over images and pixels. */
const channelDot = (a: Value, b: Value): Value => reshape(reduceSum(mul(a, b), [0, 2, 3]), [a.shape[1]!, 1, 1]);

/** [N, G, O, P] x [N, G, I, P] -> [G O, I, 1], summed over images. */
function groupedProduct(dy: Value, x: Value): Value {
  const [, group, o] = dy.shape as [number, number, number];
  const products = matMul(dy, transpose(x, [0, 1, 3, 2]));
  return reshape(reduceSum(products, [0]), [group * o, x.shape[2]!, 1]);
}
