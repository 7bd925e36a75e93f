// Training images as a run is shown them: the run's own pipeline of samples and targets, painted as small pictures for a person.
import { resizeRgb } from '../../core/image/decode.ts';
import { drawBoxes } from '../../core/image/draw.ts';
import type { PreparedSample } from '../../core/image/augment/pipeline.ts';
import { scaleBoxes } from '../../core/image/augment/sample.ts';
import type { TrainConfig } from '../../core/train/config.ts';
import { sampleTargets, SampleSource } from '../../core/train/samples.ts';
import { StudioError } from '../../shared/errors.ts';
import type { Annotation } from '../../shared/labels.ts';
import { blend } from './preview.ts';
import type { PixelMethods } from './methods.ts';
import type { WorkerCall } from './protocol.ts';

/** One painted sample. */
export interface AugmentedPicture {
  /** Which of the images it is of. */
  index: number;
  /** WebP, at most {@link side} pixels on its longer side. */
  bytes: Uint8Array;
  /** How many boxes are left on it. */
  boxes: number;
}

type Augmented = PixelMethods['augmented'];

/** Larger than it is shown, for screens with fine pixels, but not so much that lines get thin. */
const side = 320;

/** One sample of each image, in their order; unreadable ones are left out. */
export async function paintAugmented(
  { images, imageRoot, classes, config, heat }: Augmented['input'],
  { signal, emit }: WorkerCall<Augmented['event']>,
): Promise<AugmentedPicture[]> {
  const pictures: AugmentedPicture[] = [];
  for (const [index, image] of images.entries()) {
    if (signal.aborted) throw new StudioError('cancelled', 'Other samples were asked for.');
    const own = { ...config, batch: 1, seed: config.seed + index };
    const sample = await firstOf(new SampleSource([image], imageRoot, own).epoch(0, 0, signal)).catch(() => null); // a picture that is gone or unreadable leaves the others
    if (sample) pictures.push({ index, boxes: sample.boxes.length, bytes: await paint(sample, own, classes, heat) });
    emit({ done: index + 1 });
  }
  return pictures;
}

async function firstOf<T>(list: AsyncIterable<T>): Promise<T | null> {
  for await (const item of list) return item;
  return null;
}

async function paint(
  sample: PreparedSample<Annotation>,
  config: TrainConfig,
  classes: number,
  heat: boolean,
): Promise<Uint8Array> {
  const { width, height } = sample.image;
  const scale = Math.min(1, side / Math.max(width, height));
  const picture = await resizeRgb(sample.image, Math.round(width * scale), Math.round(height * scale));
  if (heat) {
    const maps = sampleTargets(sample, config, classes);
    const scores = Uint8Array.from(maps.heatmap, (v) => Math.round(v * 255));
    blend(picture, { columns: maps.width, rows: maps.height, scores });
  }
  const boxes = scaleBoxes(sample.boxes, sample.image, picture);
  return drawBoxes(picture, boxes, { classes: [], labels: false, format: 'webp', quality: 80, effort: 1 });
}
