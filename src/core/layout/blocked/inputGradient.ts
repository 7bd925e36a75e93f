// Gradients of convolutions towards their input, in the blocked layout.
import type { Node, Value } from '../../onnx/graph.ts';
import { concat, expand, gather, reshape } from '../../onnx/ops/structure.ts';
import { windowOf, type Window } from '../../onnx/shapes/spatial.ts';
import { groupOf, weightStorage } from './convolution.ts';
import { emitConv } from './emitConv.ts';
import type { BlockedRule, Lowering } from './lowering.ts';
import { turnedBlocks } from './rowLanes.ts';
import { roundUp } from './storage.ts';
import { suitsMixedRows } from '../mixedRows.ts';
import { convMixedRows } from './winograd.ts';

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

/**
 * The taps of a stored dense weight with inputs and outputs swapped, as for a convolution of dy: [parts, I / b, O / b, taps, b of o,
 * b of i], every part having its taps in the order given.
 */
function swappedTaps(l: Lowering, weight: Value, parts: readonly (readonly number[])[]): Value {
  const [o, i, kh, kw] = weight.shape as [number, number, number, number];
  const [oBlocks, iBlocks] = [o / l.block, i / l.block];
  const places: number[] = [];
  for (const taps of parts)
    for (let ib = 0; ib < iBlocks; ib++)
      for (let ob = 0; ob < oBlocks; ob++) for (const tap of taps) places.push((ob * iBlocks + ib) * kh * kw + tap);
  return turnedBlocks(l, weight, places, oBlocks * iBlocks * kh * kw);
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
  const channels = roundUp(inputShape[1], l.block);
  const group = depthwise ? channels : 1;
  const tapsOf = (taps: readonly number[], kernel: readonly [number, number]): Value =>
    depthwise
      ? depthwiseTaps(l, l.stored(weight, storage), taps, kernel)
      : reshape(swappedTaps(l, l.stored(weight, storage), [taps]), [
          channels,
          roundUp(dy.shape[1]!, l.block),
          ...kernel,
        ]);
  const plainConv = (kernel: readonly [number, number], pads: readonly number[]): Node['attributes'] => ({
    kernel_shape: kernel,
    pads,
    group,
  });
  const [kh, kw] = window.kernel;
  if (window.strides[0] === 1 && window.strides[1] === 1) {
    const pads: Window['pads'] = [
      kh - 1 - window.pads[0],
      kw - 1 - window.pads[1],
      kh - 1 - window.pads[2],
      kw - 1 - window.pads[3],
    ];
    if (pads.some((p) => p < 0)) return false;
    const reversed = Array.from({ length: kh * kw }, (_, t) => kh * kw - 1 - t);
    const rows = Array.from({ length: kh }, (_, row) => reversed.slice(row * kw, (row + 1) * kw));
    const back = { ...window, pads };
    const mixes = !depthwise && suitsMixedRows(back, dy.shape, inputShape[1]);
    const emit = (sum: Value | null, relu: boolean): Value => {
      const map = l.blocked(dy);
      return mixes
        ? convMixedRows(l, map, swappedTaps(l, l.stored(weight, storage), rows), null, sum, relu, back)
        : emitConv(l, map, tapsOf(reversed, window.kernel), null, sum, relu, plainConv(window.kernel, pads));
    };
    l.setPending(node.outputs[0]!, { sum: null, relu: false, emit });
    return true;
  }
  const [, , height, width] = inputShape;
  const halves = window.strides.every((s) => s === 2) && height === 2 * dy.shape[2]! && width === 2 * dy.shape[3]!;
  if (!halves) return false;
  const rows = [0, 1].map((a) => parityTaps(kh, window.pads[0], a));
  const columns = [0, 1].map((a) => parityTaps(kw, window.pads[1], a));
  const plane = (r: ParityTaps, c: ParityTaps): Value => {
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
