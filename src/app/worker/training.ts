// The training methods: a run from start or from its last checkpoint, and the speed of a step on this machine.
import { openWeights } from '../../core/model/openModel.ts';
import { chooseProvider } from '../../core/runtime/providers.ts';
import { TrainingStep } from '../../core/train/step.ts';
import type { TrainEvent } from '../../core/train/events.ts';
import { resumeTraining, startTraining } from '../../core/train/trainer.ts';
import { withVariant } from '../../core/ttfnet/networks/paperNetworks.ts';
import { networkNamed } from '../../core/ttfnet/networks/table.ts';
import { StudioError } from '../../shared/errors.ts';
import type { TrainingMethods } from './methods.ts';
import type { WorkerMethods } from './protocol.ts';

/** Steps that are timed at most, and for how long; one before them allocates. */
const timed = { steps: 5, milliseconds: 2500 };
/** Events of single steps that are passed on, at most so many a second. */
const stepsASecond = 5;

/** Implements {@link TrainingMethods}. */
export const trainingMethods: WorkerMethods<TrainingMethods> = {
  train: async ({ folder, fresh }, { signal, emit }) => {
    const provider = await chooseProvider();
    let last = 0;
    const onEvent = (event: TrainEvent) => {
      const now = performance.now();
      if (event.type === 'step' && now - last < 1000 / stepsASecond) return;
      if (event.type === 'step') last = now;
      if (event.type !== 'epoch') {
        emit(event);
        return;
      }
      const { evaluation, ...rest } = event; // an evaluation holds every detection; the interface needs its summary
      const { ap, ap50 } = evaluation.summary;
      emit({ ...rest, ap, ap50 });
    };
    const options = { signal, provider, onEvent };
    if (fresh) await startTraining(folder, fresh.config, fresh.labels, options);
    else await resumeTraining(folder, options);
    return {};
  },
  stepSpeed: async ({ start, classes, config }, { signal }) => {
    const provider = await chooseProvider();
    const model = await openWeights(start);
    const network = networkNamed(withVariant(model.description.network, config));
    const weights = new Map(
      [...model.weights].filter(([name]) => !network.classHead.some((prefix) => name.startsWith(prefix))),
    );
    const step = await TrainingStep.create(network, weights, classes, config, { provider });
    try {
      return { secondsPerStep: (await timeSteps(step, signal)) / 1000 };
    } finally {
      await step.release();
    }
  },
};

/** Median of some real steps in milliseconds: one that something else on the machine held up doesn't count. */
async function timeSteps(step: TrainingStep, signal: AbortSignal): Promise<number> {
  const times: number[] = [];
  const spent = () => times.slice(1).reduce((sum, ms) => sum + ms, 0);
  while (times.length < 2 || (times.length <= timed.steps && spent() < timed.milliseconds)) {
    if (signal.aborted) throw new StudioError('cancelled', 'Measuring was cancelled.');
    const begun = performance.now();
    await step.run(0);
    times.push(performance.now() - begun);
    await new Promise((resolve) => setImmediate(resolve)); // lets a cancel in
  }
  const sorted = times.slice(1).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
