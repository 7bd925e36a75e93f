// The plan of a run: how many steps it takes, when it evaluates, when its time is over, and the learning rate on the way.
import { rateAt, scaledRate, type Schedule } from '../optim/schedule.ts';
import { rateBatch, type TrainConfig } from './config.ts';

/** How far a run is. */
export interface Place {
  step: number;
  trainSeconds: number;
}

/** Steps from which the speed so far says how many fit into the time; before, the rate must not jump. */
const measuredFrom = 3;
/** Steps that are assumed until then. */
const assumedSteps = 1000;

/** A step of so many seconds, and of so many times the usual, is one in which the machine slept. */
const slept = { seconds: 60, times: 10 };

/** Seconds that a step counts for the run's time, which a laptop's sleep in the middle of it must not use up: then those of a usual step. */
export function awakeSeconds(seconds: number, { step, trainSeconds }: Place): number {
  const usual = step === 0 ? seconds : trainSeconds / step;
  return seconds > slept.seconds && seconds > slept.times * usual ? usual : seconds;
}

/** What follows from a run's settings and the length of an epoch. */
export class RunPlan {
  readonly #config: TrainConfig;
  readonly stepsPerEpoch: number;

  constructor(config: TrainConfig, stepsPerEpoch: number) {
    this.#config = config;
    this.stepsPerEpoch = stepsPerEpoch;
  }

  /** Steps of the whole run. A time limit is planned anew from the speed so far, so that the schedule ends with the time. */
  total(place: Place): number {
    return place.step < measuredFrom ? this.#within(assumedSteps) : this.#within(this.#stepsInTime(place));
  }

  /** Steps that the run will take as far as can be told, for people; null before a run that time limits has taken its first. */
  expected(place: Place): number | null {
    if (this.#config.minutes !== null && place.step === 0) return null;
    return this.#within(this.#stepsInTime(place));
  }

  /** The epochs in `steps` steps, a part counting whole; null for null. */
  epochsIn<T extends number | null>(steps: T): T {
    return (steps === null ? null : Math.ceil(steps / this.stepsPerEpoch)) as T;
  }

  /** Whether another step would end more than half of itself after the time. */
  outOfTime({ step, trainSeconds }: Place): boolean {
    const { minutes } = this.#config;
    return minutes !== null && trainSeconds + (0.5 * trainSeconds) / step >= minutes * 60;
  }

  /** Whether to evaluate after `step` steps, inside an epoch or at its end. */
  evaluationDue(step: number): boolean {
    return step % Math.max(1, Math.round(this.#config.evaluateEvery * this.stepsPerEpoch)) === 0;
  }

  /** Learning rate of the next step. */
  rate(step: number, total: number): number {
    return rateAt(this.#schedule(total), step, total);
  }

  /** Learning rate at the run's batch, between warm-up and decay. */
  get fullRate(): number {
    return this.#schedule(0).rate;
  }

  /** @param total planned steps: a short run warms up for a tenth of them at most */
  #schedule(total: number): Schedule {
    const { learningRate, batch, warmupSteps, schedule } = this.#config;
    const decay =
      schedule === 'cosine'
        ? ({ kind: 'cosine', floor: 0.01 } as const)
        : schedule === 'step'
          ? ({ kind: 'step', at: [0.75, 11 / 12], factor: 0.1 } as const)
          : ({ kind: 'constant' } as const);
    return {
      rate: scaledRate(learningRate, rateBatch, batch),
      warmupSteps: Math.min(warmupSteps, Math.ceil(total / 10)),
      warmupRatio: 0.2,
      decay,
    };
  }

  #stepsInTime({ step, trainSeconds }: Place): number {
    const { minutes } = this.#config;
    return minutes === null ? Infinity : Math.max(step + 1, Math.round((step * minutes * 60) / trainSeconds));
  }

  /** `steps`, or fewer where epochs end the run before. */
  #within(steps: number): number {
    const { epochs, minutes } = this.#config;
    const whole = epochs === null ? Infinity : epochs * this.stepsPerEpoch;
    return minutes === null ? whole : Math.min(steps, whole);
  }
}
