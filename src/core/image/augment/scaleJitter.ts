// Zooms in or out a little at a random place: a gentler cousin of expand and crop for small datasets.
import type { Box } from '../../../shared/geometry.ts';
import type { Rng } from '../../../shared/random.ts';
import type { Rgb, RgbImage } from '../rgbImage.ts';
import { type AugmentSample, boxesInWindow } from './sample.ts';
import { copyWindow } from './window.ts';

/** Settings of {@link scaleJitter}. */
export interface ScaleJitterParams {
  /** How often it happens, 0 to 1. */
  probability: number;
  /** The picture is seen between these many times as large; below 1 a border of `fill` shows. */
  minScale: number;
  maxScale: number;
  /** Width to height changes by up to this factor (1 keeps it). */
  maxStretch: number;
  fill: Rgb;
}

/** Takes a window 1 / scale as wide and high as the picture; where it is smaller it lies inside, where larger it holds the whole picture. */
export function scaleJitter<B extends { box: Box }>(
  image: RgbImage,
  boxes: B[],
  rng: Rng,
  { probability, minScale, maxScale, maxStretch, fill }: ScaleJitterParams,
): AugmentSample<B> {
  if (!rng.chance(probability)) return { image, boxes };
  // Drawn evenly in the logarithm, so that twice as large is as likely as half.
  const scale = Math.exp(rng.float(Math.log(minScale), Math.log(maxScale)));
  const stretch = Math.exp(rng.float(-1, 1) * 0.5 * Math.log(maxStretch));
  const width = Math.max(1, Math.round((image.width / scale) * stretch));
  const height = Math.max(1, Math.round(image.height / scale / stretch));
  const left = place(rng, image.width - width);
  const top = place(rng, image.height - height);
  return {
    image: copyWindow(image, left, top, width, height, fill),
    boxes: boxesInWindow(boxes, left, top, { width, height }),
  };
}

/** A random offset between 0 and `slack`, which is negative when the window is larger than the picture. */
function place(rng: Rng, slack: number): number {
  return rng.int(Math.min(0, slack), Math.max(0, slack));
}
