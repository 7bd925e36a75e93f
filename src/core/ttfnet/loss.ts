// The two losses of TTFNet as graph pieces (paper section 3.3; official focal_loss.py, iou_loss.py, ttf_head.py).
import type { Graph, Value } from '../onnx/graph.ts';
import { focalTerms } from '../onnx/ops/layers.ts';
import { add, div, max, min, mul, neg, reduceSum, sub } from '../onnx/ops/math.ts';
import { reshape, slice } from '../onnx/ops/structure.ts';
import { stride } from './networks/network.ts';

/** Weights of the two losses; 1 and 5 in the paper. */
export interface LossWeights {
  heatmap: number;
  size: number;
}

/**
 * Penalty-reduced focal loss, alpha 2, beta 4. Probabilities are clamped to [1e-4, 1 - 1e-4], so a saturated logit has no gradient;
 * positives are cells whose target is exactly 1; with no positive the loss is the undivided negative sum.
 * @param logits [N, C, h, w]
 * @param target [N, C, h, w], in 0..1
 * @returns scalar
 */
export function focalLoss(logits: Value, target: Value): Value {
  const { sums, positives } = focalTerms(logits, target);
  return neg(div(reduceSum(sums), max(reduceSum(positives), 1)));
}

/** Corner positions (stride * x, stride * y) of all cells: [1, 1, 1, w] and [1, 1, h, 1]. */
function cellCorners(graph: Graph, height: number, width: number): [Value, Value] {
  const ramp = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => i * stride);
  return [
    graph.constant('float32', ramp(width), [1, 1, 1, width]),
    graph.constant('float32', ramp(height), [1, 1, height, 1]),
  ];
}

const channel = (x: Value, i: number): Value => slice(x, [i], [i + 1], [1]);

/**
 * GIoU loss of the boxes that the distances span, weighted per cell, every side measured as far - near + 1. With a size head per class all
 * three have a group of channels per class: [N, 4 C, h, w], [N, 4 C, h, w] and [N, C, h, w].
 * @param distances [N, 4, h, w]: left, top, right, bottom from the cell's corner, input pixels
 * @param boxTarget [N, 4, h, w]: x1, y1, x2, y2 in input pixels, anything where the weight is 0
 * @param weight [N, 1, h, w]
 * @returns scalar: sum(weight * (1 - GIoU)) / (sum(weight) + 1e-4)
 */
export function giouLoss(distances: Value, boxTarget: Value, weight: Value): Value {
  const [n, groups, height, width] = weight.shape as [number, number, number, number];
  if (groups === 1) return agnosticGiouLoss(distances, boxTarget, weight);
  const apart = (v: Value, channels: number): Value => reshape(v, [n * groups, channels, height, width]);
  return agnosticGiouLoss(apart(distances, 4), apart(boxTarget, 4), apart(weight, 1));
}

function agnosticGiouLoss(distances: Value, boxTarget: Value, weight: Value): Value {
  const [cornerX, cornerY] = cellCorners(distances.graph, distances.shape[2]!, distances.shape[3]!);
  const [x1, y1] = [sub(cornerX, channel(distances, 0)), sub(cornerY, channel(distances, 1))];
  const [x2, y2] = [add(cornerX, channel(distances, 2)), add(cornerY, channel(distances, 3))];
  const [tx1, ty1, tx2, ty2] = [0, 1, 2, 3].map((i) => channel(boxTarget, i)) as [Value, Value, Value, Value];
  const side = (near: Value, far: Value): Value => add(sub(far, near), 1);
  const length = (near: Value, far: Value): Value => max(side(near, far), 0);
  const overlap = mul(length(max(x1, tx1), min(x2, tx2)), length(max(y1, ty1), min(y2, ty2)));
  // Networks without a ReLU behind their distances can span negative sides: they count as none, or the loss would fall without end.
  const areas = add(mul(length(x1, x2), length(y1, y2)), mul(side(tx1, tx2), side(ty1, ty2)));
  const union = max(sub(areas, overlap), 1e-6);
  const enclosing = max(mul(length(min(x1, tx1), max(x2, tx2)), length(min(y1, ty1), max(y2, ty2))), 1e-6);
  const giou = sub(div(overlap, union), div(sub(enclosing, union), enclosing));
  return div(reduceSum(mul(sub(1, giou), weight)), add(reduceSum(weight), 1e-4));
}
