// A few jobs at a time, the newest first: what a person looks at now was asked for last, and what was scrolled past is never begun.
import { StudioError } from '../../shared/errors.ts';

/** Runs jobs side by side, up to a number. */
export class Lane {
  readonly #width: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param width how many run at once */
  constructor(width: number) {
    this.#width = width;
  }

  /** Runs `work` when there is room. Error: `cancelled` when `signal` aborted before that. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#width) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve)); // whoever ends hands its room on
    try {
      if (signal.aborted) throw new StudioError('cancelled', 'Cancelled.');
      return await work();
    } finally {
      const next = this.#waiting.pop();
      if (next) next();
      else this.#running--;
    }
  }
}
