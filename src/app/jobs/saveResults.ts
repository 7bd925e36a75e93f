// Results of detection as files, the same for the command line and the window: every format in a folder of its own, and lists of what went wrong.
import path from 'node:path';
import { detectionFormats, writeDetections } from '../../core/dataset/detections.ts';
import type { SweptImage } from '../../core/detect/journal.ts';
import { drawOverlays } from '../../core/detect/overlays.ts';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { saying } from '../../shared/errors.ts';
import type { Loss } from '../../shared/lossReport.ts';

/** Forms in which results can be written; `overlay` is pictures with the boxes drawn on them. */
export const resultFormats = [...detectionFormats, 'overlay'] as const;

/** One of {@link resultFormats}. */
export type ResultFormat = (typeof resultFormats)[number];

/** Lists beside them: pictures that could not be read; what was renamed or could not be written; what was passed over while looking for pictures. */
export const resultFiles = ['failed.json', 'changes.json', 'passed-over.json'] as const;

/** What to write. */
export interface Results {
  classes: readonly string[];
  /** Those that failed as well. */
  images: readonly SweptImage[];
  formats: readonly ResultFormat[];
  /** Leaves names in CSV as they are, also those that a spreadsheet would run as formulas. */
  rawCsv: boolean;
}

/** Something that was changed or left out in one format. */
export type ResultLoss = Loss & { format: ResultFormat };

/** What was written. */
export interface Saved {
  files: number;
  losses: ResultLoss[];
}

/** How {@link saveResults} tells of itself. */
export interface SaveOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { format: ResultFormat; done: number; total: number }) => void) | undefined;
}

/** A format's name that came from elsewhere. @throws argument-invalid naming the formats */
export function resultFormatNamed(name: string): ResultFormat {
  const known = resultFormats.find((format) => format === name);
  if (known) return known;
  throw saying('argument-invalid', 'detect.format', { format: name, formats: resultFormats.join(', ') });
}

/** Writes results into `folder/FORMAT`, failed.json and changes.json. @throws cancelled, disk-full, file-permission */
export async function saveResults(
  folder: string,
  { classes, images, formats, rawCsv }: Results,
  { signal, onProgress }: SaveOptions = {},
): Promise<Saved> {
  const saved: Saved = { files: 0, losses: [] };
  const detected = images.map((image) => (image.status === 'done' ? image : { ...image, detections: null }));
  for (const format of formats) {
    const to = path.join(folder, format);
    const options = {
      ...(signal && { signal }),
      onProgress: ({ done, total }: { done: number; total: number }) => onProgress?.({ format, done, total }),
    };
    const { files, losses } =
      format === 'overlay'
        ? await drawOverlays(to, images, classes, options)
        : await writeDetections(format, to, classes, detected, { ...options, rawCsv });
    saved.files += files;
    for (const loss of losses) saved.losses.push({ ...loss, format });
  }
  await writeList(folder, 'failed.json', images.filter(({ status }) => status === 'failed').map(failure));
  await writeList(folder, 'changes.json', saved.losses.map(change));
  return saved;
}

const failure = ({ file, code, reason }: SweptImage): object => ({ file, code, reason });

const change = ({ format, file, kind, reason }: ResultLoss): object => ({ format, file, kind, reason });

/** Writes one of {@link resultFiles}. */
export async function writeList(folder: string, name: (typeof resultFiles)[number], items: object[]): Promise<void> {
  await writeFileAtomic(path.join(folder, name), `${JSON.stringify(items, null, 2)}\n`);
}
