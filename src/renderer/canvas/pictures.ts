// Decoded pictures ready to be drawn: fetched and decoded off the page's thread, neighbours ahead of time, the oldest let go.

/** A decoded picture. `preview` is a smaller one for drawing large pictures far out; it comes a moment after the whole one. */
export interface Picture {
  readonly full: ImageBitmap;
  preview: ImageBitmap | null;
}

/** Pictures with more pixels than this get a preview. */
const largePixels = 5_000_000;
const previewSide = 1800;

/** A few decoded pictures by address. */
export class Pictures {
  readonly #kept: number;
  readonly #pictures = new Map<string, Promise<Picture>>();

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

function release(picture: Promise<Picture>): void {
  picture.then(
    ({ full, preview }) => {
      full.close();
      preview?.close();
    },
    () => undefined, // it never came to be
  );
}

async function load(url: string): Promise<Picture> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error((await answer.text()) || `${String(answer.status)} ${answer.statusText}`);
  const picture: Picture = { full: await createImageBitmap(await answer.blob()), preview: null };
  if (picture.full.width * picture.full.height >= largePixels) void addPreview(picture);
  return picture;
}

/** Not waited for: drawing 24 megapixels once costs less than scaling them down, which pays from the second drawing on. */
async function addPreview(picture: Picture): Promise<void> {
  const { full } = picture;
  const scale = previewSide / Math.max(full.width, full.height);
  const size = {
    resizeWidth: Math.max(1, Math.round(full.width * scale)),
    resizeHeight: Math.max(1, Math.round(full.height * scale)),
  };
  const preview = await createImageBitmap(full, { ...size, resizeQuality: 'medium' }).catch(() => null); // let go meanwhile
  if (full.width === 0) preview?.close();
  else picture.preview = preview;
}
