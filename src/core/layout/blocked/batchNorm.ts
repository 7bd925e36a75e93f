// Batch norm and its gradient in the blocked layout: two sums and one pass over the map forward, two sums and two passes back. A ReLU and a
// residual sum go into the pass.
import type { Value } from '../../onnx/graph.ts';
import { reduceSum } from '../../onnx/ops/math.ts';
import { reshape } from '../../onnx/ops/structure.ts';
import { normGradient, normLine, type ChannelSums } from '../portable/batchNorm.ts';
import { channelScale, pixelDots, pixelSums } from './channelwise.ts';
import type { BlockedRule, Lowering } from './lowering.ts';
import type { Storage } from './storage.ts';

/** Sums over images and pixels of blocked maps, as vectors of padded channels. */
function blockedSums(l: Lowering): ChannelSums {
  const images = (sums: Value, [n, c]: readonly number[]): Value => reduceSum(reshape(sums, [n!, c!]), [0]);
  return {
    sum: (x) => images(pixelSums(l, x), x.shape),
    dot: (x, y) => images(pixelDots(l, x, y), x.shape),
  };
}

const channels = (l: Lowering, like: Value): Storage => ({ kind: 'channels', block: l.block, shape: like.shape });
const perChannel = (v: Value): Value => reshape(v, [1, v.shape[0]!, 1, 1]);
const elementsPerChannel = (x: Value): number => x.shape[0]! * x.shape[2]! * x.shape[3]!;

/** BatchNorm: (x, scale, shift) -> y, mean, variance */
export const batchNormRule: BlockedRule = (node, l) => {
  const [x, scale, shift] = node.inputs as [Value, Value, Value];
  const [y, mean, variance] = node.outputs as [Value, Value, Value];
  const [stored, map] = [channels(l, scale), l.blocked(x)];
  const line = normLine(
    map,
    l.stored(scale, stored),
    l.stored(shift, stored),
    blockedSums(l),
    elementsPerChannel(x),
    Number(node.attributes['epsilon']),
  );
  l.setPending(
    y,
    channelScale(l, () => map, perChannel(line.factor), perChannel(line.shift)),
  );
  l.setStored(mean, line.mean, stored);
  l.setStored(variance, line.variance, stored);
  return true;
};

/** BatchNormGradient: (x, dy, scale, mean, variance) -> dx, dscale, dshift */
export const batchNormGradientRule: BlockedRule = (node, l) => {
  const [x, dy, scale, mean, variance] = node.inputs as [Value, Value, Value, Value, Value];
  const [dx, dscale, dshift] = node.outputs as [Value, Value, Value];
  const stored = channels(l, scale);
  const [map, gradient] = [l.blocked(x), l.blocked(dy)];
  const g = normGradient(
    [map, gradient, l.stored(scale, stored), l.stored(mean, stored), l.stored(variance, stored)],
    blockedSums(l),
    elementsPerChannel(x),
    Number(node.attributes['epsilon']),
  );
  const line = channelScale(l, () => map, perChannel(g.ofX.factor), perChannel(g.ofX.shift));
  const scaled = channelScale(l, () => gradient, perChannel(g.ofDy), null);
  l.setPending(dx, { sum: null, relu: false, emit: (sum, relu) => scaled.emit(line.emit(sum, false), relu) });
  l.setStored(dscale, g.scale, stored);
  l.setStored(dshift, g.shift, stored);
  return true;
};
