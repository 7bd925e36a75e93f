// Batch norm with the batch's own statistics, and its gradient, from standard operators.
import type { Value } from '../../onnx/graph.ts';
import type { Attributes } from '../../onnx/opTable.ts';
import { add, max, mul, reciprocal, reduceSum, sqrt, sub } from '../../onnx/ops/math.ts';
import { reshape } from '../../onnx/ops/structure.ts';

/** Sums of a map's channels over images and pixels, however its layout computes them: vectors [C]. */
export interface ChannelSums {
  sum: (x: Value) => Value;
  dot: (x: Value, y: Value) => Value;
}

/** y = factor * x + shift per channel, in vectors [C]. */
export interface ChannelLine {
  factor: Value;
  shift: Value;
}

/** The batch's statistics, and the line that normalises with them. */
export interface NormLine extends ChannelLine {
  mean: Value;
  variance: Value;
}

const inverseDeviation = (variance: Value, epsilon: number): Value => reciprocal(sqrt(add(variance, epsilon)));

/** Statistics of x and the line that batch norm is. `count`: elements per channel. */
export function normLine(
  x: Value,
  scale: Value,
  shift: Value,
  { sum, dot }: ChannelSums,
  count: number,
  epsilon: number,
): NormLine {
  const mean = mul(sum(x), 1 / count);
  const variance = max(sub(mul(dot(x, x), 1 / count), mul(mean, mean)), 0);
  const factor = mul(scale, inverseDeviation(variance, epsilon));
  return { mean, variance, factor, shift: sub(shift, mul(mean, factor)) };
}

/** Gradient of batch norm: dx = ofDy * dy + ofX.factor * x + ofX.shift. */
export interface NormGradient {
  ofDy: Value;
  ofX: ChannelLine;
  scale: Value;
  shift: Value;
}

/** @param inputs x, dy, scale, mean, variance */
export function normGradient(
  [x, dy, scale, mean, variance]: readonly [Value, Value, Value, Value, Value],
  { sum, dot }: ChannelSums,
  count: number,
  epsilon: number,
): NormGradient {
  const inverse = inverseDeviation(variance, epsilon);
  const ofDy = mul(scale, inverse);
  const shiftGradient = sum(dy);
  const scaleGradient = mul(inverse, sub(dot(x, dy), mul(mean, shiftGradient)));
  const factor = mul(mul(ofDy, inverse), mul(scaleGradient, -1 / count));
  const shift = sub(mul(mul(ofDy, shiftGradient), -1 / count), mul(factor, mean));
  return { ofDy, ofX: { factor, shift }, scale: scaleGradient, shift: shiftGradient };
}

const plainSums = ([n, c, h, w]: readonly [number, number, number, number]): ChannelSums => {
  const rows = (x: Value): Value => reshape(x, [n, c, h * w]);
  const images = (x: Value): Value => reduceSum(x, [0]);
  return {
    sum: (x) => images(reduceSum(rows(x), [2])),
    dot: (x, y) =>
      x === y
        ? images(x.graph.add('ReduceSumSquare', [rows(x), x.graph.ints([2])], { keepdims: 0 })[0]!)
        : images(reduceSum(rows(mul(x, y)), [2])),
  };
};

const sizeOfMap = (x: Value): [number, number, number, number] => x.shape as [number, number, number, number];
const perChannel = (v: Value): Value => reshape(v, [1, v.shape[0]!, 1, 1]);

/**
 * (x, scale, shift) -> y, mean, variance. The mean is taken off first: the processor has no fused multiply-add for plain operators, so values
 * near zero, where activations have their kink, would lose digits in one line.
 */
export function expandBatchNorm([x, scale, shift]: readonly Value[], attributes: Attributes): Value[] {
  const size = sizeOfMap(x!);
  const { sum, dot } = plainSums(size);
  const count = size[0] * size[2] * size[3];
  const mean = mul(sum(x!), 1 / count);
  const centred = sub(x!, perChannel(mean));
  const variance = mul(dot(centred, centred), 1 / count);
  const factor = mul(scale!, inverseDeviation(variance, Number(attributes['epsilon'])));
  return [add(mul(centred, perChannel(factor)), perChannel(shift!)), mean, variance];
}

/** (x, dy, scale, mean, variance) -> dx, dscale, dshift */
export function expandBatchNormGradient(inputs: readonly Value[], attributes: Attributes): Value[] {
  const [x, dy] = inputs as [Value, Value];
  const size = sizeOfMap(x);
  const count = size[0] * size[2] * size[3];
  const g = normGradient(
    inputs as [Value, Value, Value, Value, Value],
    plainSums(size),
    count,
    Number(attributes['epsilon']),
  );
  const line = add(mul(x, perChannel(g.ofX.factor)), perChannel(g.ofX.shift));
  return [add(mul(dy, perChannel(g.ofDy)), line), g.scale, g.shift];
}
