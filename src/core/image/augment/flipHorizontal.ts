// Mirrors left and right.
import type { Box } from '../../../shared/geometry.ts';
import type { Rng } from '../../../shared/random.ts';
import type { RgbImage } from '../rgbImage.ts';
import { type AugmentSample, mapBoxes } from './sample.ts';

/** Settings of {@link flipHorizontal}. */
export interface FlipParams {
  /** How often it happens, 0 to 1. */
  probability: number;
}

/** Mirrors the picture left to right with a probability; x becomes width - x. */
export function flipHorizontal<B extends { box: Box }>(
  image: RgbImage,
  boxes: B[],
  rng: Rng,
  { probability }: FlipParams,
): AugmentSample<B> {
  if (!rng.chance(probability)) return { image, boxes };
  const w = image.width;
  return {
    image: mirrorRows(image),
    boxes: mapBoxes(boxes, ({ x1, y1, x2, y2 }) => ({ x1: w - x2, y1, x2: w - x1, y2 })),
  };
}

function mirrorRows({ width, height, data }: RgbImage): RgbImage {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    let from = y * width * 3;
    for (let to = from + (width - 1) * 3; from <= (y + 1) * width * 3 - 3; from += 3, to -= 3) {
      out[to] = data[from]!;
      out[to + 1] = data[from + 1]!;
      out[to + 2] = data[from + 2]!;
    }
  }
  return { width, height, data: out };
}
