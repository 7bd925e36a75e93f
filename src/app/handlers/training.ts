// Handlers of the contract's training.
import type { DomainHandlers } from '../host/call.ts';
import { numberOf } from '../host/openProject.ts';
import type { Services } from '../host/services.ts';
import { estimate } from '../host/trainingEstimate.ts';
import { readiness } from '../host/trainingPlan.ts';
import { streamWork } from '../host/work.ts';

type Training = DomainHandlers<'training'>;

/** Binds `training.*`. */
export function trainingHandlers(services: Services): Training {
  return {
    ...planHandlers(services),
    ...watchHandlers(services),
    ...runHandlers(services),
    ...listHandlers(services),
  };
}

function planHandlers(services: Services): Pick<Training, 'readiness' | 'estimate' | 'samples' | 'start'> {
  const { projects, trainings, samples } = services;
  return {
    readiness: ({ project }) => readiness(projects.get(project)),
    estimate: ({ project, ...asked }, call) =>
      streamWork(call, (task) => estimate(services, projects.get(project), asked, task)),
    samples: ({ project, ...asked }, call) =>
      streamWork(call, (task) => samples.make(projects.get(project), asked, task)),
    start: ({ project, config }) => trainings.start(projects.get(project), config),
  };
}

function watchHandlers({ projects, trainings }: Services): Pick<Training, 'watched' | 'watch'> {
  const idOf = (run: string | undefined) => (run === undefined ? null : numberOf(run));
  return {
    watched: ({ project, run }) => trainings.watched(projects.get(project), idOf(run)),
    watch: ({ project, run, images }) =>
      trainings.watch(projects.get(project), idOf(run), images && images.map(numberOf)),
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
        previews: await trainings.pictures(open, run),
        findings: await trainings.findings(run),
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
