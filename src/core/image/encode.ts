// Pictures to files: whole ones, thumbnails, crops, and SVG drawings turned to pixels.
import { type Box, type Size, clip } from '../../shared/geometry.ts';
import { StudioError } from '../../shared/errors.ts';
import { type DecodeOptions, decodeCovering, resizeRgb } from './decode.ts';
import { type Rgb, type RgbImage, checkSize } from './rgbImage.ts';
import { type ImageSource, readImageInfo } from './source.ts';
import { copyWindow } from './augment/window.ts';
import { type Sharp, sharp } from './vips.ts';

/** Formats that pictures are written in. */
export type EncodeFormat = 'jpeg' | 'png' | 'webp';

/** Settings of encoding. */
export interface EncodeOptions {
  format: EncodeFormat;
  /** 1 to 100, for JPEG and WebP; default 90. */
  quality?: number;
  /** 0 (fast) to 6 (small), for WebP; default 4. Of a thumbnail's time 4 takes nearly half, 1 a sixth. */
  effort?: number;
}

/** The bytes of a picture file; also of what `sharp` in this room still has to draw. */
export async function encodeImage(image: RgbImage, options: EncodeOptions): Promise<Uint8Array> {
  return encodePipeline(rawPipeline(image), options);
}

/** A pipeline over pixels in memory, for this room only. */
export function rawPipeline({ width, height, data }: RgbImage): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Ends a pipeline with a file's bytes, for this room only. Full colour resolution, so that thin lines stay crisp in JPEG. */
export async function encodePipeline(
  image: Sharp,
  { format, quality = 90, effort = 4 }: EncodeOptions,
): Promise<Uint8Array> {
  if (format === 'png') return await image.png({ compressionLevel: 6 }).toBuffer();
  if (format === 'webp') return await image.webp({ quality, effort }).toBuffer();
  return await image.jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
}

/**
 * An upright thumbnail of at most `maxSide` pixels on its longer side, ratio kept, never enlarged; JPEG quality 80 unless told.
 * Throws as `decodeImage`.
 */
export async function thumbnail(
  source: ImageSource,
  maxSide: number,
  encode: EncodeOptions = { format: 'jpeg', quality: 80 },
  options: DecodeOptions = {},
): Promise<Uint8Array> {
  checkSize({ width: maxSide, height: maxSide });
  const { width, height } = await readImageInfo(source);
  const scale = Math.min(1, maxSide / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  const { image } = await decodeCovering(source, size, options);
  return encodeImage(await resizeRgb(image, size.width, size.height), encode);
}

/** The part of `image` under `box`, grown to whole pixels and cut at the edges. Throws `argument-invalid` when nothing of it is inside. */
export async function encodeCrop(image: RgbImage, box: Box, options: EncodeOptions): Promise<Uint8Array> {
  const inside = clip(box, image);
  const [left, top] = [Math.floor(inside.x1), Math.floor(inside.y1)];
  const [width, height] = [Math.ceil(inside.x2) - left, Math.ceil(inside.y2) - top];
  if (!(width > 0 && height > 0))
    throw new StudioError(
      'argument-invalid',
      `The box ${box.x1},${box.y1} - ${box.x2},${box.y2} has no part inside the ${image.width}x${image.height} image.`,
    );
  return encodeImage(copyWindow(image, left, top, width, height, [0, 0, 0]), options);
}

/** Pixels of an SVG drawing of `size`, laid on `background`. The text is ours, never a person's file. */
export async function renderSvg(svg: string, size: Size, background: Rgb = [255, 255, 255]): Promise<RgbImage> {
  const [r, g, b] = background;
  const { data, info } = await sharp(Buffer.from(svg))
    .resize({ width: size.width, height: size.height, fit: 'fill' })
    .flatten({ background: { r, g, b } })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

/** `image` with an SVG drawing of the same size laid over it. */
export async function composeSvg(image: RgbImage, svg: string): Promise<RgbImage> {
  const layered = rawPipeline(image).composite([{ input: Buffer.from(svg), top: 0, left: 0 }]);
  const data = await layered.removeAlpha().raw().toBuffer();
  return { ...image, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** `image` out of focus: a Gaussian blur of `sigma` pixels, from 0.3. */
export async function blurRgb(image: RgbImage, sigma: number): Promise<RgbImage> {
  const data = await rawPipeline(image).blur(sigma).raw().toBuffer();
  return { ...image, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}
