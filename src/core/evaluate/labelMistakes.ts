// Labels that are likely wrong: where a confident model and the label disagree, most suspicious first.
import type { Detection } from '../../shared/labels.ts';
import { findErrors, backgroundIou } from './errorKinds.ts';
import type { DetectionError } from './errorKinds.ts';
import { labelIou } from './match.ts';
import type { EvaluatedAnnotation, EvaluatedImage } from './types.ts';

/** What may be wrong: an object nobody labelled, a label of the wrong class, a box drawn loosely, a label on nothing. */
export type MistakeKind = 'unlabelled' | 'class' | 'box' | 'nothingThere';

/** A label (or its absence) worth a second look. */
export interface LabelMistake {
  kind: MistakeKind;
  /** Index into the evaluated images, and that image's path. */
  image: number;
  path: string;
  /** What the model says; null for `nothingThere`. */
  detection: Detection | null;
  /** The label in doubt; null for `unlabelled`. */
  label: EvaluatedAnnotation | null;
  /** 0 to 1, for sorting: how sure the model is of its disagreement. */
  suspicion: number;
}

/** The best score of anything, of whatever class, that touches `label`. */
function support(image: EvaluatedImage, label: EvaluatedAnnotation): number {
  return image.detections.reduce(
    (best, d) => (d.score > best && labelIou(d.box, label) >= backgroundIou ? d.score : best),
    0,
  );
}

function judge(error: DetectionError, image: EvaluatedImage): [MistakeKind, number] | null {
  const score = error.detection?.score ?? 0;
  if (error.kind === 'background') return ['unlabelled', score];
  if (error.kind === 'wrongClass') return ['class', score * error.iou];
  if (error.kind === 'poorBox' || error.kind === 'both') return ['box', score * (1 - error.iou)];
  // Silence says less than a confident find, so a label that nothing supports is at most half as suspicious.
  if (error.kind === 'missed' && error.label) return ['nothingThere', 0.5 * (1 - support(image, error.label))];
  return null;
}

/**
 * Lists likely label mistakes. Give detections down to a low score (0.05), or every missed label looks unsupported.
 * @param confidence least score of a detection that may accuse a label
 * @throws StudioError `argument-invalid` as `evaluate`
 */
export function likelyLabelMistakes(
  images: readonly EvaluatedImage[],
  classes: readonly string[],
  confidence = 0.5,
): LabelMistake[] {
  return findErrors(images, classes, { scoreThreshold: confidence })
    .flatMap((error): LabelMistake[] => {
      const judged = judge(error, images[error.image]!);
      if (!judged) return [];
      const { image, path, detection, label } = error;
      return [{ kind: judged[0], image, path, detection, label, suspicion: judged[1] }];
    })
    .filter((m) => m.kind !== 'nothingThere' || m.suspicion >= 0.25)
    .sort((a, b) => b.suspicion - a.suspicion);
}
