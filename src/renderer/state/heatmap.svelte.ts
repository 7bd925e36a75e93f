// The model's heatmap over the image: fetched when wanted, dropped when the image changes; the planes that class choice and ghost box need follow.
import { fetchMedia } from '../canvas/fetchMedia.ts';
import { mediaUrl } from '../../shared/media.ts';
import type { HeatmapInfo, StudioClient } from '../../shared/contract/index.ts';
import type { HeatPlanes } from '../canvas/heat.ts';

/** A heatmap ready to be drawn. */
export interface Heat extends HeatPlanes {
  info: HeatmapInfo;
  image: string;
}

/** Overlay settings and the heatmap of the current image. */
export class Heatmap {
  readonly #client: StudioClient;
  readonly #project: string;
  readonly #fail: (error: unknown) => void;
  #heat = $state.raw<Heat | null>(null);
  #loading = $state(false);
  #token = 0;
  /** The overlay is wanted. */
  on = $state(false);
  /** Plane of one class, or -1 for the strongest of all. */
  plane = $state(-1);
  opacity = $state(0.6);
  peaks = $state(true);
  /** Score from which peaks are marked. */
  minPeak = $state(0.3);

  constructor(client: StudioClient, project: string, fail: (error: unknown) => void) {
    this.#client = client;
    this.#project = project;
    this.#fail = fail;
  }

  get heat(): Heat | null {
    return this.#heat;
  }
  get loading(): boolean {
    return this.#loading;
  }

  /** Fetches the heatmap of `image` under `model` when the overlay is on; a newer call drops this one. */
  async show(image: string | null, model: string | null): Promise<void> {
    const token = ++this.#token;
    if (this.#heat?.image !== image) this.#heat = null;
    this.#loading = false;
    if (!this.on || image === null || model === null) return;
    this.#loading = true;
    try {
      const info = await this.#client.detect.heatmap({ project: this.#project, image, model });
      if (token !== this.#token) return;
      const strongest = Uint8Array.from(atob(info.strongest), (c) => c.charCodeAt(0));
      if (this.plane >= info.classes.length) this.plane = -1;
      this.#heat = { info, image, strongest, details: null };
      await painted();
      if (token !== this.#token) return;
      const [scores, distances] = await Promise.all([
        bytes(mediaUrl.heatmap(this.#project, info.id)),
        bytes(mediaUrl.distances(this.#project, info.id)),
      ]);
      if (token !== this.#token) return;
      const details = { scores: new Uint8Array(scores), distances: new Float32Array(distances) };
      this.#heat = { info, image, strongest, details };
    } catch (error) {
      if (token === this.#token) this.#fail(error);
    } finally {
      if (token === this.#token) this.#loading = false;
    }
  }
}

/** Settles when what was just set has been painted: a megabyte that arrives before would hold up that frame. */
function painted(): Promise<unknown> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}

async function bytes(url: string): Promise<ArrayBuffer> {
  return (await fetchMedia(url)).arrayBuffer();
}
