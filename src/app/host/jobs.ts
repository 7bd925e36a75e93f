// Work that outlives the call that started it (training, folder detection, reading new images): known by name, asked about at quitting, ended in order.
import type { Said } from '../../shared/said.ts';

/** One such work. */
export interface Job {
  /** What quitting would interrupt; `null` for work that nobody needs to be asked about. */
  sentence: Said | null;
  /** Asks it to stop; {@link done} settles soon. */
  stop(): void;
  /** Settles when it has ended, however. */
  done: Promise<unknown>;
}

/** All work under way. */
export class Jobs {
  readonly #jobs = new Set<Job>();

  add(job: Job): void {
    this.#jobs.add(job);
    const remove = () => this.#jobs.delete(job);
    job.done.then(remove, remove);
  }

  /** The first sentence of what is under way. */
  get busy(): Said | null {
    for (const { sentence } of this.#jobs) if (sentence !== null) return sentence;
    return null;
  }

  /** Stops everything and waits for it, at most ten seconds. */
  async close(): Promise<void> {
    const all = [...this.#jobs];
    for (const job of all) job.stop();
    const patience = new Promise((resolve) => setTimeout(resolve, 10_000).unref());
    await Promise.race([Promise.allSettled(all.map((job) => job.done)), patience]);
  }
}
