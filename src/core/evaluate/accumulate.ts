// From matches to precision at 101 recalls and to the highest recall, per class (pycocotools' COCOeval.accumulate).
import { areaRanges, iouThresholds, maxDetections, recallThresholds } from './grid.ts';
import { candidates, labelsInRange, matchDetections, verdict } from './match.ts';
import type { Group } from './group.ts';

const T = iouThresholds.length;
const R = recallThresholds.length;
const A = areaRanges.length;
const M = maxDetections.length;
const deepest = maxDetections[M - 1]!;

/** One class's curves; -1 where no label counts in that area range. Area ranges and limits in the order of `grid.ts`. */
export interface ClassAccumulation {
  /** `[area][maxDetections][iou][recall]`, flat. */
  precision: Float64Array;
  /** `[area][maxDetections][iou]`, flat. */
  recall: Float64Array;
  /** Labels that count, all sizes. */
  labels: number;
  detections: number;
}

/** Index of the first precision of one area range, detection limit and IoU threshold. */
export const precisionOffset = (a: number, m: number, t: number): number => ((a * M + m) * T + t) * R;

/** Index of one recall. */
export const recallOffset = (a: number, m: number, t: number): number => (a * M + m) * T + t;

interface Matches {
  /** All detections of the class, image after image: score and place within its image. */
  scores: Float64Array;
  ranks: Int32Array;
  /** `verdicts[a * T + t]`, one per detection. */
  verdicts: Uint8Array[];
  /** Labels that count, per area range. */
  counted: number[];
}

function copyRange(from: Uint8Array, to: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i++) to[i] = from[i]!;
}

function matchClass(groups: readonly Group[]): Matches {
  const total = groups.reduce((sum, g) => sum + Math.min(g.detections.length, deepest), 0);
  const scores = new Float64Array(total);
  const ranks = new Int32Array(total);
  const verdicts = Array.from({ length: A * T }, () => new Uint8Array(total));
  const counted = areaRanges.map(() => 0);
  let offset = 0;
  for (const group of groups) {
    const c = candidates(group, deepest);
    for (let d = 0; d < c.detections; d++) {
      scores[offset + d] = group.detections[d]!.score;
      ranks[offset + d] = d;
    }
    areaRanges.forEach((range, a) => {
      const sorted = labelsInRange(c.labels, range);
      counted[a]! += sorted.counted;
      // most groups of a large evaluation have no label: one pass serves all thresholds
      const thresholds = c.labels.length > 0 ? T : 1;
      const first = verdicts[a * T]!;
      for (let t = 0; t < thresholds; t++)
        matchDetections(c, sorted, range, iouThresholds[t]!, verdicts[a * T + t]!, offset);
      for (let t = thresholds; t < T; t++) copyRange(first, verdicts[a * T + t]!, offset, offset + c.detections);
    });
    offset += c.detections;
  }
  return { scores, ranks, verdicts, counted };
}

/** Detections by falling score, equal scores in image order; Int32Array's sort is stable. */
export function scoreOrder(scores: Float64Array): Int32Array {
  return Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
}

/** Running scratch space of one precision-recall curve. */
interface Scratch {
  precision: Float64Array;
  recall: Float64Array;
}

/** Fills `scratch` with the raw curve over `order`; returns its length. */
function rawCurve(order: Int32Array, verdicts: Uint8Array, labels: number, scratch: Scratch): number {
  let right = 0;
  let wrong = 0;
  for (let i = 0; i < order.length; i++) {
    const v = verdicts[order[i]!]!;
    if (v === verdict.right) right++;
    else if (v === verdict.wrong) wrong++;
    scratch.recall[i] = right / labels;
    scratch.precision[i] = right / (wrong + right + Number.EPSILON);
  }
  return order.length;
}

/** Makes precision fall monotonically (each point takes the best precision at any higher recall) and reads it at the recall thresholds. */
function sampleEnvelope(scratch: Scratch, length: number, out: Float64Array, offset: number): void {
  const { precision, recall } = scratch;
  for (let i = length - 1; i > 0; i--) if (precision[i]! > precision[i - 1]!) precision[i - 1] = precision[i]!;
  let i = 0;
  for (let r = 0; r < R; r++) {
    while (i < length && recall[i]! < recallThresholds[r]!) i++;
    out[offset + r] = i < length ? precision[i]! : 0; // a recall never reached has precision 0
  }
}

/** Accumulates one class. `groups` in image order, as `groupByClass` gives them. */
export function accumulateClass(groups: readonly Group[]): ClassAccumulation {
  const matches = matchClass(groups);
  const precision = new Float64Array(A * M * T * R).fill(-1);
  const recall = new Float64Array(A * M * T).fill(-1);
  const order = scoreOrder(matches.scores);
  const scratch = { precision: new Float64Array(order.length), recall: new Float64Array(order.length) };
  maxDetections.forEach((limit, m) => {
    const kept = order.filter((i) => matches.ranks[i]! < limit);
    for (let a = 0; a < A; a++) {
      const labels = matches.counted[a]!;
      if (labels === 0) continue;
      for (let t = 0; t < T; t++) {
        const length = rawCurve(kept, matches.verdicts[a * T + t]!, labels, scratch);
        recall[recallOffset(a, m, t)] = length > 0 ? scratch.recall[length - 1]! : 0;
        sampleEnvelope(scratch, length, precision, precisionOffset(a, m, t));
      }
    }
  });
  return { precision, recall, labels: matches.counted[0]!, detections: order.length };
}
