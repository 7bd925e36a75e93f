// A detector run over labelled images, its finds brought into the dataset's classes: what the command line and the window evaluate.
import { StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import type { Dataset, LabelledImage } from '../../shared/labels.ts';
import type { Detector } from '../../core/detect/detector.ts';
import { detectLabelled, type LabelledDetections } from '../../core/detect/evaluateModel.ts';
import type { EvaluatedImage } from '../../core/evaluate/types.ts';

/** Labels and finds in the dataset's classes, and what stands outside the numbers. */
export interface DetectedImages {
  images: EvaluatedImage[];
  failed: LabelledDetections['failed'];
  /** Classes of the dataset that the model doesn't know; their AP is 0. */
  unknownToModel: string[];
}

/**
 * Detects on `images`. Classes are matched by name; detections of classes that the dataset doesn't have are left out.
 * @param model names the model in messages
 * @throws argument-invalid when the model knows none of the dataset's classes; cancelled through `signal`
 */
export async function detectInClassesOf(
  { classes, imageRoot }: Pick<Dataset, 'classes' | 'imageRoot'>,
  images: readonly LabelledImage[],
  detector: Detector,
  { model, signal, onImage }: { model: string; signal?: AbortSignal; onImage?: (done: number, of: number) => void },
): Promise<DetectedImages> {
  const ids = detector.classes.map((name) => classes.indexOf(name));
  if (ids.every((id) => id === -1))
    throw new StudioError(
      'argument-invalid',
      `The model ${model} knows none of the dataset's classes (${classes.join(', ')}); it knows ${detector.classes.slice(0, 8).join(', ')}. Use a model trained on them.`,
      undefined,
      said('model.wrongClasses', { classes: classes.join(', '), known: detector.classes.slice(0, 8).join(', ') }),
    );
  const found = await detectLabelled(detector, imageRoot, images, {
    signal,
    onImage: (done) => onImage?.(done, images.length),
  });
  return {
    images: found.images.map((image) => inDatasetClasses(image, ids)),
    failed: found.failed,
    unknownToModel: classes.filter((name) => !detector.classes.includes(name)),
  };
}

/** Detections under the dataset's class ids; those of classes that the dataset doesn't have are left out. */
function inDatasetClasses(image: EvaluatedImage, ids: readonly number[]): EvaluatedImage {
  const detections = image.detections.flatMap((d) =>
    ids[d.classId] === -1 ? [] : [{ ...d, classId: ids[d.classId]! }],
  );
  return { ...image, detections };
}
