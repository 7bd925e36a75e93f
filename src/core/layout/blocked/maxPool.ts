// Max-pool and its gradient where the blocked layout runs, which is the CPU.
import type { Value } from '../../onnx/graph.ts';
import { expand, reshape, scatterAdd } from '../../onnx/ops/structure.ts';
import { sizeOf } from '../../onnx/tensorType.ts';
import type { BlockedRule } from './lowering.ts';

/** MaxPool */
export const maxPoolRule: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  if (!l.isBlocked(x)) return false;
  l.setBlocked(node.outputs[0]!, l.nchwc('MaxPool', [l.blocked(x)], node.attributes));
  return true;
};

/** MaxPoolGradient: (x, y, dy) -> dx. The runtime says where each maximum was, the first of equal ones; a quarter of the masks' time. */
export const maxPoolGradientRule: BlockedRule = (node, l) => {
  const [x, , dy] = node.inputs as [Value, Value, Value];
  const [, indices] = l.target.add('MaxPool', [l.plain(x)], { ...node.attributes, storage_order: 0 }) as [Value, Value];
  const empty = expand(l.target.scalar(0), [sizeOf(x.shape)]);
  const flat = scatterAdd(empty, reshape(indices, [-1, 1]), reshape(l.plain(dy), [-1]));
  l.setPlain(node.outputs[0]!, reshape(flat, x.shape));
  return true;
};
