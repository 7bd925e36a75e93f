// SSD's random crop: a part of the picture that keeps a drawn minimum IoU with the boxes.
import { type Box, iou } from '../../../shared/geometry.ts';
import type { Rng } from '../../../shared/random.ts';
import type { RgbImage } from '../rgbImage.ts';
import { type AugmentSample, boxesInWindow } from './sample.ts';
import { copyWindow, meanFill } from './window.ts';

/** Settings of {@link iouCrop}. */
export interface IouCropParams {
  /** Minimum IoU of the crop with every box, one drawn per try; "whole picture" and "no minimum" are always among the choices. */
  minIous: readonly number[];
  /** Least width and height of the crop as a share of the picture's. */
  minSize: number;
}

const triesPerMode = 50;
const modes = 20;

/**
 * Crops as in SSD and mmdetection's MinIoURandomCrop: a mode is drawn (whole picture, any crop, or a minimum IoU), then up to 50 crops
 * of aspect 1/2 to 2; the first that satisfies the mode and holds the centre of a box is taken. A picture without boxes takes any crop.
 */
export function iouCrop<B extends { box: Box }>(
  image: RgbImage,
  boxes: B[],
  rng: Rng,
  { minIous, minSize }: IouCropParams,
): AugmentSample<B> {
  for (let mode = 0; mode < modes; mode++) {
    const minIou = rng.pick([1, 0, ...minIous]);
    if (minIou === 1) return { image, boxes };
    for (let attempt = 0; attempt < triesPerMode; attempt++) {
      const cropped = tryCrop(image, boxes, rng, minIou, minSize);
      if (cropped) return cropped;
    }
  }
  return { image, boxes };
}

function tryCrop<B extends { box: Box }>(
  image: RgbImage,
  boxes: B[],
  rng: Rng,
  minIou: number,
  minSize: number,
): AugmentSample<B> | null {
  const width = Math.max(1, Math.round(image.width * rng.float(minSize, 1)));
  const height = Math.max(1, Math.round(image.height * rng.float(minSize, 1)));
  if (height < width / 2 || height > width * 2) return null;
  const left = rng.int(0, image.width - width);
  const top = rng.int(0, image.height - height);
  const window = { x1: left, y1: top, x2: left + width, y2: top + height };
  if (boxes.some((b) => iou(b.box, window) < minIou)) return null;
  const kept = boxesInWindow(boxes, left, top, { width, height });
  if (kept.length === 0 && boxes.length > 0) return null;
  return { image: copyWindow(image, left, top, width, height, meanFill), boxes: kept };
}
