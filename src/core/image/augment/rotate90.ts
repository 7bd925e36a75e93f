// Quarter turns; for pictures with no natural "up". Sides swap, so it comes before the final resize.
import type { Box } from '../../../shared/geometry.ts';
import type { Rng } from '../../../shared/random.ts';
import type { RgbImage } from '../rgbImage.ts';
import { type AugmentSample, mapBoxes } from './sample.ts';

/** Settings of {@link rotate90}. */
export interface RotateParams {
  /** How often it happens, 0 to 1. */
  probability: number;
}

/** Turns the picture by 90, 180 or 270 degrees clockwise, each as likely, with a probability. */
export function rotate90<B extends { box: Box }>(
  image: RgbImage,
  boxes: B[],
  rng: Rng,
  { probability }: RotateParams,
): AugmentSample<B> {
  if (!rng.chance(probability)) return { image, boxes };
  let sample = { image, boxes };
  for (let turns = rng.int(1, 3); turns > 0; turns--) sample = quarterTurn(sample.image, sample.boxes);
  return sample;
}

/** One quarter turn clockwise: the pixel (x, y) goes to (height - 1 - y, x). */
export function quarterTurn<B extends { box: Box }>(image: RgbImage, boxes: B[]): AugmentSample<B> {
  const { width, height, data } = image;
  const out = new Uint8Array(data.length);
  let from = 0;
  for (let y = 0; y < height; y++) {
    let to = (height - 1 - y) * 3;
    for (let x = 0; x < width; x++, from += 3, to += height * 3) {
      out[to] = data[from]!;
      out[to + 1] = data[from + 1]!;
      out[to + 2] = data[from + 2]!;
    }
  }
  return {
    image: { width: height, height: width, data: out },
    boxes: mapBoxes(boxes, ({ x1, y1, x2, y2 }) => ({ x1: height - y2, y1: x1, x2: height - y1, y2: x2 })),
  };
}
