// Makes the picture lighter or darker as a whole: the least augmentation of colour.
import type { Box } from '../../../shared/geometry.ts';
import type { Rng } from '../../../shared/random.ts';
import type { RgbImage } from '../rgbImage.ts';
import type { AugmentSample } from './sample.ts';

/** Settings of {@link brightness}. */
export interface BrightnessParams {
  /** How often it happens, 0 to 1. */
  probability: number;
  /** Pixels are multiplied by a factor between these. */
  minFactor: number;
  maxFactor: number;
}

/** Multiplies all pixels by one random factor, clamped to 0..255; boxes stay. */
export function brightness<B extends { box: Box }>(
  image: RgbImage,
  boxes: B[],
  rng: Rng,
  { probability, minFactor, maxFactor }: BrightnessParams,
): AugmentSample<B> {
  if (!rng.chance(probability)) return { image, boxes };
  const factor = rng.float(minFactor, maxFactor);
  const table = Uint8ClampedArray.from({ length: 256 }, (_, v) => v * factor);
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i++) data[i] = table[image.data[i]!]!;
  return { image: { ...image, data }, boxes };
}
