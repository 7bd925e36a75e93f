// Decoded pictures ready to be drawn: fetched and decoded off the page's thread, neighbours ahead of time, the oldest let go.

import { saying } from '../../shared/errors.ts';
import { fetchMedia } from './fetchMedia.ts';

/** A decoded picture: all of it, a smaller one for drawing it far out, or both. Of a large JPEG the smaller one is there first. */
export interface Picture {
  readonly full: ImageBitmap | null;
  readonly preview: ImageBitmap | null;
  /** Decodes all of it, once; rejects when that can't be done, or when the picture was let go meanwhile. */
  whole(): Promise<ImageBitmap>;
}

/** Pictures with more pixels than this get a preview. */
const largePixels = 5_000_000;
/** JPEG files from this size (about 8 megapixels) are decoded at a fraction first, which takes half the time. */
const largeBytes = 2_500_000;
/** About how many pixels a preview has: enough for a view of 1,800 pixels. */
const previewSize = { width: 1800, height: 1200 };

/** A few decoded pictures by address. */
export class Pictures {
  readonly #kept: number;
  readonly #pictures = new Map<string, Promise<Decoded>>();

  /** @param kept how many decoded pictures stay in memory */
  constructor(kept: number) {
    this.#kept = kept;
  }

  /** The picture at an address; rejects when it can't be had, and is tried anew then. */
  get(url: string): Promise<Picture> {
    const known = this.#pictures.get(url);
    if (known) {
      this.#pictures.delete(url);
      this.#pictures.set(url, known);
      return known;
    }
    const loading = load(url);
    loading.catch(() => this.#pictures.delete(url));
    this.#pictures.set(url, loading);
    this.#letGo();
    return loading;
  }

  /** Lets everything go. */
  clear(): void {
    for (const picture of this.#pictures.values()) release(picture);
    this.#pictures.clear();
  }

  #letGo(): void {
    for (const [url, picture] of [...this.#pictures].slice(0, Math.max(0, this.#pictures.size - this.#kept))) {
      this.#pictures.delete(url);
      release(picture);
    }
  }
}

function release(picture: Promise<Decoded>): void {
  picture.then(
    (decoded) => decoded.close(),
    () => undefined, // it never came to be
  );
}

class Decoded implements Picture {
  readonly #file: Blob;
  #whole: Promise<ImageBitmap> | null = null;
  #closed = false;
  full: ImageBitmap | null = null;
  preview: ImageBitmap | null = null;

  constructor(file: Blob, preview: ImageBitmap | null) {
    this.#file = file;
    this.preview = preview;
  }

  whole(): Promise<ImageBitmap> {
    this.#whole ??= this.#decode();
    return this.#whole;
  }

  close(): void {
    this.#closed = true;
    this.full?.close();
    this.preview?.close();
  }

  async #decode(): Promise<ImageBitmap> {
    const full = await createImageBitmap(this.#file).catch((error: unknown) => {
      throw saying('image-unreadable', 'image.undecodable', {}, error);
    });
    if (this.#closed) {
      full.close();
      throw new DOMException('The picture is no longer shown.', 'AbortError');
    }
    this.full = full;
    if (!this.preview && full.width * full.height >= largePixels) void this.#scaleDown(full);
    return full;
  }

  /** Not waited for: drawing all pixels once costs less than scaling them down, which pays from the second drawing on. */
  async #scaleDown(full: ImageBitmap): Promise<void> {
    const scale = previewSize.width / Math.max(full.width, full.height);
    const size = {
      resizeWidth: Math.max(1, Math.round(full.width * scale)),
      resizeHeight: Math.max(1, Math.round(full.height * scale)),
    };
    const preview = await createImageBitmap(full, { ...size, resizeQuality: 'medium' }).catch(() => null); // let go meanwhile
    if (this.#closed) preview?.close();
    else this.preview = preview;
  }
}

async function load(url: string): Promise<Decoded> {
  const answer = await fetchMedia(url);
  const file = await answer.blob();
  const picture = new Decoded(file, await fractionOf(file));
  if (!picture.preview) await picture.whole();
  return picture;
}

/** A large JPEG decoded at a fraction of its size; null where that isn't needed or possible (the decoder needs a page from this machine or HTTPS). */
async function fractionOf(file: Blob): Promise<ImageBitmap | null> {
  if (!('ImageDecoder' in globalThis) || file.type !== 'image/jpeg' || file.size < largeBytes) return null;
  const wish = { desiredWidth: previewSize.width, desiredHeight: previewSize.height };
  try {
    const decoder = new ImageDecoder({ data: await file.arrayBuffer(), type: file.type, ...wish });
    const { image } = await decoder.decode();
    const bitmap = await createImageBitmap(image); // upright, as the whole one is
    image.close();
    decoder.close();
    return bitmap;
  } catch {
    return null; // decoding all of it says what is wrong
  }
}
