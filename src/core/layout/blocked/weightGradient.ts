// Gradients of convolutions towards their weight, in the blocked layout: which form suits which convolution, and the depthwise one.
import type { Value } from '../../onnx/graph.ts';
import { reshape } from '../../onnx/ops/structure.ts';
import { windowOf, type Window } from '../../onnx/shapes/spatial.ts';
import { groupOf, readsUnblocked, weightStorage } from './convolution.ts';
import type { BlockedRule, Lowering } from './lowering.ts';
import { sumImages } from './rowLanes.ts';
import { roundUp } from './storage.ts';
import { denseGradient } from './weightGradientDense.ts';
import { mixedGradient } from './weightGradientMixed.ts';
import { narrowGradient } from './weightGradientNarrow.ts';
import { pointwiseGradient } from './weightGradientPointwise.ts';
import { suitsMixedRows } from '../mixedRows.ts';

/** ConvWeightGradient: (x, dy) -> the gradient in the weight's storage. Dilated and grouped convolutions are left to the portable form. */
export const weightGradientRule: BlockedRule = (node, l) => {
  const [x, dy] = node.inputs as [Value, Value];
  const out = node.outputs[0]!;
  const storage = weightStorage(out, x.shape[1]!, groupOf(node), readsUnblocked(x), l.block);
  const window = windowOf(node);
  if (!storage || window.dilations.some((d) => d !== 1)) return false;
  const pointwise = window.kernel.every((k) => k === 1) && window.pads.every((p) => p === 0);
  const form =
    storage.kind === 'depthwise'
      ? depthwiseGradient
      : storage.kind === 'narrow'
        ? narrowGradient
        : pointwise
          ? pointwiseGradient
          : kernelGradient;
  const value = form(l, x, dy, window);
  if (!value) return false;
  l.setStored(out, value, storage);
  return true;
};

function kernelGradient(l: Lowering, x: Value, dy: Value, window: Window): Value | null {
  const [map, gradient] = [l.blocked(x), l.blocked(dy)];
  return suitsMixedRows(window, map.shape, gradient.shape[1]!)
    ? mixedGradient(l, map, gradient, window)
    : denseGradient(l, map, gradient, window);
}

/**
 * A depthwise convolution in which images and channels are the channels, the input is the map and dy is the kernel, dilated by the
 * stride: its output's few places are the taps.
 */
function depthwiseGradient(l: Lowering, x: Value, dy: Value, window: Window): Value | null {
  const [n, , height, width] = x.shape as [number, number, number, number];
  const [, , oh, ow] = dy.shape as [number, number, number, number];
  const { kernel, strides, pads } = window;
  const padEnd = [
    kernel[0] + strides[0] * (oh - 1) - height - pads[0],
    kernel[1] + strides[1] * (ow - 1) - width - pads[1],
  ] as const;
  if (padEnd.some((p) => p < 0)) return null;
  const channels = roundUp(x.shape[1]!, l.block);
  const maps = n * channels;
  const taps = l.nchwc(
    'Conv',
    [reshape(l.blocked(x), [1, maps, height, width]), reshape(l.blocked(dy), [maps, 1, oh, ow])],
    {
      kernel_shape: [oh, ow],
      dilations: strides,
      pads: [pads[0], pads[1], ...padEnd],
      group: maps,
    },
  );
  return reshape(sumImages(taps, n), [channels, 1, ...kernel]);
}
