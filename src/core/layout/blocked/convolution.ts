// Convolutions in the blocked layout, forward, and what their gradients share with them.
import type { Node, Value } from '../../onnx/graph.ts';
import { windowOf, type Window } from '../../onnx/shapes/spatial.ts';
import type { BlockedRule } from './lowering.ts';
import { roundUp, type Storage, type StorageKind } from './storage.ts';
import { emitConv } from './emitConv.ts';
import { suitsMixedRows } from '../mixedRows.ts';
import { convMixedRows, kernelRows } from './winograd.ts';

/** Whether, and in which storage, a convolution's weight can be blocked. `inputChannels` are those of x. */
export function weightStorage(
  weight: Value,
  inputChannels: number,
  group: number,
  readsUnblocked: boolean,
  block: number,
): Storage | null {
  const shape = weight.shape;
  const of = (kind: StorageKind): Storage => ({ kind, block, shape });
  if (group === 1) return of(readsUnblocked && inputChannels < block ? 'narrow' : 'dense');
  return group === inputChannels && shape[0] === inputChannels ? of('depthwise') : null;
}

/** Groups of a convolution node. */
export const groupOf = (node: Node): number => Number(node.attributes['group'] ?? 1);

/** Whether a convolution's input is image-like, with so few channels that padding them to a block would waste most of the work. */
export const readsUnblocked = (x: Value): boolean => x.shape[1]! <= 4;

/** ONNX attributes of a blocked convolution. */
function convAttributes(window: Window, group: number): Node['attributes'] {
  return {
    kernel_shape: window.kernel,
    strides: window.strides,
    dilations: window.dilations,
    pads: window.pads,
    group,
  };
}

/** Conv: x, weight and bias each in their blocked form; a residual sum and a ReLU may be fused in later. */
export const convRule: BlockedRule = (node, l) => {
  const [x, weight, bias] = node.inputs as [Value, Value, Value | undefined];
  const storage = weightStorage(weight, x.shape[1]!, groupOf(node), readsUnblocked(x), l.block);
  if (!storage) return false;
  const channels = roundUp(node.outputs[0]!.shape[1]!, l.block);
  const window = windowOf(node);
  const attributes = convAttributes(window, storage.kind === 'depthwise' ? channels : 1);
  const mixes = storage.kind === 'dense' && suitsMixedRows(window, x.shape, channels);
  l.setPending(node.outputs[0]!, {
    sum: null,
    relu: false,
    emit: (sum, relu) => {
      const input = storage.kind === 'narrow' ? l.plain(x) : l.blocked(x);
      const biasValue = bias ? l.stored(bias, { kind: 'channels', block: l.block, shape: bias.shape }) : null;
      const kernel = l.stored(weight, storage);
      return mixes
        ? convMixedRows(l, input, kernelRows(l, kernel), biasValue, sum, relu, window)
        : emitConv(l, input, kernel, biasValue, sum, relu, attributes);
    },
  });
  return true;
};
