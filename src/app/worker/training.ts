// The training methods: a run from start or from its last checkpoint, and the speed of a step on this machine.
import { openWeights } from '../../core/model/openModel.ts';
import { chooseProvider } from '../../core/runtime/providers.ts';
import { makeConfig, presets } from '../../core/train/config.ts';
import { TrainingStep } from '../../core/train/step.ts';
import type { TrainEvent } from '../../core/train/events.ts';
import { resumeTraining, startTraining } from '../../core/train/trainer.ts';
import { networkNamed } from '../../core/ttfnet/networks/table.ts';
import { StudioError } from '../../shared/errors.ts';
import type { TrainingMethods } from './methods.ts';
import type { WorkerMethods } from './protocol.ts';

/** Steps that are timed; one before them allocates. */
const timedSteps = 3;
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
  stepSpeed: async ({ start, classes, preset }, { signal }) => {
    const provider = await chooseProvider();
    const model = await openWeights(start);
    const network = networkNamed(model.description.network);
    const weights = new Map(
      [...model.weights].filter(([name]) => !network.classHead.some((prefix) => name.startsWith(prefix))),
    );
    const config = makeConfig({ start, ...presets[preset] });
    const step = await TrainingStep.create(network, weights, classes, config, { provider });
    try {
      await step.run(0);
      const begun = performance.now();
      for (let i = 0; i < timedSteps; i++) {
        if (signal.aborted) throw new StudioError('cancelled', 'Measuring was cancelled.');
        await step.run(0);
        await new Promise((resolve) => setImmediate(resolve)); // lets a cancel in
      }
      return { secondsPerStep: (performance.now() - begun) / 1000 / timedSteps, processor: provider };
    } finally {
      await step.release();
    }
  },
};
