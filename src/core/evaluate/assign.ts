// Which detection found which label, at one IoU threshold: the same matching as AP, kept per image for curves, confusion and pictures.
import type { Detection } from '../../shared/labels.ts';
import { areaRanges } from './grid.ts';
import type { Group } from './group.ts';
import { byScore } from './group.ts';
import { candidates, labelsInRange, matchDetections } from './match.ts';
import type { EvaluatedAnnotation, EvaluatedImage } from './types.ts';

/** A detection and what COCO's matching made of it. */
export interface AssignedDetection {
  detection: Detection;
  /** One of `verdict`. */
  verdict: number;
  /** The label it took, when right or when an ignored label swallowed it. */
  label: EvaluatedAnnotation | null;
}

/**
 * Matches one image's detections of every class. Best score first.
 * @param minScore detections under it don't take part
 */
export function assignImage(image: EvaluatedImage, iouThreshold: number, minScore: number): AssignedDetection[] {
  const detections = byScore(image.detections.filter((d) => d.score >= minScore));
  const ids = new Set(detections.map((d) => d.classId));
  const result = [...ids].flatMap((id) => {
    const labels = image.annotations.filter((a) => a.classId === id);
    return assignGroup({ image: 0, labels, detections: detections.filter((d) => d.classId === id) }, iouThreshold);
  });
  return result.sort((a, b) => b.detection.score - a.detection.score);
}

/** Matches one class on one image; at most 100 detections, as AP. */
export function assignGroup(group: Group, iouThreshold: number): AssignedDetection[] {
  const c = candidates(group, 100);
  const out = new Uint8Array(c.detections);
  const matched = new Int32Array(c.detections);
  const range = areaRanges[0]!;
  matchDetections(c, labelsInRange(c.labels, range), range, iouThreshold, out, 0, matched);
  return group.detections.slice(0, c.detections).map((detection, d) => ({
    detection,
    verdict: out[d]!,
    label: matched[d]! < 0 ? null : c.labels[matched[d]!]!,
  }));
}
