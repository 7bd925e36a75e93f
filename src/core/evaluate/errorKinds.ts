// Sorts every mistake into one kind (after TIDE, Bolya et al. 2020), each with its image and boxes so that it can be shown.
import type { Detection } from '../../shared/labels.ts';
import { assignImage } from './assign.ts';
import type { AssignedDetection } from './assign.ts';
import { excused } from './confusion.ts';
import type { Thresholds } from './confusion.ts';
import { checkImage, isIgnored } from './group.ts';
import { labelIou, verdict } from './match.ts';
import type { EvaluatedAnnotation, EvaluatedImage } from './types.ts';

/**
 * `missed` a label that nothing found; `wrongClass` overlaps a label of another class well; `poorBox` the right class, overlap 0.1 to the
 * threshold; `both` another class and such an overlap; `duplicate` a label that a better detection already took; `background` no label near.
 */
export const errorKinds = ['missed', 'wrongClass', 'poorBox', 'both', 'duplicate', 'background'] as const;

/** One of {@link errorKinds}. */
export type ErrorKind = (typeof errorKinds)[number];

/** One mistake. */
export interface DetectionError {
  kind: ErrorKind;
  /** Index into the evaluated images, and that image's path. */
  image: number;
  path: string;
  /** null for `missed`. */
  detection: Detection | null;
  /** The label concerned; null for `background`. */
  label: EvaluatedAnnotation | null;
  /** Overlap of the two; 0 where one is absent. */
  iou: number;
}

/** Overlap under which a detection has nothing to do with a label. */
export const backgroundIou = 0.1;

interface Near {
  label: EvaluatedAnnotation | null;
  iou: number;
}

function nearest(detection: Detection, labels: readonly EvaluatedAnnotation[]): Near {
  let near: Near = { label: null, iou: 0 };
  for (const label of labels) {
    const overlap = labelIou(detection.box, label);
    if (overlap > near.iou) near = { label, iou: overlap };
  }
  return near;
}

/** The kind of one wrong detection: a good overlap decides before a poor one, and the same class before another. */
function classify(detection: Detection, labels: readonly EvaluatedAnnotation[], threshold: number): [ErrorKind, Near] {
  const same = nearest(
    detection,
    labels.filter((l) => l.classId === detection.classId),
  );
  const other = nearest(
    detection,
    labels.filter((l) => l.classId !== detection.classId),
  );
  if (same.iou >= threshold && same.iou >= other.iou) return ['duplicate', same];
  if (other.iou >= threshold) return ['wrongClass', other];
  if (same.iou >= backgroundIou) return ['poorBox', same];
  if (other.iou >= backgroundIou) return ['both', other];
  return ['background', { label: null, iou: 0 }];
}

function imageErrors(image: EvaluatedImage, index: number, iou: number, score: number): DetectionError[] {
  const labels = image.annotations.filter((l) => !isIgnored(l));
  const assigned = assignImage(image, iou, score);
  const explained = new Set<EvaluatedAnnotation>();
  const at = { image: index, path: image.path };
  const wrong = (a: AssignedDetection): boolean => {
    if (a.verdict === verdict.right && a.label) explained.add(a.label);
    return a.verdict === verdict.wrong && !excused(a, image, iou);
  };
  const errors: DetectionError[] = assigned.filter(wrong).map(({ detection }) => {
    const [kind, near] = classify(detection, labels, iou);
    return { kind, ...at, detection, ...near };
  });
  for (const e of errors) if (e.label && (e.kind === 'wrongClass' || e.kind === 'poorBox')) explained.add(e.label);
  const missed = labels.filter((l) => !explained.has(l));
  return [...errors, ...missed.map((label) => ({ kind: 'missed' as const, ...at, detection: null, label, iou: 0 }))];
}

/**
 * All mistakes of a model at a score threshold, the most confident first, missed labels (largest first) after them.
 * A label whose only finds were of the wrong class or poorly placed is not listed as missed again.
 * @throws StudioError `argument-invalid` as `evaluate`
 */
export function findErrors(
  images: readonly EvaluatedImage[],
  classes: readonly string[],
  { iouThreshold = 0.5, scoreThreshold = 0.3 }: Thresholds = {},
): DetectionError[] {
  const errors = images.flatMap((image, index) => {
    checkImage(image, classes.length);
    return imageErrors(image, index, iouThreshold, scoreThreshold);
  });
  const size = (e: DetectionError): number =>
    e.label ? (e.label.box.x2 - e.label.box.x1) * (e.label.box.y2 - e.label.box.y1) : 0;
  return errors.sort((a, b) => {
    if (a.detection && b.detection) return b.detection.score - a.detection.score;
    if (a.detection || b.detection) return a.detection ? -1 : 1;
    return size(b) - size(a);
  });
}

/** How many of each kind. */
export function countErrors(errors: readonly DetectionError[]): Record<ErrorKind, number> {
  const counts: Record<ErrorKind, number> = {
    missed: 0,
    wrongClass: 0,
    poorBox: 0,
    both: 0,
    duplicate: 0,
    background: 0,
  };
  for (const e of errors) counts[e.kind]++;
  return counts;
}
