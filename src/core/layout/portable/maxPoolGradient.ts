// The gradient of max-pool from standard operators that every provider runs right.
import type { Value } from '../../onnx/graph.ts';
import type { Attributes } from '../../onnx/opTable.ts';
import { add, cast, equal, mul, sub } from '../../onnx/ops/math.ts';
import { expand, pad, reshape, slice } from '../../onnx/ops/structure.ts';
import { windowOf, type Window } from '../../onnx/shapes/spatial.ts';

/** The part of a padded map that tap (row, column) of a window sees, one element per output. */
function tapView(padded: Value, w: Window, [row, column]: [number, number], [height, width]: [number, number]): Value {
  const from = [row * w.dilations[0], column * w.dilations[1]];
  const to = [from[0]! + (height - 1) * w.strides[0] + 1, from[1]! + (width - 1) * w.strides[1] + 1];
  return slice(padded, from, to, [2, 3], w.strides);
}

/**
 * (x, y, dy) -> dx. Of equal maxima the first in row order gets the gradient, as in PyTorch. Built from masks, tap by tap, because the
 * Indices output of MaxPool fails on the webgpu provider. Inputs below -1e30 don't occur in a network.
 */
export function expandMaxPoolGradient(x: Value, y: Value, dy: Value, attributes: Attributes): Value {
  const w = windowOf({ attributes });
  const [n, c, h, width] = x.shape as [number, number, number, number];
  const out: [number, number] = [y.shape[2]!, y.shape[3]!];
  const border = [0, 0, w.pads[0], w.pads[1], 0, 0, w.pads[2], w.pads[3]];
  const inside = pad(expand(dy.graph.scalar(1), [n, c, h, width]), border);
  const padded = add(pad(x, border), mul(sub(inside, 1), 1e30));
  let taken: Value | null = null;
  let total: Value | null = null;
  for (let row = 0; row < w.kernel[0]; row++)
    for (let column = 0; column < w.kernel[1]; column++) {
      const hit = cast(equal(tapView(padded, w, [row, column], out), y), 'float32');
      const first: Value = taken ? mul(hit, sub(1, taken)) : hit;
      taken = taken ? add(taken, first) : first;
      const back = placeTap(mul(first, dy), w, [row, column], [padded.shape[2]!, padded.shape[3]!]);
      total = total ? add(total, back) : back;
    }
  return pad(
    total!,
    border.map((p) => -p),
  );
}

/** The reverse of {@link tapView}: elements go back to their places in a map of `size`, zeros elsewhere. */
function placeTap(x: Value, w: Window, [row, column]: [number, number], size: [number, number]): Value {
  const [n, c, h, width] = x.shape as [number, number, number, number];
  const [sy, sx] = w.strides;
  const spaced = reshape(pad(reshape(x, [n, c, h, 1, width, 1]), [0, 0, 0, 0, 0, 0, 0, 0, 0, sy - 1, 0, sx - 1]), [
    n,
    c,
    h * sy,
    width * sx,
  ]);
  const [top, left] = [row * w.dilations[0], column * w.dilations[1]];
  return pad(spaced, [0, 0, top, left, 0, 0, size[0] - top - h * sy, size[1] - left - width * sx]);
}
