// Detection over files, folders and projects for the command line: a journal to resume from, results in the formats asked for, a status per file.
import path from 'node:path';
import { Detector, type DetectorOptions } from '../../core/detect/detector.ts';
import type { SweptImage } from '../../core/detect/journal.ts';
import type { PassedOver } from '../../core/files/walk.ts';
import { fingerprintOf } from '../../core/model/fingerprint.ts';
import { baseModelName, openModel } from '../../core/model/openModel.ts';
import { detectFolder, type FolderListener, type FolderOutcome } from '../jobs/detectFolder.ts';
import { claimFolder } from '../jobs/resultsFolder.ts';
import type { ResultFormat } from '../jobs/saveResults.ts';
import { findDetectImages } from './detectImages.ts';

/** What to detect on, with what, and where results go. */
export interface DetectRequest {
  paths: readonly string[];
  model: string;
  /** Lowest score to keep, 0 to 1. */
  score: number;
  recursive: boolean;
  formats: readonly ResultFormat[];
  /** Leaves names in CSV as they are. */
  rawCsv?: boolean;
  /** Folder of the results and of the journal. */
  out: string;
}

/** What a detection tells while it works. */
export interface DetectListener extends FolderListener {
  /** What was left out while looking for pictures, by absolute path. */
  onPassedOver?: (passedOver: readonly PassedOver[]) => void;
}

/** What a detection did. */
export interface DetectOutcome extends FolderOutcome {
  out: string;
  classes: readonly string[];
  passedOver: readonly PassedOver[];
  failed: SweptImage[];
  detections: number;
}

/** {@link detectFolder} with a model by name. @throws the same; file errors, dataset-empty, model-invalid */
export async function detectTask(
  { paths, model: reference, score, recursive, formats, rawCsv = false, out }: DetectRequest,
  options: DetectorOptions & DetectListener = {},
): Promise<DetectOutcome> {
  await claimFolder(out);
  const found = await findDetectImages(paths, recursive);
  options.onPassedOver?.(found.passedOver);
  const model = await openModel(reference);
  const name = reference === baseModelName ? reference : path.resolve(reference);
  const settings = { model: { name, sha256: fingerprintOf(model) }, score };
  const detector = await Detector.create(model, options);
  const request = { found, detector, settings, formats, rawCsv, folder: out };
  const outcome = await detectFolder(request, options).finally(() => detector.release());
  return {
    ...outcome,
    ...{ out, classes: detector.classes, passedOver: found.passedOver },
    failed: outcome.images.filter(({ status }) => status === 'failed'),
    detections: outcome.images.reduce((sum, image) => sum + image.detections.length, 0),
  };
}
