// Progress for people (a bar with rate and time left) and for machines (one JSON object per line).
import { SingleBar } from 'cli-progress';

/** Seconds as `3 s`, `4 min 05 s` or `1 h 20 min`. */
export function formatSeconds(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** Where a command tells what it is doing. */
export interface Progress {
  /** Moves the bar; a note stands behind it. */
  update: (done: number, of: number, note: string) => void;
  /** A line that stays. */
  say: (text: string) => void;
  /** One event for machines; nothing without --json. */
  event: (event: object) => void;
  /** Takes the bar away. */
  stop: () => void;
}

/** A bar on standard error where that is a terminal, else a line now and then; JSON lines on standard output with `json`. */
export function makeProgress(json: boolean): Progress {
  const event = (value: object): void => {
    if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
  };
  if (json) return { update: () => undefined, say: () => undefined, event, stop: () => undefined };
  return process.stderr.isTTY ? barProgress(event) : lineProgress(event);
}

function barProgress(event: Progress['event']): Progress {
  let bar: SingleBar | null = null;
  const stop = (): void => {
    bar?.stop();
    bar = null;
  };
  return {
    event,
    stop,
    say(text) {
      stop();
      process.stderr.write(`${text}\n`);
    },
    update(done, of, note) {
      if (!bar) {
        bar = new SingleBar({
          format: '  {bar} {value}/{total}  {note}',
          hideCursor: true,
          barCompleteChar: '━',
          barIncompleteChar: '╌',
          barsize: 28,
          clearOnComplete: true,
        });
        bar.start(of, 0, { note: '' });
      }
      bar.setTotal(of);
      bar.update(done, { note });
    },
  };
}

const lineEvery = 5000; // milliseconds

function lineProgress(event: Progress['event']): Progress {
  let last = 0;
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  return {
    event,
    say,
    stop: () => undefined,
    update(done, of, note) {
      const now = performance.now();
      if (done !== of && now - last < lineEvery) return;
      last = now;
      say(`  ${done}/${of}  ${note}`);
    },
  };
}

/**
 * Rate and time left of work that goes through equal pieces. What an earlier call did isn't this one's speed: pieces before the first call,
 * and those told as `taken` over, don't count.
 * @param now milliseconds
 */
export function pace(
  now = () => performance.now(),
): (done: number, of: number, unit: string, taken?: boolean) => string {
  let start = now();
  let first: number | null = null;
  return (done, of, unit, taken = false) => {
    if (taken) {
      [start, first] = [now(), done];
      return `${done} from an earlier call`;
    }
    first ??= done - 1;
    const rate = (done - first) / Math.max(1e-3, (now() - start) / 1000);
    return `${rate.toFixed(1)} ${unit}/s, ${formatSeconds((of - done) / rate)} left`;
  };
}
