// Sorts labels and detections into one small group per class and image, detections best first; refuses what no rule covers.
import { StudioError } from '../../shared/errors.ts';
import { area } from '../../shared/geometry.ts';
import type { Box } from '../../shared/geometry.ts';
import type { Detection } from '../../shared/labels.ts';
import type { EvaluatedAnnotation, EvaluatedImage } from './types.ts';

/** The labels and detections of one class on one image. */
export interface Group {
  /** Index into the evaluated images. */
  image: number;
  /** In the order of the image's annotations. */
  labels: EvaluatedAnnotation[];
  /** By falling score, equal scores in the order given. */
  detections: Detection[];
}

const finite = (box: Box): boolean => [box.x1, box.y1, box.x2, box.y2].every(Number.isFinite);

function checkClass(id: number, classCount: number, what: string, path: string): void {
  if (Number.isInteger(id) && id >= 0 && id < classCount) return;
  throw new StudioError(
    'argument-invalid',
    `${path}: ${what} has class ${id}, but there are ${classCount} classes (0 to ${classCount - 1}). Evaluate the model against a dataset with the same class list.`,
  );
}

function checkNumbers(box: Box, score: number, what: string, path: string): void {
  if (finite(box) && Number.isFinite(score)) return;
  throw new StudioError(
    'argument-invalid',
    `${path}: ${what} has a coordinate or score that is not a finite number. Leave it out before evaluating.`,
  );
}

/** Throws `argument-invalid` for a class outside the list or a number that isn't finite, naming the image. */
export function checkImage(image: EvaluatedImage, classCount: number): void {
  for (const label of image.annotations) {
    checkClass(label.classId, classCount, 'a label', image.path);
    checkNumbers(label.box, label.area ?? 0, 'a label', image.path);
  }
  for (const detection of image.detections) {
    checkClass(detection.classId, classCount, 'a detection', image.path);
    checkNumbers(detection.box, detection.score, 'a detection', image.path);
  }
}

/** Best first; JavaScript's sort is stable, as the mergesort that pycocotools asks for. */
export function byScore(detections: readonly Detection[]): Detection[] {
  return [...detections].sort((a, b) => b.score - a.score);
}

/** True where a label only excuses detections and never counts as missed. */
export const isIgnored = (label: EvaluatedAnnotation): boolean => label.crowd === true || label.ignore === true;

/** Area that decides small, medium, large. */
export const labelArea = (label: EvaluatedAnnotation): number => label.area ?? area(label.box);

/** Per class, the images where it is labelled or detected, in the order of the images. Throws as {@link checkImage}. */
export function groupByClass(images: readonly EvaluatedImage[], classCount: number): Group[][] {
  const groups: Group[][] = Array.from({ length: classCount }, () => []);
  images.forEach((image, index) => {
    checkImage(image, classCount);
    const groupOf = (classId: number): Group => {
      const list = groups[classId]!;
      const last = list.at(-1);
      if (last?.image === index) return last;
      const fresh: Group = { image: index, labels: [], detections: [] };
      list.push(fresh);
      return fresh;
    };
    for (const label of image.annotations) groupOf(label.classId).labels.push(label);
    for (const detection of byScore(image.detections)) groupOf(detection.classId).detections.push(detection);
  });
  return groups;
}
