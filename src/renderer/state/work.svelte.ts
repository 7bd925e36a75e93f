// Long work with progress and a cancel button: one stream of the contract, read to its end.
import { StudioError } from '../../shared/errors.ts';
import type { Progress } from '../../shared/contract/index.ts';

/** Events of long work: progress, then the result. */
export type WorkEvent<T> = Progress | { type: 'done'; result: T };

/** One piece of long work at a time. */
export class Work {
  #title = $state<string | null>(null);
  #progress = $state.raw<Progress | null>(null);
  #abort: AbortController | null = null;

  /** What is being done, or null. */
  get title(): string | null {
    return this.#title;
  }

  /** True while something runs. */
  get busy(): boolean {
    return this.#title !== null;
  }

  /** The last progress told, or null before the first. */
  get progress(): Progress | null {
    return this.#progress;
  }

  /** 0 to 1, or null while the end is unknown. */
  get share(): number | null {
    const p = this.#progress;
    return p?.total ? p.done / p.total : null;
  }

  /** Reads a stream to its end and returns its result. Throws what the stream throws; `cancelled` after {@link cancel}. */
  async run<T>(title: string, open: (signal: AbortSignal) => Promise<AsyncIterable<WorkEvent<T>>>): Promise<T> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#title = title;
    this.#progress = null;
    try {
      for await (const event of await open(abort.signal)) {
        if (event.type === 'done') return event.result;
        if (this.#abort === abort) this.#progress = event;
      }
      throw new StudioError('cancelled', 'Cancelled.');
    } catch (error) {
      throw abort.signal.aborted ? new StudioError('cancelled', 'Cancelled.', error) : error;
    } finally {
      if (this.#abort === abort) this.#title = null;
    }
  }

  /** Stops what runs. */
  cancel(): void {
    this.#abort?.abort();
    this.#title = null;
  }
}
