// Mirrors top and bottom; for pictures with no natural "up" (microscopes, aerial views).
import type { Box } from '../../../shared/geometry.ts';
import type { Rng } from '../../../shared/random.ts';
import type { RgbImage } from '../rgbImage.ts';
import type { FlipParams } from './flipHorizontal.ts';
import { type AugmentSample, mapBoxes } from './sample.ts';

/** Mirrors the picture top to bottom with a probability; y becomes height - y. */
export function flipVertical<B extends { box: Box }>(
  image: RgbImage,
  boxes: B[],
  rng: Rng,
  { probability }: FlipParams,
): AugmentSample<B> {
  if (!rng.chance(probability)) return { image, boxes };
  const { width, height } = image;
  const data = new Uint8Array(image.data.length);
  const row = width * 3;
  for (let y = 0; y < height; y++) data.set(image.data.subarray(y * row, (y + 1) * row), (height - 1 - y) * row);
  return {
    image: { width, height, data },
    boxes: mapBoxes(boxes, ({ x1, y1, x2, y2 }) => ({ x1, y1: height - y2, x2, y2: height - y1 })),
  };
}
