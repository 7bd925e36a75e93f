// Gradient rules of convolutions, pooling and bilinear upsampling.
import type { Value } from '../../onnx/graph.ts';
import { add, equal, mul, reduceSum, sub } from '../../onnx/ops/math.ts';
import {
  convInputGradient,
  convWeightGradient,
  upsample2xGradient,
  type BilinearMode,
} from '../../onnx/ops/spatial.ts';
import { expand, pad, reshape, slice } from '../../onnx/ops/structure.ts';
import { windowOf, type Window } from '../../onnx/shapes/spatial.ts';
import { asFloat, type Rule, type RuleState } from '../rule.ts';

const convRule: Rule = ({ dy, node, x, wants }) => [
  wants[0] ? convInputGradient(dy, x[1]!, x[0]!.shape, node.attributes) : null,
  wants[1] ? convWeightGradient(x[0]!, dy, node.attributes) : null,
  wants[2] ? reduceSum(dy, [0, 2, 3]) : null,
];

const globalAveragePoolRule: Rule = ({ dy, x }) => {
  const [, , height, width] = x[0]!.shape as [number, number, number, number];
  return [expand(mul(dy, 1 / (height * width)), x[0]!.shape)];
};

const resizeRule: Rule = ({ dy, node }) => [
  upsample2xGradient(dy, node.attributes['coordinate_transformation_mode'] as BilinearMode),
  null,
  null,
];

/** The part of a padded map that tap (row, column) of a window sees, one element per output. */
function tapView(padded: Value, w: Window, [row, column]: [number, number], [height, width]: [number, number]): Value {
  const from = [row * w.dilations[0], column * w.dilations[1]];
  const to = [from[0]! + (height - 1) * w.strides[0] + 1, from[1]! + (width - 1) * w.strides[1] + 1];
  return slice(padded, from, to, [2, 3], w.strides);
}

/**
 * Max-pool: of equal maxima the first in row order gets the gradient, as in PyTorch. Built from masks, tap by tap, because the
 * Indices output of MaxPool fails on the webgpu provider. Inputs below -1e30 don't occur in a network.
 */
const maxPoolRule: Rule = ({ dy, node, x, y }) => {
  const w = windowOf(node);
  const [n, c, h, width] = x[0]!.shape as [number, number, number, number];
  const out: [number, number] = [y.shape[2]!, y.shape[3]!];
  const border = [0, 0, w.pads[0], w.pads[1], 0, 0, w.pads[2], w.pads[3]];
  const inside = pad(expand(dy.graph.scalar(1), [n, c, h, width]), border);
  const padded = add(pad(x[0]!, border), mul(sub(inside, 1), 1e30));
  let taken: Value | null = null;
  let total: Value | null = null;
  for (let row = 0; row < w.kernel[0]; row++)
    for (let column = 0; column < w.kernel[1]; column++) {
      const hit = asFloat(equal(tapView(padded, w, [row, column], out), y));
      const first: Value = taken ? mul(hit, sub(1, taken)) : hit;
      taken = taken ? add(taken, first) : first;
      const back = placeTap(mul(first, dy), w, [row, column], [padded.shape[2]!, padded.shape[3]!]);
      total = total ? add(total, back) : back;
    }
  return [
    pad(
      total!,
      border.map((p) => -p),
    ),
  ];
};

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

/** Rules of the spatial operators, keyed by ONNX name. */
export const spatialRules: Record<string, RuleState> = {
  Conv: convRule,
  MaxPool: maxPoolRule,
  GlobalAveragePool: globalAveragePoolRule,
  Resize: resizeRule,
};
