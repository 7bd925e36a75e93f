// Detection over many pictures: decoding ahead, one result per file, unreadable ones listed and passed over.
import { fromFileError, StudioError, toldBy } from '../../shared/errors.ts';
import { decodeResized } from '../image/decode.ts';
import { prefetch } from '../image/prefetch.ts';
import type { Detector } from './detector.ts';
import type { FoundImage } from './findImages.ts';
import type { SweepJournal, SweptImage } from './journal.ts';

/** Progress of a sweep: the picture that is done, and counts so far. */
export interface SweepProgress {
  image: SweptImage;
  /** Taken over from an earlier sweep. */
  resumed: boolean;
  done: number;
  of: number;
}

/** Settings of {@link sweep}. */
export interface SweepOptions {
  /** Lowest score of the results, 0 to 1; from the journal's on. */
  score: number;
  journal: SweepJournal;
  signal?: AbortSignal | undefined;
  onImage?: (progress: SweepProgress) => void | Promise<void>;
}

/**
 * Detects on every picture.
 * @returns results in the order of `images`
 * @throws cancelled through `signal` (what is done is in the journal), disk-full
 */
export async function sweep(
  detector: Detector,
  images: readonly FoundImage[],
  { score, journal, signal, onImage }: SweepOptions,
): Promise<SweptImage[]> {
  const results = new Map<string, SweptImage>();
  const finish = async (found: SweptImage, resumed: boolean): Promise<void> => {
    if (!resumed) await journal.record(found);
    const image = withScore(found, score);
    results.set(image.file, image);
    await onImage?.({ image, resumed, done: results.size, of: images.length });
  };
  const open: FoundImage[] = [];
  for (const image of images) {
    const earlier = journal.earlier(image);
    if (earlier) await finish({ ...earlier, path: image.path }, true);
    else open.push(image);
  }
  const prepare = ({ file }: FoundImage) => decodeResized(file, detector.inputSize);
  for await (const prepared of prefetch(open, prepare, { ahead: 4, ...(signal && { signal }) })) {
    const { item } = prepared;
    if (!prepared.ok) {
      await finish(failed(item, prepared.error), false);
      continue;
    }
    const detections = await detector.detectResized(prepared.value, journal.score);
    const whole = { reason: null, said: null, code: null };
    await finish({ ...item, status: 'done', ...prepared.value.original, detections, ...whole }, false);
  }
  return images.map((image) => results.get(image.file)!);
}

/** The picture with what was found from a score on. */
export function withScore(image: SweptImage, least: number): SweptImage {
  return { ...image, detections: image.detections.filter(({ score }) => score >= least) };
}

function failed(image: FoundImage, error: unknown): SweptImage {
  const { code } = error instanceof StudioError ? error : fromFileError(error, image.file);
  const { message, said } = toldBy(error);
  return { ...image, status: 'failed', width: 0, height: 0, detections: [], reason: message, said, code };
}
