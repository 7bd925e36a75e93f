// Runs a detector over labelled images and gathers what the evaluation needs.
import path from 'node:path';
import { toldBy } from '../../shared/errors.ts';
import type { LabelledImage } from '../../shared/labels.ts';
import type { Loss } from '../../shared/lossReport.ts';
import type { Said } from '../../shared/said.ts';
import type { EvaluatedImage } from '../evaluate/types.ts';
import { decodeResized } from '../image/decode.ts';
import { prefetch } from '../image/prefetch.ts';
import type { Detector } from './detector.ts';

/** Detections under this score change no AP worth the time; pycocotools is fed with such lists too. */
const evaluationScore = 0.01;

/** Labels and detections of each image, and the images that could not be read. */
export interface LabelledDetections {
  images: EvaluatedImage[];
  failed: { path: string; reason: string; said: Said | null }[];
}

/**
 * Detects on every image, decoding ahead of the network.
 * @param onImage called after each image with the number done
 * @throws cancelled through `signal`
 */
export async function detectLabelled(
  detector: Detector,
  imageRoot: string,
  labelled: readonly LabelledImage[],
  options: { signal?: AbortSignal; onImage?: (done: number) => void } = {},
): Promise<LabelledDetections> {
  const result: LabelledDetections = { images: [], failed: [] };
  const prepare = (image: LabelledImage) => decodeResized(path.resolve(imageRoot, image.path), detector.inputSize);
  let done = 0;
  for await (const prepared of prefetch(labelled, prepare, { ahead: 4, signal: options.signal })) {
    const { item } = prepared;
    if (prepared.ok)
      result.images.push({
        path: item.path,
        annotations: item.annotations,
        detections: await detector.detectResized(prepared.value, evaluationScore),
      });
    else {
      const { message, said } = toldBy(prepared.error);
      result.failed.push({ path: item.path, reason: message, said });
    }
    options.onImage?.(++done);
  }
  return result;
}

/** An image that could not be read, among the findings of an evaluation. */
export const unreadable = ({ path: file, reason, said }: LabelledDetections['failed'][number]): Loss => ({
  ...{ file, kind: 'unreadable', reason, said },
});
