// The blocked convolution with everything that fits into its pass.
import type { Node, Value } from '../../onnx/graph.ts';
import type { Lowering } from './lowering.ts';

/** Emits a blocked convolution with what is fused into it. */
export function emitConv(
  l: Lowering,
  x: Value,
  w: Value,
  bias: Value | null,
  sum: Value | null,
  relu: boolean,
  attributes: Node['attributes'],
): Value {
  const inputs = sum ? [x, w, bias, sum] : bias ? [x, w, bias] : [x, w];
  return l.nchwc('Conv', inputs, relu ? { ...attributes, activation: 'Relu' } : attributes);
}
