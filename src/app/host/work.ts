// Long work as a stream: progress at most ten times a second with rate and time left, then the result; whoever stops reading cancels it.
import type { Progress } from '../../shared/contract/common.ts';
import { StudioError } from '../../shared/errors.ts';
import type { Call } from './call.ts';
import { Queue } from './topic.ts';

/** What the work says about itself. */
export interface Step {
  phase: string;
  done: number;
  /** `null` while unknown. */
  total: number | null;
  note?: string;
}

/** What the work is given. */
export interface Task {
  /** Aborts on cancel, and when nobody reads any more. */
  signal: AbortSignal;
  report: (step: Step) => void;
}

/** What the stream carries. */
export type WorkEvent<T> = Progress | { type: 'done'; result: T };

const between = 100;
const memory = 5000;

/** Turns reports into {@link Progress}: rates over the last five seconds of a phase. */
export class Meter {
  #phase = '';
  #marks: { at: number; done: number }[] = [];

  measure({ phase, done, total, note }: Step, now = performance.now()): Progress {
    if (phase !== this.#phase) this.#marks = [];
    this.#phase = phase;
    this.#marks = [...this.#marks.filter((mark) => now - mark.at < memory), { at: now, done }];
    const first = this.#marks[0]!;
    const seconds = (now - first.at) / 1000;
    const rate = seconds > 0.2 && done > first.done ? (done - first.done) / seconds : null;
    const secondsLeft = rate === null || total === null ? null : Math.max(0, total - done) / rate;
    return { type: 'progress', phase, done, total, rate, secondsLeft, ...(note === undefined ? {} : { note }) };
  }
}

/** Runs `run` and streams what it reports. Cancelling gives `cancelled`, whatever the work itself throws on abort. */
export async function* streamWork<T>(call: Call, run: (task: Task) => Promise<T>): AsyncGenerator<WorkEvent<T>, void> {
  const stop = new AbortController();
  const queue = new Queue<WorkEvent<T>>();
  const signal = AbortSignal.any([call.signal, stop.signal]);
  const meter = new Meter();
  let last = -Infinity;
  const report = (step: Step) => {
    const now = performance.now();
    const progress = meter.measure(step, now);
    if (now - last < between && step.done !== step.total) return;
    last = now;
    queue.push(progress);
  };
  const outcome = run({ signal, report }).then(
    (result) => queue.push({ type: 'done', result }),
    (error: unknown) => {
      throw signal.aborted ? new StudioError('cancelled', 'Cancelled.', error) : error;
    },
  );
  outcome.then(
    () => queue.end(),
    () => queue.end(), // the reader meets the error below, after what was reported before it
  );
  try {
    for (;;) {
      const next = await queue.next();
      if (next.done) break;
      yield next.value;
    }
    await outcome;
  } finally {
    stop.abort();
  }
}
