// Per-channel arithmetic in the blocked layout: scale and shift of whole maps in one pass, and sums over pixels.
import type { Value } from '../../onnx/graph.ts';
import { reduceSum } from '../../onnx/ops/math.ts';
import { expand, reshape } from '../../onnx/ops/structure.ts';
import { emitConv } from './emitConv.ts';
import type { Lowering, Pending } from './lowering.ts';

type Shape4 = [number, number, number, number];

/**
 * scale * x + shift with per-channel values, as a depthwise 1x1 convolution: half the time of broadcasting element-wise operators, and
 * a residual sum and a ReLU go into the same pass.
 * @param x blocked map [N, C, H, W]
 * @param scale blocked per-channel values [N or 1, C, 1, 1]; null for 1
 * @param shift as `scale`, with the same N; null for 0, to be added later
 */
export function channelScale(l: Lowering, x: () => Value, scale: Value | null, shift: Value | null): Pending {
  const emit = (sum: Value | null, relu: boolean): Value => {
    const map = x();
    const [n, c, h, w] = map.shape as Shape4;
    const maps = ((scale ?? shift)?.shape[0] ?? 1) * c; // values of every image's own: images become channels
    const view = (v: Value): Value => reshape(v, [(n * c) / maps, maps, h, w]);
    const factors = scale ? reshape(scale, [maps, 1, 1, 1]) : expand(l.target.scalar(1), [maps, 1, 1, 1]);
    const y = emitConv(l, view(map), factors, shift && reshape(shift, [maps]), sum && view(sum), relu, {
      kernel_shape: [1, 1],
      group: maps,
    });
    return reshape(y, map.shape);
  };
  const withShift = (spread: Value): Pending | null =>
    shift || (scale && scale.shape[0] !== spread.shape[0]) ? null : channelScale(l, x, scale, spread);
  return { emit, sum: null, relu: false, withShift };
}

/** Pixels are summed in parts of at most 512: as quick, and a tenth of the error of one long sum. */
function partsOf(h: number, w: number): number {
  let rows = h;
  while (rows % 2 === 0 && rows * w > 512) rows /= 2;
  return h / rows;
}

/** Sum over the pixels of a blocked map. -> [N C / b, 1, b] */
export function pixelSums(l: Lowering, x: Value): Value {
  const [n, c, h, w] = x.shape as Shape4;
  const parts = partsOf(h, w);
  const partial = reduceSum(reshape(x, [(n * c * parts) / l.block, (h / parts) * w, l.block]), [1]);
  return addParts(l, partial, n * c, parts);
}

/** Sum over the pixels of the product of two blocked maps, one of them playing the kernel of a depthwise convolution. -> [N C / b, 1, b] */
export function pixelDots(l: Lowering, x: Value, y: Value): Value {
  const [n, c, h, w] = x.shape as Shape4;
  const parts = partsOf(h, w);
  const [maps, rows] = [n * c * parts, h / parts];
  const dots = l.nchwc('Conv', [reshape(x, [1, maps, rows, w]), reshape(y, [maps, 1, rows, w])], {
    kernel_shape: [rows, w],
    group: maps,
  });
  return addParts(l, dots, n * c, parts);
}

const addParts = (l: Lowering, partial: Value, maps: number, parts: number): Value =>
  parts === 1 ? partial : reduceSum(reshape(partial, [maps / l.block, parts, l.block]), [1]);
