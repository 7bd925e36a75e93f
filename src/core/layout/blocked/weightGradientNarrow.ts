// Weight gradients of convolutions on an image of few channels (a network's stem), in the blocked layout.
import type { Value } from '../../onnx/graph.ts';
import { concat, gather, reshape } from '../../onnx/ops/structure.ts';
import type { Window } from '../../onnx/shapes/spatial.ts';
import type { Lowering } from './lowering.ts';
import { cutRows, moveAxes, pixelLanes } from './rowLanes.ts';
import { roundUp } from './storage.ts';
import { rowsAsKernel } from './weightGradientDense.ts';

/**
 * dy is the weight, its rows the kernel, dilated by the stride. The image's columns become lanes: column s w + phase of every group of s
 * columns, for each shift of groups that the kernel's columns need. Null where rows are left over below the last window.
 */
export function narrowGradient(l: Lowering, x: Value, dy: Value, window: Window): Value | null {
  const b = l.block;
  const [n, i, height, width] = x.shape as [number, number, number, number];
  const [, , outHeight, outWidth] = dy.shape as [number, number, number, number];
  const [stride, left] = [window.strides[1], window.pads[1]];
  const [kh, kw] = window.kernel;
  const [o, columns] = [roundUp(dy.shape[1]!, b), roundUp(outWidth, b)];
  const bottom = kh + window.strides[0] * (outHeight - 1) - height - window.pads[0];
  if (bottom < 0) return null;
  const columnGroup = (k: number): number => Math.floor((k - left) / stride);
  const shifts = Array.from({ length: columnGroup(kw - 1) - columnGroup(0) + 1 }, (_, q) => columnGroup(0) + q);
  const image = reshape(l.plain(x), [n * i * height, width]);
  const part = (shift: number): Value => {
    const seen = cutRows(image, shift * stride, columns * stride);
    const lanes = pixelLanes(l, seen, [n * i * height, columns, stride]);
    const moved = moveAxes(lanes, [n, i, height, columns / b, stride * b], [0, 3, 2, 1, 4]);
    return reshape(moved, [((n * columns) / b) * height, i * stride * b]);
  };
  const map = concat(shifts.map(part), 1);
  const width2 = shifts.length * i * stride;
  const product = l.nchwc('Conv', [reshape(map, [1, n * columns, height, width2]), rowsAsKernel(l, l.blocked(dy))], {
    kernel_shape: [outHeight, 1],
    dilations: [window.strides[0], 1],
    pads: [window.pads[0], 0, bottom, 0],
  });
  // [o / b][kernel row][shift][input][phase][b of o]
  const places: number[] = [];
  for (let ob = 0; ob < o / b; ob++)
    for (let input = 0; input < i; input++)
      for (let row = 0; row < kh; row++)
        for (let k = 0; k < kw; k++) {
          const group = columnGroup(k);
          const phase = k - left - group * stride;
          places.push((((ob * kh + row) * shifts.length + group - shifts[0]!) * i + input) * stride + phase);
        }
  const taps = gather(reshape(product, [(o / b) * kh * width2, b]), l.target.ints(places), 0);
  return reshape(taps, [o, i, kh, kw]);
}
