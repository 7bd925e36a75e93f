// From a picture file to upright RGB pixels, at its own size or resized on the way (which lets JPEG skip most of the work).
import type { Size } from '../../shared/geometry.ts';
import { decodeBmp } from './bmp.ts';
import { checkMemory, withinBudget } from './pixelBudget.ts';
import { checkSize, type Rgb, type RgbImage } from './rgbImage.ts';
import {
  type ImageSource,
  type Probe,
  checkPixels,
  defaultMaxPixels,
  probe,
  readSource,
  unreadable,
} from './source.ts';
import { type Sharp, sharp } from './vips.ts';

/** Settings of decoding. */
export interface DecodeOptions {
  /** Larger pictures are refused with `image-too-large`. Default {@link defaultMaxPixels}. */
  maxPixels?: number;
  /** What shows through transparent pixels. Default white, as on paper and in most viewers. */
  background?: Rgb;
}

/** A resized picture and the size of the upright original, which boxes are scaled back to. */
export interface ResizedImage {
  image: RgbImage;
  original: Size;
}

const white: Rgb = [255, 255, 255];

/**
 * Decodes to upright RGB uint8: EXIF orientation applied, grey and CMYK converted, 16 bits cut to 8, transparency laid on the
 * background, first frame or page of several. Embedded RGB profiles are ignored (as the networks' training did); CMYK ones are used.
 * @throws StudioError `file-*`, `image-unreadable`, `image-too-large`
 */
export async function decodeImage(source: ImageSource, options: DecodeOptions = {}): Promise<RgbImage> {
  const { bytes, info } = await openChecked(source, options);
  return attempt(source, info, () =>
    info.format === 'bmp' ? decodeBmp(bytes) : toRgb(pipeline(bytes, info, options)),
  );
}

/**
 * Decodes straight to exactly `size`, not keeping the ratio (as TTFNet is trained), with a linear kernel that averages when shrinking.
 * JPEGs are decoded at 1/2, 1/4 or 1/8 where that is enough. Throws as {@link decodeImage}, and `argument-invalid` for an impossible size.
 */
export async function decodeResized(
  source: ImageSource,
  size: Size,
  options: DecodeOptions = {},
): Promise<ResizedImage> {
  checkSize(size);
  return decodeSized(source, () => size, options);
}

/**
 * Decodes keeping the ratio to the smallest size that still covers `cover`, never enlarging: enough detail for crops that are then
 * resized to `cover`. Throws as {@link decodeImage}.
 */
export async function decodeCovering(
  source: ImageSource,
  cover: Size,
  options: DecodeOptions = {},
): Promise<ResizedImage> {
  checkSize(cover);
  return decodeSized(source, (original) => coveringSize(original, cover), options);
}

function coveringSize(original: Size, cover: Size): Size {
  const scale = Math.min(1, Math.max(cover.width / original.width, cover.height / original.height));
  return {
    width: Math.max(1, Math.round(original.width * scale)),
    height: Math.max(1, Math.round(original.height * scale)),
  };
}

async function decodeSized(
  source: ImageSource,
  sizeFor: (original: Size) => Size,
  options: DecodeOptions,
): Promise<ResizedImage> {
  const { bytes, info } = await openChecked(source, options);
  const original = { width: info.width, height: info.height };
  const size = sizeFor(original);
  const image = await attempt(source, info, async () =>
    info.format === 'bmp'
      ? resizeRgb(await decodeBmp(bytes), size.width, size.height)
      : toRgb(pipeline(bytes, info, options).resize({ ...size, fit: 'fill', kernel: 'linear' })),
  );
  return { image, original };
}

/** A picture in memory resized to exactly `width` x `height` with the kernel of {@link decodeResized}. */
export async function resizeRgb(image: RgbImage, width: number, height: number): Promise<RgbImage> {
  checkSize({ width, height });
  if (image.width === width && image.height === height) return image;
  const raw = sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } });
  return toRgb(raw.resize({ width, height, fit: 'fill', kernel: 'linear' }));
}

async function openChecked(source: ImageSource, options: DecodeOptions): Promise<{ bytes: Uint8Array; info: Probe }> {
  const bytes = await readSource(source);
  const info = await probe(bytes, source);
  checkPixels(info, source, options.maxPixels ?? defaultMaxPixels);
  checkMemory(info, source);
  return { bytes, info };
}

function pipeline(bytes: Uint8Array, info: Probe, { background = white }: DecodeOptions): Sharp {
  const [r, g, b] = background;
  return sharp(bytes, { limitInputPixels: false, failOn: 'error', ignoreIcc: !info.cmyk })
    .autoOrient()
    .flatten({ background: { r, g, b } });
}

/** Runs a pipeline to RGB pixels, whatever number of channels it comes with. */
async function toRgb(image: Sharp): Promise<RgbImage> {
  const { data, info } = await image
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const rgb = info.channels === 3 ? pixels : spreadChannels(pixels, info.channels);
  return { width: info.width, height: info.height, data: rgb };
}

/** Grey becomes R = G = B; channels after the third are dropped. */
function spreadChannels(pixels: Uint8Array, channels: number): Uint8Array {
  const count = pixels.length / channels;
  const step = channels >= 3 ? 1 : 0;
  const out = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) for (let c = 0; c < 3; c++) out[i * 3 + c] = pixels[i * channels + c * step]!;
  return out;
}

async function attempt<T>(source: ImageSource, info: Probe, decode: () => Promise<T>): Promise<T> {
  try {
    return await withinBudget(info, decode);
  } catch (error) {
    throw unreadable(source, error);
  }
}
