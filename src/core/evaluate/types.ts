// What evaluation takes and gives: images with labels and detections in, plain numbers out.
import type { Annotation, Detection } from '../../shared/labels.ts';

/** A label as evaluation sees it. */
export interface EvaluatedAnnotation extends Annotation {
  /** Area in square pixels that decides small, medium or large (COCO gives the mask's); width times height when absent. */
  area?: number;
}

/** One image with what is labelled on it and what was detected on it, both in continuous pixels of the upright image. */
export interface EvaluatedImage {
  /** Names the image in results and messages; usually the path relative to the dataset's image root. */
  path: string;
  annotations: readonly EvaluatedAnnotation[];
  /** In any order. Equal scores keep the order given here, as in pycocotools. */
  detections: readonly Detection[];
}

/** The twelve numbers of COCO, each 0 to 1, or null where nothing is labelled that could count (pycocotools prints -1 there). */
export interface Summary {
  /** Mean over IoU 0.50 to 0.95, classes and 101 recalls; at most 100 detections per image and class. */
  ap: number | null;
  ap50: number | null;
  ap75: number | null;
  /** Objects under 32² square pixels, 32² to 96², and over 96². */
  apSmall: number | null;
  apMedium: number | null;
  apLarge: number | null;
  /** Recall with at most 1, 10 and 100 detections per image and class. */
  ar1: number | null;
  ar10: number | null;
  ar100: number | null;
  arSmall: number | null;
  arMedium: number | null;
  arLarge: number | null;
}

/** One class's part of an {@link Evaluation}; null where the class has no label that counts. */
export interface ClassResult {
  classId: number;
  name: string;
  /** Labels that count (neither crowd nor ignored). */
  labels: number;
  detections: number;
  ap: number | null;
  ap50: number | null;
  ap75: number | null;
  /** Recall averaged over IoU 0.50 to 0.95, at most 100 detections per image. */
  ar: number | null;
}

/** The result of a COCO evaluation. */
export interface Evaluation {
  images: number;
  summary: Summary;
  perClass: ClassResult[];
}
