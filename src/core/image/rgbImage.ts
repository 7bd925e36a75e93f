// The one in-memory form of a picture: what decoding gives and what augmenting, drawing and the network take.
import { StudioError } from '../../shared/errors.ts';
import type { Size } from '../../shared/geometry.ts';

/** An upright picture: `data` is RGB, uint8, row by row (height x width x 3). */
export interface RgbImage extends Size {
  data: Uint8Array;
}

/** A red, green and blue value, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** A picture of one colour. */
export function filledImage(width: number, height: number, [r, g, b]: Rgb): RgbImage {
  const data = new Uint8Array(width * height * 3);
  if (r === g && g === b) return { width, height, data: data.fill(r) };
  const row = data.subarray(0, width * 3);
  for (let i = 0; i < row.length; i += 3) {
    row[i] = r;
    row[i + 1] = g;
    row[i + 2] = b;
  }
  for (let y = 1; y < height; y++) data.set(row, y * row.length);
  return { width, height, data };
}

/** Throws `argument-invalid` unless both sides are whole numbers from 1 up. */
export function checkSize({ width, height }: Size): void {
  if (Number.isInteger(width) && Number.isInteger(height) && width >= 1 && height >= 1) return;
  throw new StudioError(
    'argument-invalid',
    `An image size of ${width}x${height} is not possible; use whole numbers from 1.`,
  );
}
