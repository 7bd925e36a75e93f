// How far a run has come of what it may take: epochs, or minutes where time ends it.
import type { RunInfo } from '../../../shared/contract/index.ts';

type Run = Pick<RunInfo, 'epochs' | 'epochsDone' | 'config' | 'secondsSpent'>;

/** Where a run stands: `share` of the whole (null while unknown), seconds spent, and of how many when time is the limit. */
export interface Budget {
  share: number | null;
  spent: number;
  seconds: number | null;
}

/** What the last step of a live run told; `inEpoch` is the part of the epoch that is done. */
export interface LiveStep {
  inEpoch: number;
  secondsLeft: number | null;
}

/** The budget of a run; `live` is its last step, null when it rests. */
export function budgetOf(run: Run, live: LiveStep | null): Budget {
  const byEpochs = run.epochs > 0 ? (run.epochsDone + (live?.inEpoch ?? 0)) / run.epochs : null;
  if (run.config.minutes === undefined) return { share: byEpochs, spent: run.secondsSpent, seconds: null };
  const seconds = run.config.minutes * 60;
  const told = live?.secondsLeft == null ? 0 : seconds - live.secondsLeft;
  const spent = Math.min(seconds, Math.max(run.secondsSpent, told));
  return { share: spent / seconds, spent, seconds };
}

/** Epochs as "12 / 40", or "12" where time is the limit. */
export function epochsText(run: Run): string {
  return run.epochs > 0 ? `${String(run.epochsDone)} / ${String(run.epochs)}` : String(run.epochsDone);
}
