// Detection over files and folders: a journal to resume from, results in the formats asked for, a status per file.
import path from 'node:path';
import { writeDetections, type DetectionFormat } from '../../core/dataset/detections.ts';
import { Detector, type DetectorOptions } from '../../core/detect/detector.ts';
import { SweepJournal, type SweptImage } from '../../core/detect/journal.ts';
import { sweep, type SweepProgress } from '../../core/detect/sweep.ts';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { makeFolder } from '../../core/files/makeFolder.ts';
import { decodeImage } from '../../core/image/decode.ts';
import { drawBoxes } from '../../core/image/draw.ts';
import { openModel } from '../../core/model/openModel.ts';
import { findDetectImages } from './detectImages.ts';

/** Forms in which results can be written; `overlay` is pictures with the boxes drawn on them. */
export const outputFormats = ['coco', 'voc', 'yolo', 'csv', 'labelme', 'overlay'] as const;

/** One of {@link outputFormats}. */
export type OutputFormat = (typeof outputFormats)[number];

/** What to detect on, with what, and where results go. */
export interface DetectRequest {
  paths: readonly string[];
  model: string;
  /** Lowest score to keep, 0 to 1. */
  score: number;
  recursive: boolean;
  formats: readonly OutputFormat[];
  /** Folder of the results and of the journal. */
  out: string;
}

/** What a sweep did. */
export interface DetectOutcome {
  out: string;
  classes: readonly string[];
  images: readonly SweptImage[];
  failed: number;
  resumed: number;
  detections: number;
}

/**
 * Detects on every picture and writes the results. Killed or cancelled, the same call goes on where it was.
 * @throws file errors, dataset-empty, model-invalid, cancelled, disk-full
 */
export async function detectTask(
  request: DetectRequest,
  options: DetectorOptions & { signal?: AbortSignal; onImage?: (progress: SweepProgress) => void } = {},
): Promise<DetectOutcome> {
  const images = await findDetectImages(request.paths, request.recursive);
  const model = await openModel(request.model);
  await makeFolder(request.out);
  const key = JSON.stringify([path.resolve(request.model), model.description, request.score]);
  const journal = await SweepJournal.open(path.join(request.out, 'journal.jsonl'), key);
  const detector = await Detector.create(model, options);
  const overlays = request.formats.includes('overlay') ? path.join(request.out, 'overlay') : null;
  let resumed = 0;
  const onImage = async (progress: SweepProgress): Promise<void> => {
    if (progress.resumed) resumed += 1;
    else if (overlays && progress.image.status === 'done')
      await drawOverlay(overlays, progress.image, detector.classes);
    options.onImage?.(progress);
  };
  const results = await sweep(detector, images, {
    score: request.score,
    journal,
    signal: options.signal,
    onImage,
  }).finally(() => detector.release());
  await writeResults(request, detector.classes, results);
  return {
    out: request.out,
    classes: detector.classes,
    images: results,
    failed: results.filter((r) => r.status === 'failed').length,
    resumed,
    detections: results.reduce((sum, r) => sum + r.detections.length, 0),
  };
}

/** Writes what a sweep found in every format but overlays, and a list of the files that failed. */
async function writeResults(
  { formats, out }: DetectRequest,
  classes: readonly string[],
  results: readonly SweptImage[],
): Promise<void> {
  const done = results.filter((r) => r.status === 'done');
  for (const format of formats) {
    if (format === 'overlay') continue;
    const folder = path.join(out, format);
    await makeFolder(folder);
    await writeDetections(format satisfies DetectionFormat, folder, classes, done);
  }
  const failures = results.filter((r) => r.status === 'failed').map(({ file, reason }) => ({ file, reason }));
  await writeFileAtomic(path.join(out, 'failed.json'), JSON.stringify(failures, null, 2));
}

async function drawOverlay(
  folder: string,
  { file, path: name, detections }: SweptImage,
  classes: readonly string[],
): Promise<void> {
  const target = path.join(folder, `${name.slice(0, name.length - path.extname(name).length)}.jpg`);
  await makeFolder(path.dirname(target));
  const bytes = await drawBoxes(await decodeImage(file), detections, { classes, format: 'jpeg', quality: 90 });
  await writeFileAtomic(target, bytes);
}
