// Weight gradients of convolutions three rows high in mixed rows (winograd.ts): six gradients of flat convolutions, mixed back.
import type { Value } from '../../onnx/graph.ts';
import { reduceSum } from '../../onnx/ops/math.ts';
import { concat, reshape } from '../../onnx/ops/structure.ts';
import type { Window } from '../../onnx/shapes/spatial.ts';
import type { Lowering } from './lowering.ts';
import { moveAxes, pickColumns, pixelLanes, turnedBlocks } from './rowLanes.ts';
import { roundUp } from './storage.ts';
import { gradientFromTurnedX, paddedRows } from './weightGradientDense.ts';
import { mixedRows } from '../mixedRows.ts';
import { gradientRow, mixedRow, shiftedColumns, unmixRows } from './winograd.ts';

/** From this width on, flat products are cheaper one by one than side by side with all images in one sum. */
const wideFrom = 32;

/**
 * dW in dense storage, as a value of [O, I, 3, kw] with padded channels.
 * @param x,dy blocked
 */
export function mixedGradient(l: Lowering, x: Value, dy: Value, window: Window): Value {
  const flat: Window = { ...window, kernel: [1, window.kernel[1]], pads: [0, window.pads[1], 0, window.pads[3]] };
  const [o, i, kw] = [dy.shape[1]!, x.shape[1]!, window.kernel[1]];
  const parts = dy.shape[3]! >= wideFrom ? oneByOne(l, x, dy, flat) : sideBySide(l, x, dy, flat);
  const rows = reshape(parts, [(o * i) / l.block ** 2, mixedRows, kw * l.block ** 2]);
  return reshape(unmixRows(l, rows), [o, i, 3, kw]);
}

const sixTimes = (of: (at: number) => Value): Value =>
  concat(
    Array.from({ length: mixedRows }, (_, at) => of(at)),
    0,
  );

function sideBySide(l: Lowering, x: Value, dy: Value, flat: Window): Value {
  const maps = sixTimes((at) => mixedRow(l, x, at));
  const gradients = sixTimes((at) => gradientRow(l, dy, at));
  return gradientFromTurnedX(l, maps, gradients, flat, mixedRows);
}

function oneByOne(l: Lowering, x: Value, dy: Value, flat: Window): Value {
  const [n, i, o] = [x.shape[0]!, x.shape[1]!, dy.shape[1]!];
  const [oBlocks, iBlocks, count] = [o / l.block, i / l.block, mixedRows * flat.kernel[1]];
  const products = sixTimes((at) => flatProducts(l, mixedRow(l, x, at), gradientRow(l, dy, at), flat));
  const sums = n === 1 ? products : reduceSum(reshape(products, [count, n, i * o]), [1]);
  const places: number[] = [];
  for (let ob = 0; ob < oBlocks; ob++)
    for (let ib = 0; ib < iBlocks; ib++)
      for (let part = 0; part < count; part++) places.push((part * iBlocks + ib) * oBlocks + ob);
  return turnedBlocks(l, sums, places, places.length);
}

/**
 * Products of a flat convolution's input and gradient, per column of the kernel: dy's pixels become lanes, those of a whole image one
 * after the other the rows; the input, shifted once per column, is the weight as it lies, its pixels the kernel, images are groups.
 * @returns [kw, N, I / b, O / b, b of o, b of i]
 */
function flatProducts(l: Lowering, x: Value, dy: Value, flat: Window): Value {
  const b = l.block;
  const [n, i, height, width] = x.shape as [number, number, number, number];
  const [o, outWidth] = [dy.shape[1]!, dy.shape[3]!];
  const columns = roundUp(outWidth, b);
  const steps = (height * columns) / b;
  const lanes = pixelLanes(l, paddedRows(l, dy, outWidth, columns), [((n * o) / b) * height, columns, b]);
  const map = reshape(moveAxes(lanes, [n, o / b, steps, b * b], [0, 2, 1, 3]), [1, n * b, steps, o]);
  const rows = reshape(x, [((n * i) / b) * height, width, b]);
  const column = (k: number): Value => {
    const by = k - flat.pads[1];
    const seen = columns === width ? shiftedColumns(l, x, by) : pickColumns(rows, by, 1, columns);
    const kernel = reshape(seen, [n * i, b, steps, 1]);
    return l.nchwc('Conv', [map, kernel], { kernel_shape: [steps, 1], group: n });
  };
  return concat(
    Array.from({ length: flat.kernel[1] }, (_, k) => column(k)),
    0,
  );
}
