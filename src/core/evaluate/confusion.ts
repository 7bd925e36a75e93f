// Confusion matrix of detections: which labelled class was taken for which, with background for "nothing labelled" and "nothing found".
import { assignImage } from './assign.ts';
import type { AssignedDetection } from './assign.ts';
import { checkImage, isIgnored } from './group.ts';
import { labelIou, verdict } from './match.ts';
import type { EvaluatedAnnotation, EvaluatedImage } from './types.ts';

/** Counts of objects by labelled and predicted class. */
export interface ConfusionMatrix {
  classes: string[];
  /** `counts[labelled][predicted]`; index `classes.length` is background in both. */
  counts: number[][];
  iouThreshold: number;
  scoreThreshold: number;
}

/** Thresholds of {@link confusionMatrix} and of the error kinds. */
export interface Thresholds {
  /** Least overlap of a find; 0.5 unless given. */
  iouThreshold?: number;
  /** Least score of a detection that is looked at; 0.3 unless given. */
  scoreThreshold?: number;
}

/** True when an ignored label or crowd of another class covers the detection: it is then neither right nor wrong. */
export function excused(a: AssignedDetection, image: EvaluatedImage, iouThreshold: number): boolean {
  if (a.verdict === verdict.ignored) return true;
  return image.annotations.some((l) => isIgnored(l) && labelIou(a.detection.box, l) >= iouThreshold);
}

function closest(a: AssignedDetection, free: ReadonlySet<EvaluatedAnnotation>): [EvaluatedAnnotation | null, number] {
  let best: EvaluatedAnnotation | null = null;
  let overlap = 0;
  for (const label of free) {
    const here = labelIou(a.detection.box, label);
    if (here > overlap) [best, overlap] = [label, here];
  }
  return [best, overlap];
}

function countImage(image: EvaluatedImage, counts: number[][], background: number, iou: number, score: number): void {
  const add = (labelled: number, predicted: number): void => {
    counts[labelled]![predicted]!++;
  };
  const assigned = assignImage(image, iou, score);
  const free = new Set(image.annotations.filter((l) => !isIgnored(l)));
  for (const a of assigned) {
    if (a.verdict !== verdict.right || !a.label) continue;
    free.delete(a.label);
    add(a.label.classId, a.detection.classId);
  }
  for (const a of assigned) {
    if (a.verdict === verdict.right) continue;
    const [label, overlap] = closest(a, free);
    if (label && overlap >= iou) {
      free.delete(label);
      add(label.classId, a.detection.classId);
    } else if (!excused(a, image, iou)) add(background, a.detection.classId);
  }
  for (const label of free) add(label.classId, background);
}

/**
 * Counts every counting label once and every detection at most once. Right finds are settled first (the matching of AP); what is left is
 * paired across classes, best score first, with the label it overlaps most. Ignored labels and detections on them aren't counted.
 * @throws StudioError `argument-invalid` as `evaluate`
 */
export function confusionMatrix(
  images: readonly EvaluatedImage[],
  classes: readonly string[],
  { iouThreshold = 0.5, scoreThreshold = 0.3 }: Thresholds = {},
): ConfusionMatrix {
  const background = classes.length;
  const counts = Array.from({ length: background + 1 }, () => new Array<number>(background + 1).fill(0));
  for (const image of images) {
    checkImage(image, classes.length);
    countImage(image, counts, background, iouThreshold, scoreThreshold);
  }
  return { classes: [...classes], counts, iouThreshold, scoreThreshold };
}
