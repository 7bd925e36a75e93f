// Opening pictures: from a path or bytes to something the decoder can read, with every kind of bad file named and refused before decoding.
import { saying, StudioError } from '../../shared/errors.ts';
import type { Size } from '../../shared/geometry.ts';
import { said } from '../../shared/said.ts';
import { readWholeFile, withPlainFile } from '../files/plainFile.ts';
import { bmpSize, isBmp } from './bmp.ts';
import { sharp } from './vips.ts';

/** A picture to read: a file's path, or its bytes with a name for messages. */
export type ImageSource = string | { bytes: Uint8Array; name: string };

/** Formats that are read (recognised by content, not by the file's name). */
export const imageFormats = ['jpeg', 'png', 'webp', 'tiff', 'bmp', 'gif', 'avif'] as const;
/** One of {@link imageFormats}. */
export type ImageFormat = (typeof imageFormats)[number];

/** What a picture is, known without decoding its pixels. Width and height are upright: EXIF orientation is applied. */
export interface ImageInfo extends Size {
  format: ImageFormat;
  /** EXIF orientation as stored, 1 to 8; 1 when the file has none. */
  orientation: number;
}

/** {@link ImageInfo} and what decoding needs to know. */
export interface Probe extends ImageInfo {
  /** Whether colours are CMYK, which need their profile. */
  cmyk: boolean;
  /** Bytes of one pixel while it is decoded. */
  pixelBytes: number;
}

/** 150 megapixels: larger than any camera, and 450 MB as RGB. */
export const defaultMaxPixels = 150_000_000;

/** Pixels of one side: the longest that the image library takes as raw pixels is ten times as long. */
const maxSide = 1_000_000;

/** Bytes of a picture's file. */
const maxFileBytes = 512 * 1024 * 1024;

const formats = 'JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF';

/** What to call the picture in messages. */
export function nameOf(source: ImageSource): string {
  return typeof source === 'string' ? source : source.name;
}

/** All bytes of the picture. Throws `file-*` errors, and `image-unreadable` for an empty file. */
export async function readSource(source: ImageSource): Promise<Uint8Array> {
  const bytes =
    typeof source === 'string' ? await readWholeFile(source, maxFileBytes, 'image-too-large') : source.bytes;
  if (bytes.length === 0) throw emptyFile(nameOf(source));
  return bytes;
}

/**
 * Upright size, orientation and format; of a file only the beginning is read (TIFF: its directory too).
 * @throws StudioError `file-*`, `image-unreadable` (empty, no picture, damaged head)
 */
export async function readImageInfo(source: ImageSource): Promise<ImageInfo> {
  const head = typeof source === 'string' ? await readHead(source) : source.bytes;
  if (head.length === 0) throw emptyFile(nameOf(source));
  const { format, width, height, orientation } = await probe(head, source);
  return { format, width, height, orientation };
}

function readHead(file: string): Promise<Uint8Array> {
  return withPlainFile(file, async ({ handle }) => {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(128), 0, 128, 0);
    return buffer.subarray(0, bytesRead);
  });
}

/** Reads the head of a picture: `bytes` holds all of it, or its first 128 bytes when `source` is a path that libvips may open itself. */
export async function probe(bytes: Uint8Array, source: ImageSource): Promise<Probe> {
  if (isBmp(bytes)) return probeBmp(bytes, source);
  try {
    const whole = typeof source !== 'string' || bytes.length > 128;
    const meta = await sharp(whole ? bytes : source, { limitInputPixels: false, failOn: 'error' }).metadata();
    const format = toFormat(meta.format, meta.compression);
    if (format === null) throw new Error(`its format ${meta.format} is not read here`);
    const { width, height } = meta.autoOrient;
    const pixelBytes = meta.channels * (sampleBytes[meta.depth] ?? 1);
    return { format, width, height, orientation: meta.orientation ?? 1, cmyk: meta.space === 'cmyk', pixelBytes };
  } catch (error) {
    throw unreadable(source, error);
  }
}

function probeBmp(bytes: Uint8Array, source: ImageSource): Probe {
  try {
    return { ...bmpSize(bytes), format: 'bmp', orientation: 1, cmyk: false, pixelBytes: 4 }; // an index and RGB
  } catch (error) {
    throw unreadable(source, error);
  }
}

/** Bytes of one channel of a pixel, by the library's name of its kind; one for those that aren't here. */
const sampleBytes: Partial<Record<string, number>> = {
  ...{ ushort: 2, short: 2, uint: 4, int: 4, float: 4, double: 8, complex: 8, dpcomplex: 16 },
};

function toFormat(name: string, compression: string | undefined): ImageFormat | null {
  if (name === 'heif') return compression === 'av1' ? 'avif' : null;
  return imageFormats.find((f) => f === name) ?? null;
}

/** Refuses a picture of more than `maxPixels`, or one with a side that is too long, before a byte is allocated for it. Throws `image-too-large`. */
export function checkPixels({ width, height }: Size, source: ImageSource, maxPixels: number): void {
  if (Math.max(width, height) > maxSide) {
    const sides = { width: String(width), height: String(height), most: maxSide };
    throw saying('image-too-large', 'image.tooLong', { file: nameOf(source), ...sides });
  }
  if (width * height <= maxPixels) return;
  const size = { width: String(width), height: String(height), megapixels: Math.round((width * height) / 1e6) };
  const most = Math.round(maxPixels / 1e6);
  throw saying('image-too-large', 'image.tooLarge', { file: nameOf(source), ...size, most });
}

/** An `image-unreadable` error for `source` that says why and what to do. */
export function unreadable(source: ImageSource, cause: unknown): StudioError {
  if (cause instanceof StudioError) return cause;
  const reason = cause instanceof Error ? firstLine(cause.message) : String(cause);
  const file = nameOf(source);
  if (reason.includes('unsupported image format'))
    return saying('image-unreadable', 'image.unreadable', { file, why: said('image.whyFormat', { formats }) }, cause);
  // The decoder's own words name the spot in the file; people need to know that it is damaged.
  const message = `${file} can't be read as an image: ${reason}. Replace the file or leave it out.`;
  const sentence = said('image.unreadable', { file, why: said('image.whyCut', {}) });
  return new StudioError('image-unreadable', message, cause, sentence);
}

function emptyFile(name: string): StudioError {
  return saying('image-unreadable', 'image.empty', { file: name });
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.trim().replace(/\.$/, '');
}
