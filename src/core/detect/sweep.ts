// Detection over many pictures: decoding ahead, one result per file, unreadable ones listed and passed over.
import { toldBy } from '../../shared/errors.ts';
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
  /** Lowest score to keep, 0 to 1. */
  score: number;
  journal?: SweepJournal;
  signal?: AbortSignal;
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
  options: SweepOptions,
): Promise<SweptImage[]> {
  const results = new Map<string, SweptImage>();
  let done = 0;
  const finish = async (image: SweptImage, resumed: boolean): Promise<void> => {
    results.set(image.file, image);
    if (!resumed) await options.journal?.record(image);
    await options.onImage?.({ image, resumed, done: ++done, of: images.length });
  };
  const open: FoundImage[] = [];
  for (const image of images) {
    const earlier = options.journal?.earlier(image);
    if (earlier) await finish({ ...earlier, path: image.path }, true);
    else open.push(image);
  }
  const prepare = ({ file }: FoundImage) => decodeResized(file, detector.inputSize);
  for await (const prepared of prefetch(open, prepare, { ahead: 4, signal: options.signal })) {
    const { item } = prepared;
    if (!prepared.ok) {
      await finish(failed(item, prepared.error), false);
      continue;
    }
    const detections = await detector.detectResized(prepared.value, options.score);
    await finish({ ...item, status: 'done', ...prepared.value.original, detections, reason: null, said: null }, false);
  }
  return images.map((image) => results.get(image.file)!);
}

function failed(image: FoundImage, error: unknown): SweptImage {
  const { message, said } = toldBy(error);
  return { ...image, status: 'failed', width: 0, height: 0, detections: [], reason: message, said };
}
