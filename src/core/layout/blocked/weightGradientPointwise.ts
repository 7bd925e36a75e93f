// Weight gradients of 1x1 convolutions in the blocked layout.
import type { Value } from '../../onnx/graph.ts';
import { matMul } from '../../onnx/ops/math.ts';
import { reshape, slice, transpose } from '../../onnx/ops/structure.ts';
import type { Window } from '../../onnx/shapes/spatial.ts';
import type { Lowering } from './lowering.ts';
import { cutRows, moveAxes, pixelLanes, sumImages, turnedBlocks } from './rowLanes.ts';
import { graphToStored, roundUp } from './storage.ts';

/**
 * dW[o, i] = sum over images and pixels of dy x. One of both, the one with fewer channels, has its pixels transposed into the lanes: it
 * is a map of as many rows as it has channels, whose channels are pixels. The other is the weight, as it lies in memory; one group per image.
 */
export function pointwiseGradient(l: Lowering, x: Value, dy: Value, { strides }: Window): Value {
  const b = l.block;
  const [n, , height, width] = dy.shape as [number, number, number, number];
  const [i, o] = [roundUp(x.shape[1]!, b), roundUp(dy.shape[1]!, b)];
  const seen = seenPixels(l, x, strides, [height, width]);
  const pixels = height * width;
  if (pixels === 1) {
    const product = matMul(transpose(reshape(l.blocked(dy), [n, o]), [1, 0]), reshape(seen, [n, i]));
    return graphToStored(reshape(product, [o, i, 1, 1]), { kind: 'dense', block: b, shape: [o, i, 1, 1] });
  }
  if (i <= o) return reshape(product(l, seen, l.blocked(dy), n, pixels), [o, i, 1, 1]);
  const turned = product(l, l.blocked(dy), seen, n, pixels); // [i / b, o / b, b of o, b of i]
  const places = Array.from({ length: (o / b) * (i / b) }, (_, k) => (k % (i / b)) * (o / b) + Math.floor(k / (i / b)));
  return reshape(turnedBlocks(l, turned, places, places.length), [o, i, 1, 1]);
}

/** The pixels of the input that the strided convolution looks at, blocked. */
function seenPixels(l: Lowering, x: Value, strides: Window['strides'], [height, width]: [number, number]): Value {
  const value = l.blocked(x);
  if (strides.every((s) => s === 1)) return value;
  const [n, c, h, w] = value.shape as [number, number, number, number];
  const ends = [(height - 1) * strides[0] + 1, (width - 1) * strides[1] + 1];
  return slice(reshape(value, [(n * c) / l.block, h, w, l.block]), [0, 0], ends, [1, 2], strides);
}

/** Sum over images and pixels of a (as the map) times c (as the weight). -> [c / b, a channels, b of c] */
function product(l: Lowering, a: Value, c: Value, n: number, pixels: number): Value {
  const b = l.block;
  const whole = roundUp(pixels, b);
  const channels = (v: Value): number => v.shape.reduce((p, d) => p * d, 1) / (n * pixels);
  const padded = (v: Value): Value => cutRows(reshape(v, [(n * channels(v)) / b, pixels * b]), 0, whole * b);
  const lanes = pixelLanes(l, padded(a), [(n * channels(a)) / b, whole, b]);
  const map = moveAxes(lanes, [n, channels(a) / b, whole / b, b * b], [0, 2, 1, 3]);
  return sumImages(
    l.nchwc(
      'Conv',
      [reshape(map, [1, n * whole, channels(a), 1]), reshape(padded(c), [n * channels(c), whole, 1, 1])],
      { kernel_shape: [1, 1], group: n },
    ),
    n,
  );
}
