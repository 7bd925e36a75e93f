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
const timed = { steps: 4, milliseconds: 1500 };
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

/** The fastest of some real steps in milliseconds: whatever else the machine does meanwhile only makes a step slower. */
async function timeSteps(step: TrainingStep, signal: AbortSignal): Promise<number> {
  let fastest = Infinity;
  for (let [done, spent] = [0, 0]; done < 2 || (done <= timed.steps && spent < timed.milliseconds); done++) {
    if (signal.aborted) throw new StudioError('cancelled', 'Measuring was cancelled.');
    const begun = performance.now();
    await step.run(0);
    const took = performance.now() - begun;
    await new Promise((resolve) => setImmediate(resolve)); // lets a cancel in
    if (done === 0) continue;
    fastest = Math.min(fastest, took);
    spent += took;
  }
  return fastest;
}
