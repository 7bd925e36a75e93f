// The focal loss's terms and their slope, element by element: from standard operators, in any layout.
import type { Value } from '../../onnx/graph.ts';
import { abs, add, clip, equal, hardSigmoid, log, mul, reduceSum, sigmoid, sub, where } from '../../onnx/ops/math.ts';

/** Maps of one focal loss. The terms' sum is that of `weight * logarithm`. */
export interface FocalMaps {
  weight: Value;
  logarithm: Value;
  /** 1 where the target is exactly 1. */
  positive: Value;
  /** Derivative of the sum of terms towards each logit. */
  slope: Value;
}

/** Probabilities are clamped to [floor, 1 - floor]. */
const floor = 1e-4;

/**
 * With r the clamped probability of the right answer and u = 1 - r, a positive cell's term is u² log r, a negative one's the same times
 * (1 - target)⁴. Both slopes are ±u² (u - 2 r log r) times that weight, + where positive, so one logarithm and few passes do for all.
 */
export function focalMaps(logits: Value, target: Value): FocalMaps {
  const missing = sub(1, target);
  const negative = hardSigmoid(missing, 1e30, 0); // 0 only where the target is 1: a step without a width
  const positive = hardSigmoid(missing, -1e30, 1);
  const squared = mul(missing, missing);
  const probability = sigmoid(logits);
  const p = clip(probability, floor, 1 - floor);
  const signedU = sub(positive, p); // 1 - p or -p
  const signedR = sub(p, negative); // p or -(1 - p)
  const logarithm = log(abs(signedR));
  const weight = mul(mul(signedU, signedU), add(mul(squared, squared), positive));
  const slope = mul(weight, sub(signedU, mul(mul(signedR, 2), logarithm)));
  return { weight, logarithm, positive, slope: where(equal(p, probability), slope, 0) };
}

/** FocalTerms: (logits, target) -> sums of terms and counts of positives, both [N, C, 1, 1], and the slope. */
export function expandFocalTerms([logits, target]: readonly Value[]): Value[] {
  const { weight, logarithm, positive, slope } = focalMaps(logits!, target!);
  const sums = (v: Value): Value => reduceSum(v, [2, 3], true);
  return [sums(mul(weight, logarithm)), sums(positive), slope];
}
