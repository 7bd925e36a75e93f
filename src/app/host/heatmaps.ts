// The heatmaps computed last, so that the interface can fetch their planes and come back to an image at once.
import { saying } from '../../shared/errors.ts';
import type { VisionMethods } from '../worker/methods.ts';
import type { Workers } from '../worker/workers.ts';

/** One computed heatmap. */
export type Heatmap = VisionMethods['heatmap']['result'];

const kept = 12;

/** Computes and keeps heatmaps. */
export class Heatmaps {
  readonly #workers: Workers;
  readonly #kept = new Map<string, Promise<Heatmap>>();
  readonly #waiting = new Map<number, AbortController>();

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  /** The heatmap under `key`. A connection's newer request drops its older one that still waits. */
  get(key: string, model: string, file: string, connection: number): Promise<Heatmap> {
    const known = this.#kept.get(key);
    if (known) return known;
    this.#waiting.get(connection)?.abort();
    const abort = new AbortController();
    this.#waiting.set(connection, abort);
    const made = this.#workers.vision.call('heatmap', { model, file }, { signal: abort.signal });
    this.#kept.set(key, made);
    made.catch(() => this.#kept.delete(key));
    for (const old of this.#kept.keys()) {
      if (this.#kept.size <= kept) break;
      this.#kept.delete(old);
    }
    return made;
  }

  /** A kept heatmap by key. Error: `file-missing` when it was dropped: ask for it again. */
  kept(key: string): Promise<Heatmap> {
    const known = this.#kept.get(key);
    if (known) return known;
    throw saying('file-missing', 'heatmap.gone', {});
  }
}
