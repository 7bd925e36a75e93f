// Learning-rate schedules: the rate of a step as a function of progress.

/** How the rate falls after the warm-up. */
export type Decay =
  | { kind: 'constant' }
  /** Multiplied by `factor` at each of `at`, fractions of the whole run (the paper: 0.1 at 3/4 and 11/12). */
  | { kind: 'step'; at: readonly number[]; factor: number }
  /** Half a cosine down to `floor` times the rate. */
  | { kind: 'cosine'; floor: number };

/** A schedule: linear warm-up from `warmupRatio` times the rate over `warmupSteps`, then a decay. */
export interface Schedule {
  rate: number;
  warmupSteps: number;
  warmupRatio: number;
  decay: Decay;
}

/**
 * Learning rate of a step.
 * @param step 0-based
 * @param total number of steps of the run
 */
export function rateAt({ rate, warmupSteps, warmupRatio, decay }: Schedule, step: number, total: number): number {
  const progress = total > 0 ? Math.min(1, step / total) : 1;
  const warm = step < warmupSteps ? warmupRatio + ((1 - warmupRatio) * step) / warmupSteps : 1;
  return rate * warm * decayAt(decay, progress);
}

function decayAt(decay: Decay, progress: number): number {
  switch (decay.kind) {
    case 'constant':
      return 1;
    case 'step':
      return decay.factor ** decay.at.filter((at) => progress >= at).length;
    case 'cosine':
      return decay.floor + (1 - decay.floor) * 0.5 * (1 + Math.cos(Math.PI * progress));
  }
}

/** The linear scaling rule (Goyal et al. 2017): a rate that was chosen for one batch size, at another. */
export const scaledRate = (rate: number, forBatch: number, batch: number): number => (rate * batch) / forBatch;
