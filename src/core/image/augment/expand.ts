// Places the picture on a larger canvas of one colour, so that objects look smaller (SSD's "zoom out").
import type { Box } from '../../../shared/geometry.ts';
import type { Rng } from '../../../shared/random.ts';
import type { Rgb, RgbImage } from '../rgbImage.ts';
import { type AugmentSample, mapBoxes, shift } from './sample.ts';
import { copyWindow } from './window.ts';

/** Settings of {@link expand}. */
export interface ExpandParams {
  /** How often it happens, 0 to 1. */
  probability: number;
  /** The canvas is between these many times as wide and high. */
  minRatio: number;
  maxRatio: number;
  /** Colour of the canvas. */
  fill: Rgb;
}

/** Puts the picture at a random place of a canvas 1 to 4 (by default) times its size; boxes move along. */
export function expand<B extends { box: Box }>(
  image: RgbImage,
  boxes: B[],
  rng: Rng,
  { probability, minRatio, maxRatio, fill }: ExpandParams,
): AugmentSample<B> {
  if (!rng.chance(probability)) return { image, boxes };
  const ratio = rng.float(minRatio, maxRatio);
  const width = Math.floor(image.width * ratio);
  const height = Math.floor(image.height * ratio);
  const left = rng.int(0, width - image.width);
  const top = rng.int(0, height - image.height);
  return {
    image: copyWindow(image, -left, -top, width, height, fill),
    boxes: mapBoxes(boxes, (box) => shift(box, left, top)),
  };
}
