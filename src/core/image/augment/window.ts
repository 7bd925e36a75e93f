// Copies a rectangle out of a picture; it may reach beyond the edges, where a fill colour shows. Crop, expand and jitter are all this.
import { type Rgb, type RgbImage, filledImage } from '../rgbImage.ts';

/** The window with its top left pixel at (`left`, `top`), whole numbers that may be negative; row copies, so as fast as memory. */
export function copyWindow(
  image: RgbImage,
  left: number,
  top: number,
  width: number,
  height: number,
  fill: Rgb,
): RgbImage {
  const inside = left >= 0 && top >= 0 && left + width <= image.width && top + height <= image.height;
  const out = inside ? { width, height, data: new Uint8Array(width * height * 3) } : filledImage(width, height, fill);
  const x1 = Math.max(0, left);
  const x2 = Math.min(image.width, left + width);
  if (x2 <= x1) return out;
  for (let y = Math.max(0, top); y < Math.min(image.height, top + height); y++) {
    const row = image.data.subarray((y * image.width + x1) * 3, (y * image.width + x2) * 3);
    out.data.set(row, ((y - top) * width + (x1 - left)) * 3);
  }
  return out;
}

/** ImageNet's mean colour: what networks trained on normalised pixels see as nothing. */
export const meanFill: Rgb = [124, 116, 104];
