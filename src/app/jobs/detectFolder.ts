// Detection over files and folders, the same for the command line and the window: listing, journal, sweep, files of results.
import path from 'node:path';
import type { Detector } from '../../core/detect/detector.ts';
import type { FoundImages } from '../../core/detect/findImages.ts';
import { journalHead, journalLine, journalName, readJournal, SweepJournal } from '../../core/detect/journal.ts';
import type { SweepSettings, SweptImage } from '../../core/detect/journal.ts';
import { sweep, withScore, type SweepProgress } from '../../core/detect/sweep.ts';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import type { PassedOver } from '../../core/files/walk.ts';
import { inEnglish, type Said } from '../../shared/said.ts';
import { claimFolder, inResultsFolder, settle } from './resultsFolder.ts';
import { saveResults, writeList, type ResultFormat, type Saved, type SaveOptions } from './saveResults.ts';

/** What to detect on, with what, and where results go. */
export interface FolderRequest {
  found: FoundImages;
  detector: Detector;
  /** Which model it is, and the lowest score to keep, 0 to 1. */
  settings: SweepSettings;
  formats: readonly ResultFormat[];
  rawCsv: boolean;
  /** Folder of the journal and the results. */
  folder: string;
}

/** What a detection tells while it works. */
export interface FolderListener extends SaveOptions {
  /** Earlier results of this folder are made anew: says why. */
  onAnew?: (why: Said) => void;
  onImage?: (progress: SweepProgress) => void | Promise<void>;
}

/** What a detection did. */
export interface FolderOutcome extends Saved {
  images: SweptImage[];
  /** How many of them an earlier call had done. */
  resumed: number;
  anew: Said | null;
}

/**
 * Detects on every picture and writes the results. Killed or cancelled, the same call goes on where it was; called with other formats, it
 * writes them from the results that are there.
 * @throws folder-in-use, argument-invalid (a folder of other pictures), cancelled, disk-full
 */
export async function detectFolder(request: FolderRequest, listener: FolderListener): Promise<FolderOutcome> {
  const { found, detector, settings, folder } = request;
  return inResultsFolder(folder, async () => {
    const files = found.images.map(({ file }) => file);
    const earlier = await settle(folder, settings, files);
    if (earlier.anew) listener.onAnew?.(earlier.anew);
    const journal = await SweepJournal.open(path.join(folder, journalName), settings, earlier.found);
    await writeList(folder, 'passed-over.json', found.passedOver.map(passed));
    let resumed = 0;
    const onImage = (progress: SweepProgress): void | Promise<void> => {
      if (progress.resumed) resumed++;
      return listener.onImage?.(progress);
    };
    const images = await sweep(detector, found.images, {
      score: settings.score,
      journal,
      signal: listener.signal,
      onImage,
    });
    const saved = await saveResults(folder, { ...request, classes: detector.classes, images }, listener);
    return { ...saved, images, resumed, anew: earlier.anew };
  });
}

const passed = ({ path: file, said: why }: PassedOver): object => ({ file, reason: inEnglish(why) });

/** Where results are, and what of them goes where. */
export interface ExportRequest {
  /** Folder of a {@link detectFolder}. */
  from: string;
  to: string;
  /** For results whose journal doesn't say it. */
  model: string;
  classes: readonly string[];
  formats: readonly ResultFormat[];
  /** Lowest score to write, 0 to 1. */
  score: number;
}

/**
 * Writes results of a detection into another folder, with their journal: it is a folder of detections like that of {@link detectFolder}, and
 * can be written to again.
 * @throws argument-invalid for a folder that holds something else; folder-in-use, cancelled, disk-full, file-permission
 */
export async function exportResults(
  request: ExportRequest,
  options: SaveOptions,
): Promise<Saved & { anew: Said | null }> {
  const { from, to, model, score } = request;
  const journal = await readJournal(path.join(from, journalName));
  const settings = journal?.settings ?? { model: { name: model, sha256: '' }, score: 0 };
  const all = [...(journal?.images.values() ?? [])];
  await claimFolder(to);
  return inResultsFolder(to, async () => {
    const files = all.map(({ file }) => file);
    const { anew } = await settle(to, settings, files);
    const lines = all.map(journalLine);
    await writeFileAtomic(path.join(to, journalName), [journalHead(settings), ...lines].join(''));
    const images = all.map((image) => withScore(image, score));
    return { ...(await saveResults(to, { ...request, images, rawCsv: false }, options)), anew };
  });
}
