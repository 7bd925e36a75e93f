// Weight gradients of dense convolutions with kernels wider than one pixel, in the blocked layout: blocked convolutions over image rows.
// Two forms, chosen by measurement on 3x3 kernels (see the benchmark): where maps are wide, turning dy is cheaper; else turning x is.
import type { Value } from '../../onnx/graph.ts';
import { concat, reshape, slice } from '../../onnx/ops/structure.ts';
import type { Window } from '../../onnx/shapes/spatial.ts';
import { sizeOf } from '../../onnx/tensorType.ts';
import type { Lowering } from './lowering.ts';
import { cutRows, moveAxes, pickColumns, pixelLanes, sumImages, turnedBlocks } from './rowLanes.ts';
import { roundUp } from './storage.ts';

/** Sizes of one weight gradient: channels padded to the block, `columns` those of dy padded to it. */
interface Sizes {
  n: number;
  i: number;
  o: number;
  height: number;
  width: number;
  outHeight: number;
  outWidth: number;
  columns: number;
}

const wideFrom = 64;

/**
 * dW in dense storage, as a value of [O, I, kh, kw] with padded channels; null where pads are wider than the kernel reaches.
 * @param x,dy blocked
 */
export function denseGradient(l: Lowering, x: Value, dy: Value, window: Window): Value | null {
  const wide = window.strides.every((s) => s === 1) && dy.shape[3]! >= wideFrom;
  const blocks = (wide ? gradientFromTurnedDy(l, x, dy, window) : null) ?? gradientFromTurnedX(l, x, dy, window);
  return reshape(blocks, [dy.shape[1]!, x.shape[1]!, ...window.kernel]);
}

function sizesOf(l: Lowering, x: Value, dy: Value): Sizes {
  const [n, i, height, width] = x.shape as [number, number, number, number];
  const [, o, outHeight, outWidth] = dy.shape as [number, number, number, number];
  return { n, i, o, height, width, outHeight, outWidth, columns: roundUp(outWidth, l.block) };
}

/** dy [N, O, H', W'] blocked as rows of whole blocks: [N O / b H', columns * b]. */
export function paddedRows(l: Lowering, dy: Value, outWidth: number, columns: number): Value {
  return cutRows(reshape(dy, [sizeOf(dy.shape) / (outWidth * l.block), outWidth * l.block]), 0, columns * l.block);
}

/**
 * The rows of dy as a weight whose input channels are images and columns and whose kernel runs over rows: [sets O, N columns, H', 1].
 * @param dy blocked, [sets N, O, H', W']
 */
export function rowsAsKernel(l: Lowering, dy: Value, sets = 1): Value {
  const b = l.block;
  const [images, o, outHeight, outWidth] = dy.shape as [number, number, number, number];
  const columns = roundUp(outWidth, b);
  const view = [sets, images / sets, o / b, outHeight, columns / b, b * b];
  const rows = moveAxes(paddedRows(l, dy, outWidth, columns), view, [0, 2, 1, 4, 3, 5]);
  return reshape(rows, [sets * o, (images / sets) * columns, outHeight, 1]);
}

/**
 * At stride 1: dy's columns become lanes; the input, shifted once per column of the kernel, is the weight, its rows the kernel, images
 * are groups. Row r of the result is row kh - 1 - r of the kernel.
 */
function gradientFromTurnedDy(l: Lowering, x: Value, dy: Value, window: Window): Value | null {
  const { n, i, o, height, width, outHeight, outWidth, columns } = sizesOf(l, x, dy);
  const b = l.block;
  const [kh, kw] = window.kernel;
  const top = kh - 1 - window.pads[0];
  const bottom = kh - 1 + height - outHeight - top;
  if (top < 0 || bottom < 0) return null;
  const lanes = pixelLanes(l, paddedRows(l, dy, outWidth, columns), [((n * o) / b) * outHeight, columns, b]);
  const map = moveAxes(lanes, [n, o / b, outHeight, columns / b, b * b], [0, 3, 2, 1, 4]);
  const column = (k: number): Value => {
    const seen = pickColumns(reshape(x, [((n * i) / b) * height, width, b]), k - window.pads[1], 1, columns);
    const kernel = moveAxes(seen, [(n * i) / b, height, columns / b, b * b], [0, 2, 1, 3]);
    const product = l.nchwc(
      'Conv',
      [reshape(map, [1, n * columns, outHeight, o]), reshape(kernel, [n * i, columns, height, 1])],
      { kernel_shape: [height, 1], pads: [top, 0, bottom, 0], group: n },
    );
    return reshape(sumImages(product, n), [1, i * kh * o]); // [i / b, row, o / b, b of o, b of i]
  };
  const all = concat(
    Array.from({ length: kw }, (_, k) => column(k)),
    0,
  );
  const places: number[] = [];
  for (let ob = 0; ob < o / b; ob++)
    for (let ib = 0; ib < i / b; ib++)
      for (let row = 0; row < kh; row++)
        for (let k = 0; k < kw; k++) places.push(((k * (i / b) + ib) * kh + (kh - 1 - row)) * (o / b) + ob);
  return turnedBlocks(l, all, places, places.length);
}

/**
 * At any stride: the input's columns become lanes, once per column of the kernel, side by side; dy is the weight, its rows the kernel,
 * dilated by the stride. The result has a row per row of the kernel. `sets` gradients can be made side by side, as groups, their images
 * after each other.
 * @returns [O / b, I / b, sets, taps, b of i, b of o]
 */
export function gradientFromTurnedX(l: Lowering, x: Value, dy: Value, window: Window, sets = 1): Value {
  const sizes = sizesOf(l, x, dy);
  const { n: images, i, o, width, outHeight, columns } = sizes;
  const b = l.block;
  const [kh, kw] = window.kernel;
  const [top, left] = window.pads;
  const reach = kh + window.strides[0] * (outHeight - 1) - top;
  const height = Math.min(sizes.height, reach); // rows below the last window's are seen by none
  const rows = ((images * i) / b) * height;
  const whole = reshape(x, [(images * i) / b, sizes.height, width, b]);
  const seenRows = reshape(height < sizes.height ? slice(whole, [0], [height], [1]) : whole, [rows, width, b]);
  const part = (k: number): Value => {
    const seen = pickColumns(seenRows, k - left, window.strides[1], columns);
    const lanes = pixelLanes(l, seen, [rows, columns, b]);
    const moved = moveAxes(lanes, [images, i / b, height, columns / b, b * b], [0, 3, 2, 1, 4]);
    return reshape(moved, [((images * columns) / b) * height, i * b]);
  };
  const map = concat(
    Array.from({ length: kw }, (_, k) => part(k)),
    1,
  );
  const product = l.nchwc('Conv', [reshape(map, [1, images * columns, height, kw * i]), rowsAsKernel(l, dy, sets)], {
    kernel_shape: [outHeight, 1],
    dilations: [window.strides[0], 1],
    pads: [top, 0, reach - height, 0],
    group: sets,
  });
  return moveAxes(product, [sets, o / b, kh * kw, i / b, b * b], [1, 3, 0, 2, 4]);
}
