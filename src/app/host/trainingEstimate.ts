// What each preset would take on this project and machine: speeds that are known, or measured now, times the steps that there are.
import type { TrainConfig } from '../../core/train/config.ts';
import type { TrainingConfig, TrainingEstimate } from '../../shared/contract/index.ts';
import type { OpenProject } from './openProject.ts';
import type { Services } from './services.ts';
import { imageCounts, runSettings } from './trainingPlan.ts';
import type { Speed, StepKind } from './trainingSpeeds.ts';
import type { Task } from './work.ts';

/** What is asked for: a start point, the settings that a person changed, and whether to measure what is known already. */
export interface EstimateQuery {
  start: string;
  settings: Pick<TrainingConfig, 'epochs' | 'minutes' | 'inputSize' | 'batch' | 'optimizer' | 'frozenStages'>;
  again: boolean;
}

const presetNames = ['quick', 'standard', 'thorough'] as const;

interface Plan {
  preset: (typeof presetNames)[number];
  kind: StepKind;
}

/** The estimate; measures what isn't known, unless a run is going on, which that would hold up and which would falsify it. */
export async function estimate(
  services: Services,
  open: OpenProject,
  { start: model, settings, again }: EstimateQuery,
  task: Task,
): Promise<TrainingEstimate> {
  const { speeds, workers, trainings } = services;
  const start = (await open.models()).reference(model);
  const [{ network }, at] = await Promise.all([
    workers.vision.call('network', { model: start }, { signal: task.signal }),
    speeds.processor(),
  ]);
  trainings.processor = { name: at.processor, reasons: at.processorReasons };
  const classes = Math.max(1, open.store.classes().length);
  const plans = presetNames.map((preset): Plan => {
    const config = runSettings({ ...settings, start: model, preset }, start);
    return { preset, kind: { start, network, classes, config } };
  });
  if (!trainings.busy) await measure(services, plans, again, task);
  const image = await speeds.knownImage(network);
  const counts = imageCounts(open);
  const steps = await Promise.all(plans.map(({ kind }) => speeds.knownStep(kind)));
  const used = [image, ...steps].filter((speed) => speed !== null);
  return {
    presets: plans.map(({ preset, kind }, i) => ({
      preset,
      batch: kind.config.batch,
      inputSize: kind.config.width,
      ...reckon(kind.config, counts, steps[i]!, image),
    })),
    ...at,
    measuredAt: used.length === 0 ? null : Math.min(...used.map((speed) => speed.at)),
    trainImages: counts.train,
    valImages: counts.val,
  };
}

/** Measures each speed that is needed and not known. */
async function measure({ speeds }: Services, plans: readonly Plan[], again: boolean, { signal, report }: Task) {
  const { start, network } = plans[0]!.kind;
  const known = [
    await speeds.knownImage(network),
    ...(await Promise.all(plans.map(({ kind }) => speeds.knownStep(kind)))),
  ];
  const before = new Set(known.map((speed) => speed?.at)); // by name, not by age: a clock can be set meanwhile
  const isOld = (speed: Speed | null) => speed === null || (again && before.has(speed.at));
  const total = plans.length + 1;
  if (isOld(await speeds.knownImage(network))) {
    report({ phase: 'measure', done: 0, total });
    await speeds.measureImage(start, network, signal);
  }
  for (const [i, { kind }] of plans.entries()) {
    if (!isOld(await speeds.knownStep(kind))) continue; // also when an earlier preset has the same steps
    report({ phase: 'measure', done: i + 1, total });
    await speeds.measureStep(kind, signal);
  }
}

/** Epochs and seconds of a run: `minutes` limit the training alone, evaluations come on top. */
function reckon(
  config: TrainConfig,
  { train, val }: { train: number; val: number },
  step: Speed | null,
  image: Speed | null,
) {
  if (step === null) return { epochs: config.epochs, seconds: null, imagesPerSecond: null };
  const epochSeconds = Math.max(1, Math.ceil(train / config.batch)) * step.seconds;
  const limit = config.minutes === null ? Infinity : config.minutes * 60;
  const epochs = Math.max(1, Math.min(config.epochs ?? Infinity, Math.ceil(limit / epochSeconds)));
  // Inference was timed at the size of the model itself, near enough the run's for a share of the time this small.
  const evaluation = (image?.seconds ?? 0) * val;
  return {
    epochs,
    seconds: Math.min(limit, epochs * epochSeconds) + epochs * evaluation,
    imagesPerSecond: config.batch / step.seconds,
  };
}
