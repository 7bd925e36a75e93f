// From pixels to the network's input: bytes in rows become float planes, scaled per channel.
import { StudioError } from '../../shared/errors.ts';
import type { Rgb, RgbImage } from './rgbImage.ts';

/** Per-channel scaling in pixel units: value = (pixel - mean) / std. */
export interface Normalisation {
  mean: Rgb;
  std: Rgb;
}

/** Pixels as they are, 0 to 255: what the COCO base network takes. */
export const identityNormalisation: Normalisation = { mean: [0, 0, 0], std: [1, 1, 1] };

/** ImageNet statistics of the paper's networks (official configs). */
export const imageNetNormalisation: Normalisation = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };

/**
 * Writes `image` as item `index` of a batch: `out` is float32, batch x 3 x height x width, all items of this image's size.
 * A table of the 256 possible values per channel keeps the result exactly float32((pixel - mean) / std).
 * Throws `argument-invalid` when the item doesn't fit in `out`.
 */
export function normaliseInto(
  image: RgbImage,
  out: Float32Array,
  index = 0,
  { mean, std }: Normalisation = identityNormalisation,
): void {
  const plane = image.width * image.height;
  const start = index * 3 * plane;
  if (start < 0 || start + 3 * plane > out.length)
    throw new StudioError(
      'argument-invalid',
      `Item ${index} of ${image.width}x${image.height} pixels doesn't fit in a batch of ${out.length} numbers.`,
    );
  for (let c = 0; c < 3; c++)
    fillPlane(image.data, c, out.subarray(start + c * plane), valueTable(mean[c]!, std[c]!), plane);
}

function fillPlane(pixels: Uint8Array, channel: number, to: Float32Array, table: Float32Array, count: number): void {
  for (let i = 0, at = channel; i < count; i++, at += 3) to[i] = table[pixels[at]!]!;
}

function valueTable(mean: number, std: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, value) => (value - mean) / std);
}
