// How far a run has come of what it may take: epochs, or minutes where time ends it.
import type { RunInfo, TrainingEvent } from '../../../shared/contract/index.ts';

type Run = Pick<RunInfo, 'epochs' | 'epochsDone' | 'config' | 'secondsSpent'>;
/** The last step of a live run, as far as its budget goes. */
export type LiveStep = Pick<
  Extract<TrainingEvent, { type: 'step' }>,
  'share' | 'epochs' | 'secondsSpent' | 'secondsBudget'
>;

/** Where a run stands: `share` of the whole (null while unknown), seconds spent, and of how many where time is the limit. */
export interface Budget {
  share: number | null;
  spent: number;
  seconds: number | null;
}

/** The budget of a run; `step` is its last step, null when it rests. */
export function budgetOf(run: Run, step: LiveStep | null): Budget {
  if (step) return { share: step.share, spent: step.secondsSpent, seconds: step.secondsBudget };
  const seconds = run.config.minutes === undefined ? null : run.config.minutes * 60;
  const byEpochs = run.epochs > 0 ? run.epochsDone / run.epochs : null;
  const share = seconds === null ? byEpochs : Math.min(1, run.secondsSpent / seconds);
  return { share, spent: run.secondsSpent, seconds };
}

/** Epochs as "12 / 40", "12 / ~40" while time is the limit and the number a guess, or "12" where there is none. */
export function epochsText(run: Run, step: LiveStep | null = null): string {
  const whole = step?.epochs ?? run.epochs;
  if (whole === 0) return String(run.epochsDone);
  const guess = step?.secondsBudget != null ? '~' : '';
  return `${String(run.epochsDone)} / ${guess}${String(whole)}`;
}

/** Seconds as an estimate deserves: whole minutes from two on, five minutes from an hour on, else ten seconds. */
export function roughly(seconds: number): number {
  const unit = seconds >= 3600 ? 300 : seconds >= 120 ? 60 : 10;
  return Math.max(unit, Math.round(seconds / unit) * unit);
}
