// Handlers of the contract's training.
import type { DomainHandlers } from '../host/call.ts';
import { numberOf } from '../host/openProject.ts';
import { metricsOf } from '../host/runRecord.ts';
import type { Services } from '../host/services.ts';
import { imageCounts, readiness, runSettings } from '../host/trainingPlan.ts';
import { streamWork, type Task } from '../host/work.ts';

type Training = DomainHandlers<'training'>;

/** Binds `training.*`. */
export function trainingHandlers(services: Services): Training {
  return { ...planHandlers(services), ...runHandlers(services), ...listHandlers(services) };
}

function planHandlers(services: Services): Pick<Training, 'readiness' | 'estimate' | 'start'> {
  const { projects, trainings } = services;
  return {
    readiness: ({ project }) => readiness(projects.get(project)),
    estimate: ({ project, start }, call) => streamWork(call, (task) => estimate(services, project, start, task)),
    start: ({ project, config }) => trainings.start(projects.get(project), config),
  };
}

const presetNames = ['quick', 'standard', 'thorough'] as const;

/** Times real training steps and inferences of this project on this machine. */
async function estimate(
  { projects, workers, trainings }: Services,
  project: string,
  start: string,
  { signal, report }: Task,
) {
  const open = projects.get(project);
  const reference = (await open.models()).reference(start);
  const { train, val } = imageCounts(open);
  const classes = Math.max(1, open.store.classes().length);
  const measured = [];
  report({ phase: 'measure', done: 0, total: 3 });
  const { milliseconds, processor, processorReason } = await workers.vision.call(
    'measure',
    { model: reference },
    { signal },
  );
  trainings.processor = { name: processor, reason: processorReason };
  for (const [index, preset] of presetNames.entries()) {
    const config = runSettings({ start, preset }, reference);
    // Only the frozen stages differ in cost: the standard preset's speed is close enough for the thorough one's augmentation.
    const { secondsPerStep } = await workers.training.call(
      'stepSpeed',
      { start: reference, classes, preset },
      { signal },
    );
    report({ phase: 'measure', done: index + 1, total: 3 });
    const stepsPerEpoch = Math.max(1, Math.ceil(train / config.batch));
    const epochSeconds = stepsPerEpoch * secondsPerStep + (val * milliseconds) / 1000;
    const epochs = config.epochs ?? Math.max(1, Math.round(((config.minutes ?? 1) * 60) / epochSeconds));
    const seconds =
      config.minutes === null ? epochs * epochSeconds : Math.min(config.minutes * 60, epochs * epochSeconds);
    measured.push({ preset, epochs, batch: config.batch, inputSize: config.width, seconds, secondsPerStep });
  }
  const standard = measured[1]!;
  return {
    imagesPerSecond: standard.batch / standard.secondsPerStep,
    processor,
    processorReason,
    presets: measured.map(({ secondsPerStep: _s, ...rest }) => rest),
  };
}

function runHandlers({ projects, trainings }: Services): Pick<Training, 'events' | 'pause' | 'resume' | 'stop'> {
  return {
    events: ({ project, run }, { signal }) => trainings.events(projects.get(project), numberOf(run), signal),
    pause: ({ project, run }) => {
      trainings.halt(projects.get(project), numberOf(run), 'paused');
      return {};
    },
    resume: ({ project, run }) => {
      trainings.resume(projects.get(project), numberOf(run));
      return {};
    },
    stop: ({ project, run }) => {
      trainings.halt(projects.get(project), numberOf(run), 'stopped');
      return {};
    },
  };
}

function listHandlers({ projects, trainings }: Services): Pick<Training, 'runs' | 'run' | 'update' | 'delete'> {
  return {
    runs: ({ project }) => {
      const open = projects.get(project);
      return open.store.runs().map((run) => trainings.info(open, run));
    },
    run: async ({ project, run: id }) => {
      const open = projects.get(project);
      const run = open.store.run(numberOf(id));
      return {
        run: trainings.info(open, run),
        metrics: await trainings.metrics(run),
        previews: metricsOf(run).previews,
      };
    },
    update: ({ project, run, name, note }) => {
      const open = projects.get(project);
      const change = { ...(name === undefined ? {} : { name }), ...(note === undefined ? {} : { note }) };
      const changed = open.store.updateRun(numberOf(run), change);
      open.changed('runs');
      return trainings.info(open, changed);
    },
    delete: async ({ project, run }) => {
      await trainings.delete(projects.get(project), numberOf(run));
      return {};
    },
  };
}
