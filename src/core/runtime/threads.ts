// The one place that decides how many threads a session uses.
import os from 'node:os';
import { StudioError } from '../../shared/errors.ts';

/** More threads than this make the models of this program slower, not faster. */
const cap = 16;

/**
 * Threads for one session: the environment variable TTFNET_THREADS, else the number of cores that compute independently
 * (half of the logical ones where the processor runs two threads per core), at most 16.
 * @throws argument-invalid when TTFNET_THREADS is not a whole number from 1 to 256
 */
export function defaultThreads(env: NodeJS.ProcessEnv = process.env): number {
  const wanted = env['TTFNET_THREADS'];
  if (wanted === undefined || wanted === '') return Math.min(cap, physicalCores());
  const threads = Number(wanted);
  if (Number.isInteger(threads) && threads >= 1 && threads <= 256) return threads;
  throw new StudioError(
    'argument-invalid',
    `TTFNET_THREADS is "${wanted}"; it takes a whole number from 1 to 256. Correct it or remove it to let the program decide.`,
  );
}

/** Node can't see physical cores: x64 machines with 6 or more logical ones nearly always run two threads per core, ARM never does. */
function physicalCores(): number {
  const logical = os.availableParallelism();
  return os.arch() === 'x64' && logical >= 6 ? Math.ceil(logical / 2) : logical;
}
