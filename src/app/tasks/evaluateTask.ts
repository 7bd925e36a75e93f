// Evaluation of a model on a labelled split.
import { StudioError } from '../../shared/errors.ts';
import { imagesOfSplit } from '../../core/dataset/splits.ts';
import { Detector, type DetectorOptions } from '../../core/detect/detector.ts';
import { detectLabelled } from '../../core/detect/evaluateModel.ts';
import { evaluate } from '../../core/evaluate/coco.ts';
import type { EvaluatedImage, Evaluation } from '../../core/evaluate/types.ts';
import { openModel } from '../../core/model/openModel.ts';
import { readDataset, type DatasetRequest } from './readDataset.ts';

/** The outcome of an evaluation. */
export interface EvaluationOutcome extends Evaluation {
  failed: { path: string; reason: string }[];
  /** Classes of the dataset that the model doesn't know; their AP is 0. */
  unknownToModel: string[];
}

/**
 * Evaluates by COCO's rules. Classes are matched by name.
 * @param split name of the split, or null for all images
 * @throws argument-invalid when the model knows none of the dataset's classes, or there is no such split
 */
export async function evaluateTask(
  model: string,
  data: DatasetRequest,
  split: string | null,
  options: DetectorOptions & { signal?: AbortSignal; onImage?: (done: number, of: number) => void } = {},
): Promise<EvaluationOutcome> {
  const { dataset } = await readDataset(data);
  const images = split === null ? dataset.images : imagesOfSplit(dataset, split);
  const detector = await Detector.create(await openModel(model), options);
  try {
    const ids = detector.classes.map((name) => dataset.classes.indexOf(name));
    if (ids.every((id) => id === -1))
      throw new StudioError(
        'argument-invalid',
        `The model ${model} knows none of the dataset's classes (${dataset.classes.join(', ')}); it knows ${detector.classes.slice(0, 8).join(', ')}. Use a model trained on them.`,
      );
    const found = await detectLabelled(detector, dataset.imageRoot, images, {
      signal: options.signal,
      onImage: (done) => options.onImage?.(done, images.length),
    });
    const matched = found.images.map((image) => inDatasetClasses(image, ids));
    const unknownToModel = dataset.classes.filter((name) => !detector.classes.includes(name));
    return { ...evaluate(matched, dataset.classes), failed: found.failed, unknownToModel };
  } finally {
    await detector.release();
  }
}

/** Detections under the dataset's class ids; those of classes that the dataset doesn't have are left out. */
function inDatasetClasses(image: EvaluatedImage, ids: readonly number[]): EvaluatedImage {
  const detections = image.detections.flatMap((d) =>
    ids[d.classId] === -1 ? [] : [{ ...d, classId: ids[d.classId]! }],
  );
  return { ...image, detections };
}
