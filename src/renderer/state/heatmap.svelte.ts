// The model's heatmap over the image: fetched when wanted, dropped when the image changes; the planes that class choice and ghost box need follow.
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
      // What is seen first is a hundredth of all: it is on screen before the rest is here.
      const strongest = new Uint8Array(await bytes(mediaUrl.strongest(this.#project, info.id)));
      if (token !== this.#token) return;
      if (this.plane >= info.classes.length) this.plane = -1;
      this.#heat = { info, image, strongest, details: null };
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

async function bytes(url: string): Promise<ArrayBuffer> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.arrayBuffer();
}
