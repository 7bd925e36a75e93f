// The focal loss in the blocked layout: its target is brought there, then all passes run on blocked maps.
import type { Value } from '../../onnx/graph.ts';
import { reshape } from '../../onnx/ops/structure.ts';
import { focalMaps } from '../portable/focal.ts';
import { pixelDots, pixelSums } from './channelwise.ts';
import type { BlockedRule } from './lowering.ts';

/** FocalTerms. Padding lanes hold numbers of no meaning: the sums' are cut off, the slope's meet gradients of zero. */
export const focalTermsRule: BlockedRule = (node, l) => {
  const [logits, target] = node.inputs as [Value, Value];
  const [sums, positives, slope] = node.outputs as [Value, Value, Value];
  if (!l.isBlocked(logits)) return false;
  const map = l.blocked(logits);
  const maps = focalMaps(map, l.blocked(target));
  const perChannel = (v: Value): Value => reshape(v, [map.shape[0]!, map.shape[1]!, 1, 1]);
  l.setBlocked(sums, perChannel(pixelDots(l, maps.weight, maps.logarithm)));
  l.setBlocked(positives, perChannel(pixelSums(l, maps.positive)));
  l.setBlocked(slope, maps.slope);
  return true;
};
