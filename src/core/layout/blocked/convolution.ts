// Convolutions in the blocked layout: forward, and the gradients towards input and weight.
import type { Node, Value } from '../../onnx/graph.ts';
import { matMul, reduceSum } from '../../onnx/ops/math.ts';
import { concat, expand, gather, reshape, transpose } from '../../onnx/ops/structure.ts';
import { windowOf, type Window } from '../../onnx/shapes/spatial.ts';
import type { BlockedRule, Lowering } from './lowering.ts';
import { graphToStored, roundUp, type Storage, type StorageKind } from './storage.ts';

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

const groupOf = (node: Node): number => Number(node.attributes['group'] ?? 1);

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

function emitConv(
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

/** Conv: x, weight and bias each in their blocked form; a residual sum and a ReLU may be fused in later. */
export const convRule: BlockedRule = (node, l) => {
  const [x, weight, bias] = node.inputs as [Value, Value, Value | undefined];
  const storage = weightStorage(weight, x.shape[1]!, groupOf(node), readsUnblocked(x), l.block);
  if (!storage) return false;
  const channels = roundUp(node.outputs[0]!.shape[1]!, l.block);
  const attributes = convAttributes(windowOf(node), storage.kind === 'depthwise' ? channels : 1);
  l.setPending(node.outputs[0]!, {
    sum: null,
    relu: false,
    emit: (sum, relu) => {
      const input = storage.kind === 'narrow' ? l.plain(x) : l.blocked(x);
      const biasValue = bias ? l.stored(bias, { kind: 'channels', block: l.block, shape: bias.shape }) : null;
      return emitConv(l, input, l.stored(weight, storage), biasValue, sum, relu, attributes);
    },
  });
  return true;
};

/** One parity of a stride-2 gradient along one axis: which taps act, and at which offsets of dy. */
interface ParityTaps {
  taps: number[];
  padBefore: number;
  padAfter: number;
}

/**
 * dx[2 j + parity] = sum over taps k with k = parity + pad (mod 2) of dy[j + d] w[k], d = (parity + pad - k) / 2: a small convolution of
 * dy whose kernel runs over d in ascending order.
 */
function parityTaps(kernel: number, pad: number, parity: number): ParityTaps {
  const taps: number[] = [];
  for (let k = kernel - 1; k >= 0; k--) if ((parity + pad - k) % 2 === 0) taps.push(k);
  const first = taps.length ? (parity + pad - taps[0]!) / 2 : 0;
  return { taps, padBefore: -first, padAfter: taps.length - 1 + first };
}

/** The taps of a stored dense weight, in the given order, with inputs and outputs swapped: [I, O, kh, kw] for a convolution of dy. */
function swappedTaps(l: Lowering, weight: Value, taps: readonly number[], kernel: readonly [number, number]): Value {
  const [o, i, kh, kw] = weight.shape as [number, number, number, number];
  const [b, all] = [l.block, kh * kw];
  const places: number[] = [];
  for (let ib = 0; ib < i / b; ib++)
    for (let ob = 0; ob < o / b; ob++) for (const tap of taps) places.push((ob * (i / b) + ib) * all + tap);
  const blocks = reshape(weight, [(o / b) * (i / b) * all, b * b]);
  const picked = gather(blocks, l.target.ints(places), 0);
  // Each block is a b x b matrix; ReorderInput transposes many of them at once, vectorised.
  return reshape(l.nchwc('ReorderInput', [reshape(picked, [places.length, b, b, 1])]), [i, o, ...kernel]);
}

/** The taps of a stored depthwise weight, in the given order. */
function depthwiseTaps(l: Lowering, weight: Value, taps: readonly number[], kernel: readonly [number, number]): Value {
  const [c, , kh, kw] = weight.shape as [number, number, number, number];
  const blocks = reshape(weight, [c / l.block, kh * kw, l.block]);
  return reshape(gather(blocks, l.target.ints(taps), 1), [c, 1, ...kernel]);
}

/** Gradient towards the input, at strides 1 and 2. */
export const inputGradientRule: BlockedRule = (node, l) => {
  const [dy, weight] = node.inputs as [Value, Value];
  const inputShape = node.outputs[0]!.shape as [number, number, number, number];
  const window = windowOf(node);
  const storage = weightStorage(weight, inputShape[1], groupOf(node), false, l.block);
  if (!storage || window.dilations.some((d) => d !== 1)) return false;
  const depthwise = storage.kind === 'depthwise';
  const group = depthwise ? roundUp(inputShape[1], l.block) : 1;
  const tapsOf = (taps: readonly number[], kernel: readonly [number, number]): Value =>
    depthwise
      ? depthwiseTaps(l, l.stored(weight, storage), taps, kernel)
      : swappedTaps(l, l.stored(weight, storage), taps, kernel);
  const plainConv = (kernel: readonly [number, number], pads: readonly number[]): Node['attributes'] => ({
    kernel_shape: kernel,
    pads,
    group,
  });
  const [kh, kw] = window.kernel;
  if (window.strides[0] === 1 && window.strides[1] === 1) {
    const pads = [kh - 1 - window.pads[0], kw - 1 - window.pads[1], kh - 1 - window.pads[2], kw - 1 - window.pads[3]];
    if (pads.some((p) => p < 0)) return false;
    const reversed = Array.from({ length: kh * kw }, (_, t) => kh * kw - 1 - t);
    const emit = (sum: Value | null, relu: boolean): Value =>
      emitConv(l, l.blocked(dy), tapsOf(reversed, window.kernel), null, sum, relu, plainConv(window.kernel, pads));
    l.setPending(node.outputs[0]!, { sum: null, relu: false, emit });
    return true;
  }
  const [, , height, width] = inputShape;
  const halves = window.strides.every((s) => s === 2) && height === 2 * dy.shape[2]! && width === 2 * dy.shape[3]!;
  if (!halves) return false;
  const rows = [0, 1].map((a) => parityTaps(kh, window.pads[0], a));
  const columns = [0, 1].map((a) => parityTaps(kw, window.pads[1], a));
  const plane = (r: ParityTaps, c: ParityTaps): Value => {
    const channels = roundUp(inputShape[1], l.block);
    if (r.taps.length === 0 || c.taps.length === 0)
      return expand(l.target.scalar(0), [inputShape[0], channels, height / 2, width / 2]);
    const kernel = [r.taps.length, c.taps.length] as const;
    const taps = r.taps.flatMap((row) => c.taps.map((column) => row * kw + column));
    return emitConv(
      l,
      l.blocked(dy),
      tapsOf(taps, kernel),
      null,
      null,
      false,
      plainConv(kernel, [r.padBefore, c.padBefore, r.padAfter, c.padAfter]),
    );
  };
  l.setBlocked(
    node.outputs[0]!,
    interleave(
      l,
      rows.map((r) => columns.map((c) => plane(r, c))),
    ),
  );
  return true;
};

/** Weaves the four parity planes [row][column] of [N, C, H, W] blocked into [N, C, 2 H, 2 W]. */
function interleave(l: Lowering, planes: readonly (readonly Value[])[]): Value {
  const [n, c, h, w] = planes[0]![0]!.shape as [number, number, number, number];
  const maps = (n * c) / l.block;
  const row = (pair: readonly Value[]): Value =>
    reshape(
      concat(
        pair.map((p) => reshape(p, [maps, h, w, l.block])),
        3,
      ),
      [maps, h, 1, 2 * w * l.block],
    );
  return reshape(concat(planes.map(row), 2), [n, c, 2 * h, 2 * w]);
}

/** Gradient towards the weight: depthwise, and pointwise. */
export const weightGradientRule: BlockedRule = (node, l) => {
  const [x, dy] = node.inputs as [Value, Value];
  const out = node.outputs[0]!;
  const storage = weightStorage(out, x.shape[1]!, groupOf(node), readsUnblocked(x), l.block);
  if (!storage) return false;
  const window = windowOf(node);
  const value =
    storage.kind === 'depthwise'
      ? depthwiseGradient(l, x, dy, window)
      : storage.kind === 'dense' &&
          window.kernel.every((k) => k === 1) &&
          window.strides.every((s) => s === 1) &&
          window.pads.every((p) => p === 0)
        ? pointwiseGradient(l, x, dy, storage)
        : null;
  if (!value) return false;
  l.setStored(out, value, storage);
  return true;
};

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
  if (padEnd.some((p) => p < 0) || window.dilations.some((d) => d !== 1)) return null;
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

/** The first `n`-fold of a tensor's elements added up: [1, n * rest..] -> [rest]. */
function sumImages(value: Value, n: number): Value {
  const rest = value.shape.reduce((a, b) => a * b, 1) / n;
  return n === 1 ? value : reduceSum(reshape(value, [n, rest]), [0]);
}

/**
 * dW[o, i] = sum over images and pixels of dy x. The input, its pixels transposed into the lanes, is a map of height I whose channels are
 * pixels; dy is its weight as it lies in memory; one group per image.
 */
function pointwiseGradient(l: Lowering, x: Value, dy: Value, storage: Storage): Value | null {
  const b = l.block;
  const [n, , height, width] = x.shape as [number, number, number, number];
  const pixels = height * width;
  const [i, o] = [roundUp(x.shape[1]!, b), roundUp(dy.shape[1]!, b)];
  if (pixels === 1) {
    const product = matMul(transpose(reshape(l.blocked(dy), [n, o]), [1, 0]), reshape(l.blocked(x), [n, i]));
    return graphToStored(reshape(product, [o, i, 1, 1]), { ...storage, shape: [o, i, 1, 1] });
  }
  if (pixels % b !== 0) return null;
  const lanes = l.nchwc('ReorderInput', [reshape(l.blocked(x), [(n * i) / b, pixels, b, 1])]);
  const map = transpose(reshape(lanes, [n, i / b, pixels / b, b * b]), [0, 2, 1, 3]);
  const product = l.nchwc(
    'Conv',
    [reshape(map, [1, n * pixels, i, 1]), reshape(l.blocked(dy), [n * o, pixels, 1, 1])],
    {
      kernel_shape: [1, 1],
      group: n,
    },
  );
  return reshape(sumImages(product, n), [o, i, 1, 1]);
}
