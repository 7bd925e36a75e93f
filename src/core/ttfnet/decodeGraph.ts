// Decoding inside the graph: from the two maps to the best boxes (official ttf_head.py get_bboxes).
import type { Value } from '../onnx/graph.ts';
import { add, cast, clip, equal, mul, sigmoid, sub, topK, where } from '../onnx/ops/math.ts';
import { maxPool } from '../onnx/ops/spatial.ts';
import { concat, expand, gatherElements, reshape, split, transpose } from '../onnx/ops/structure.ts';
import { stride, type HeadOutputs } from './networks/network.ts';

/** Outputs of {@link decodeGraph}, sorted by descending score. */
export interface DecodedValues {
  /** [N, K, 4]: x1, y1, x2, y2 in input pixels, far corner inclusive, clamped to 0..width - 1 and 0..height - 1. */
  boxes: Value;
  /** [N, K], 0..1 */
  scores: Value;
  /** [N, K] int64, 0-based. */
  classes: Value;
}

/**
 * Keeps cells that equal the maximum of their 3x3 neighbourhood, takes the best `limit` over all classes and spans their boxes.
 * @param limit number of boxes; at most the number of cells times classes
 */
export function decodeGraph({ heatmapLogits, distances }: HeadOutputs, limit = 100): DecodedValues {
  const { graph } = heatmapLogits;
  const [n, classCount, height, width] = heatmapLogits.shape as [number, number, number, number];
  const heat = sigmoid(heatmapLogits);
  const peaks = where(equal(heat, maxPool(heat, 3, { pad: 1 })), heat, 0);
  const cells = height * width;
  const k = Math.min(limit, classCount * cells);
  const [scores, index] = topK(reshape(peaks, [n, classCount * cells]), k, 1);
  const whole = (v: number): Value => graph.constant('int64', BigInt64Array.of(BigInt(v)), []);
  const intDiv = (a: Value, b: number): Value => graph.add('Div', [a, whole(b)])[0]!;
  const remainder = (a: Value, quotient: Value, b: number): Value => sub(a, mul(quotient, whole(b)));
  const classes = intDiv(index, cells);
  const cell = remainder(index, classes, cells);
  const row = intDiv(cell, width);
  const column = remainder(cell, row, width);
  const groups = distances.shape[1]! / 4; // one for all classes, or one per class
  const byClass = transpose(reshape(distances, [n, groups, 4, cells]), [0, 2, 1, 3]);
  const place = reshape(groups === 1 ? cell : index, [n, 1, k]);
  const picked = gatherElements(reshape(byClass, [n, 4, groups * cells]), expand(place, [n, 4, k]), 2);
  const [left, top, right, bottom] = split(picked, [1, 1, 1, 1], 1).map((v) => reshape(v, [n, k])) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const corner = (v: Value): Value => mul(cast(v, 'float32'), stride);
  const [x, y] = [corner(column), corner(row)];
  const limits = [width * stride - 1, height * stride - 1, width * stride - 1, height * stride - 1];
  const sides = [sub(x, left), sub(y, top), add(x, right), add(y, bottom)];
  return {
    boxes: concat(
      sides.map((v, i) => reshape(clip(v, 0, limits[i]!), [n, k, 1])),
      2,
    ),
    scores,
    classes,
  };
}
