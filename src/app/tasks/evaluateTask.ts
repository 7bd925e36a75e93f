// Evaluation of a model on a labelled split.
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { findingsText, type Loss } from '../../shared/lossReport.ts';
import { imagesOfSplit } from '../../core/dataset/splits.ts';
import { unreadable } from '../../core/detect/evaluateModel.ts';
import { Detector, type DetectorOptions } from '../../core/detect/detector.ts';
import { evaluate } from '../../core/evaluate/coco.ts';
import type { Evaluation } from '../../core/evaluate/types.ts';
import { openModel } from '../../core/model/openModel.ts';
import { measuredFindings } from '../../core/train/measuredFindings.ts';
import { detectInClassesOf, type DetectedImages } from './evaluateImages.ts';
import { readDataset, type DatasetRequest } from './readDataset.ts';

/** The outcome of an evaluation, and what its labels leave out, change or lack. */
export type EvaluationOutcome = Evaluation & Omit<DetectedImages, 'images'> & { findings: Loss[] };

/**
 * Evaluates by COCO's rules. Classes are matched by name.
 * @param split name of the split, or null for all images
 * @throws argument-invalid when the model knows none of the dataset's classes, or there is no such split
 */
export async function evaluateTask(
  model: string,
  data: DatasetRequest,
  split: string | null,
  options: DetectorOptions & {
    signal?: AbortSignal;
    onImage?: (done: number, of: number) => void;
    /** File to write all findings into. */
    findingsFile?: string | undefined;
  } = {},
): Promise<EvaluationOutcome> {
  // Splits are only made where one of them is asked for.
  const { dataset, report } = await readDataset(split === null ? { ...data, fractions: null } : data);
  const images = split === null ? dataset.images : imagesOfSplit(dataset, split);
  const detector = await Detector.create(await openModel(model), options);
  try {
    const { signal, onImage } = options;
    const { images: found, ...rest } = await detectInClassesOf(dataset, images, detector, { model, signal, onImage });
    const measured = await measuredFindings(model, dataset.imageRoot, images, signal);
    const findings = [...report.losses, ...measured, ...rest.failed.map(unreadable)];
    if (options.findingsFile !== undefined) await writeFileAtomic(options.findingsFile, findingsText(findings));
    return { ...evaluate(found, dataset.classes), ...rest, findings };
  } finally {
    await detector.release();
  }
}
