// Precision, recall and F1 against the score threshold, per class and pooled, and the threshold where F1 is highest.
import { assignGroup } from './assign.ts';
import { groupByClass, isIgnored } from './group.ts';
import { verdict } from './match.ts';
import type { EvaluatedImage } from './types.ts';

/** The state of a class when detections with `score` or more are kept; all 0 to 1. */
export interface CurvePoint {
  score: number;
  precision: number;
  recall: number;
  f1: number;
}

/** Precision-recall and F1 curve of a class, or of all classes pooled. */
export interface ClassCurve {
  /** null for all classes pooled. */
  classId: number | null;
  name: string;
  /** One point per distinct score, highest first; empty when nothing is labelled or detected. */
  points: CurvePoint[];
  /** The point of highest F1, its `score` midway to the next lower one so that `>=` and `>` keep the same detections; null without a hit. */
  best: CurvePoint | null;
}

interface Outcome {
  score: number;
  right: boolean;
}

function bestPoint(points: readonly CurvePoint[]): CurvePoint | null {
  let at = -1;
  points.forEach((p, i) => {
    if (p.f1 > (at < 0 ? 0 : points[at]!.f1)) at = i;
  });
  if (at < 0) return null;
  const best = points[at]!;
  const below = points[at + 1];
  return below ? { ...best, score: (best.score + below.score) / 2 } : best;
}

function curve(classId: number | null, name: string, outcomes: Outcome[], labels: number): ClassCurve {
  const sorted = [...outcomes].sort((a, b) => b.score - a.score);
  const points: CurvePoint[] = [];
  let right = 0;
  sorted.forEach((o, i) => {
    if (o.right) right++;
    if (labels === 0 || sorted[i + 1]?.score === o.score) return; // a threshold can't part equal scores
    const precision = right / (i + 1);
    const recall = right / labels;
    points.push({ score: o.score, precision, recall, f1: right > 0 ? (2 * right) / (i + 1 + labels) : 0 });
  });
  return { classId, name, points, best: bestPoint(points) };
}

/**
 * Curves at one IoU threshold with COCO's matching and ignore rules (at most 100 detections per image and class).
 * @returns first the pooled curve, then one per class in the order of `classes`
 */
export function precisionRecallCurves(
  images: readonly EvaluatedImage[],
  classes: readonly string[],
  iouThreshold = 0.5,
): ClassCurve[] {
  const perClass = groupByClass(images, classes.length).map((groups) => ({
    outcomes: groups
      .flatMap((g) => assignGroup(g, iouThreshold))
      .filter((a) => a.verdict !== verdict.ignored)
      .map((a) => ({ score: a.detection.score, right: a.verdict === verdict.right })),
    labels: groups.reduce((sum, g) => sum + g.labels.filter((l) => !isIgnored(l)).length, 0),
  }));
  const labels = perClass.reduce((sum, c) => sum + c.labels, 0);
  const pooled = curve(
    null,
    'All classes',
    perClass.flatMap((c) => (c.labels > 0 ? c.outcomes : [])),
    labels,
  );
  return [pooled, ...perClass.map((c, id) => curve(id, classes[id]!, c.outcomes, c.labels))];
}
