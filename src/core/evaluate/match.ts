// Greedy matching of detections to labels of one class on one image, by the rules of pycocotools (COCOeval.evaluateImg).
import { area } from '../../shared/geometry.ts';
import type { Box } from '../../shared/geometry.ts';
import { isIgnored, labelArea } from './group.ts';
import type { Group } from './group.ts';
import type { AreaRange } from './grid.ts';
import type { EvaluatedAnnotation } from './types.ts';

/** What became of a detection: counted against the model, counted for it, or left out of the count. */
export const verdict = { wrong: 0, right: 1, ignored: 2 } as const;

/**
 * IoU of a detection with a label; with a crowd label, the share of the detection that lies inside it.
 * Source: cocoapi `bbIou`.
 */
export function labelIou(detection: Box, label: EvaluatedAnnotation): number {
  const gt = label.box;
  const width = Math.min(detection.x2, gt.x2) - Math.max(detection.x1, gt.x1);
  if (width <= 0) return 0;
  const height = Math.min(detection.y2, gt.y2) - Math.max(detection.y1, gt.y1);
  if (height <= 0) return 0;
  const overlap = width * height;
  const own = area(detection);
  return overlap / (label.crowd === true ? own : own + area(gt) - overlap);
}

/** One group's labels and detections, ready to be matched under several area ranges and IoU thresholds. */
export interface Candidates {
  /** `ious[d * labels + g]`. */
  ious: Float64Array;
  detections: number;
  labels: EvaluatedAnnotation[];
  detectionAreas: Float64Array;
}

/** Measures every detection of `group` (the best `limit`) against every label. */
export function candidates(group: Group, limit: number): Candidates {
  const found = group.detections.length > limit ? group.detections.slice(0, limit) : group.detections;
  const count = group.labels.length;
  const ious = new Float64Array(found.length * count);
  found.forEach((detection, d) => {
    for (let g = 0; g < count; g++) ious[d * count + g] = labelIou(detection.box, group.labels[g]!);
  });
  const detectionAreas = Float64Array.from(found, (d) => area(d.box));
  return { ious, detections: found.length, labels: group.labels, detectionAreas };
}

/** Labels of one area range in matching order: those that count first, ignored ones last. */
export interface RangeLabels {
  order: Int32Array;
  ignored: Uint8Array;
  crowd: Uint8Array;
  /** How many count. */
  counted: number;
}

/** Shared by all groups without a label: most of them, in a large evaluation. */
const unlabelled: RangeLabels = {
  order: new Int32Array(0),
  ignored: new Uint8Array(0),
  crowd: new Uint8Array(0),
  counted: 0,
};

/** Decides which labels count in `range`, and the order in which they are tried (stable). */
export function labelsInRange(labels: readonly EvaluatedAnnotation[], range: AreaRange): RangeLabels {
  if (labels.length === 0) return unlabelled;
  const outside = labels.map((label) => {
    const size = labelArea(label);
    return isIgnored(label) || size < range.min || size > range.max;
  });
  const indices = labels.map((_, i) => i);
  const sorted = [...indices.filter((i) => !outside[i]), ...indices.filter((i) => outside[i])];
  return {
    order: Int32Array.from(sorted),
    ignored: Uint8Array.from(sorted, (i) => Number(outside[i])),
    crowd: Uint8Array.from(sorted, (i) => Number(labels[i]!.crowd === true)),
    counted: outside.filter((o) => !o).length,
  };
}

/** The place in `sorted.order` that detection `d` takes, or -1. `taken` marks labels matched before. */
function bestLabel(c: Candidates, sorted: RangeLabels, d: number, threshold: number, taken: Uint8Array): number {
  const row = d * c.labels.length;
  let best = Math.min(threshold, 1 - 1e-10);
  let found = -1;
  for (let g = 0; g < sorted.order.length; g++) {
    if (taken[g] === 1 && sorted.crowd[g] === 0) continue; // a crowd takes any number of detections
    if (found > -1 && sorted.ignored[found] === 0 && sorted.ignored[g] === 1) break; // a counting match is never given up for an ignored one
    const overlap = c.ious[row + sorted.order[g]!]!;
    if (overlap < best) continue; // so of two equal overlaps the later label wins
    best = overlap;
    found = g;
  }
  return found;
}

const nothing = new Uint8Array(0);

/**
 * Matches best-scored detections first, each to the free label it overlaps most, at one IoU threshold.
 * Writes one {@link verdict} per detection into `out` from `offset` on.
 * @param matched where given, receives per detection the index of its label in `c.labels`, or -1
 */
export function matchDetections(
  c: Candidates,
  sorted: RangeLabels,
  range: AreaRange,
  threshold: number,
  out: Uint8Array,
  offset: number,
  matched?: Int32Array,
): void {
  const taken = sorted.order.length > 0 ? new Uint8Array(sorted.order.length) : nothing; // most groups have no label, and there are millions
  for (let d = 0; d < c.detections; d++) {
    const label = sorted.order.length > 0 ? bestLabel(c, sorted, d, threshold, taken) : -1;
    if (matched) matched[d] = label < 0 ? -1 : sorted.order[label]!;
    if (label >= 0) {
      taken[label] = 1;
      out[offset + d] = sorted.ignored[label] === 1 ? verdict.ignored : verdict.right;
    } else {
      const size = c.detectionAreas[d]!; // an unmatched detection of another size is no mistake of this range
      out[offset + d] = size < range.min || size > range.max ? verdict.ignored : verdict.wrong;
    }
  }
}
