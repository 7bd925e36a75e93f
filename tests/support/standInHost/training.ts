// Training of the stand-in: runs whose numbers come from formulas, told over time like the real ones.
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../../src/app/host/call.ts';
import type { RunInfo, TrainingEstimate, Watched } from '../../../src/shared/contract/index.ts';
import type { World } from './handlers.ts';
import { stream, worked } from './stream.ts';
import { metricsAt, slowReasons } from './work.ts';

/** Training over a world in memory. */
export function trainingHandlers(world: World): Handlers['training'] {
  const { work, project } = world;
  const find = (id: string): RunInfo => work.runs.find((r) => r.id === id)!;
  const set = (id: string, change: Partial<RunInfo>): RunInfo => {
    work.runs = work.runs.map((r) => (r.id === id ? { ...r, ...change } : r));
    return find(id);
  };
  return {
    readiness: () => work.ready,
    estimate: async function* (query, { signal }) {
      work.asked.estimates.push(query);
      await world.estimateGate;
      yield* worked(signal, 'measure', 5, 60, estimateOf(world, query));
    },
    samples: (query, { signal }) => {
      work.asked.samples.push(query);
      const labelled = project.order.filter((id) => (project.objects.get(id) ?? []).length > 0);
      const made = labelled.slice(query.seed, query.seed + query.count).map((image) => ({
        id: `${image}~${query.heat ? 'heat' : 'plain'}~${String(work.asked.samples.length)}`,
        path: project.images.get(image)!.path,
        boxes: project.objects.get(image)!.length,
      }));
      return worked(signal, 'samples', query.count, 30, made);
    },
    watched: ({ run }) => watchedOf(world, run ?? ''),
    watch: ({ run, images }) => {
      for (const key of run === undefined ? [''] : ['', run]) {
        if (images) work.watched.set(key, images);
        else work.watched.delete(key);
      }
      return watchedOf(world, run ?? '');
    },
    start: ({ config }) => {
      if (work.refusal) throw work.refusal;
      const run: RunInfo = {
        id: randomUUID(),
        name: config.name ?? `Run ${work.runs.length + 1}`,
        note: '',
        status: 'running',
        config,
        createdAt: Date.now(),
        epochs: config.minutes === undefined ? (config.epochs ?? 12) : 0,
        epochsDone: 0,
        secondsSpent: 0,
        bestAp: null,
        model: null,
        error: null,
        errorSaid: null,
      };
      work.runs = [run, ...work.runs];
      work.metrics.set(run.id, []);
      const chosen = work.watched.get('');
      if (chosen) work.watched.set(run.id, chosen);
      return run;
    },
    events: ({ run: id }, { signal }) =>
      stream(signal, (push) => {
        push({ type: 'snapshot', run: find(id), metrics: work.metrics.get(id) ?? [] });
        let step = 0;
        const timer = setInterval(() => {
          const run = find(id);
          if (run.status !== 'running') return;
          step++;
          const epoch = run.epochsDone + 1;
          const budget = run.config.minutes === undefined ? null : run.config.minutes * 60;
          const spent = run.epochsDone * 14 + (step % 10) * 1.4;
          push({
            type: 'step',
            epoch,
            step: step % 10,
            stepsPerEpoch: 10,
            losses: metricsAt(run.epochsDone + (step % 10) / 10).losses,
            learningRate: 2e-4,
            imagesPerSecond: 4.3,
            share: spent / (budget ?? run.epochs * 14),
            epochs: budget === null ? run.epochs : Math.ceil(budget / 14),
            secondsSpent: spent,
            secondsBudget: budget,
            secondsLeft: (budget ?? run.epochs * 14) - spent,
            processor: 'cpu',
            processorReasons: slowReasons,
          });
          if (step % 10 === 0) {
            const metrics = metricsAt(epoch);
            work.metrics.set(id, [...(work.metrics.get(id) ?? []), metrics]);
            push({ type: 'epoch', metrics });
            const done = epoch * 14 >= (budget ?? run.epochs * 14);
            push({
              type: 'status',
              run: set(id, {
                epochsDone: epoch,
                bestAp: metrics.ap,
                model: 'run-model-1',
                secondsSpent: epoch * 14,
                status: done ? 'finished' : 'running',
              }),
            });
            push({ type: 'previews', images: watchedOf(world, id).images });
          }
        }, 60);
        return () => clearInterval(timer);
      }),
    pause: ({ run }) => (set(run, { status: 'paused' }), {}),
    resume: ({ run }) => (set(run, { status: 'running' }), {}),
    stop: ({ run }) => (set(run, { status: 'stopped' }), {}),
    runs: () => work.runs,
    run: ({ run }) => ({
      run: find(run),
      metrics: work.metrics.get(run) ?? [],
      previews: watchedOf(world, run).images,
      findings: work.findings,
    }),
    update: ({ run, name, note }) =>
      set(run, { ...(name === undefined ? {} : { name }), ...(note === undefined ? {} : { note }) }),
    delete: ({ run }) => {
      work.runs = work.runs.filter((r) => r.id !== run);
      return {};
    },
  };
}

/** Numbers as this machine would give them; a larger input takes longer. */
function estimateOf(
  { work }: World,
  { settings, again }: Parameters<Handlers['training']['estimate']>[0],
): TrainingEstimate {
  const busy = work.runs.some((run) => run.status === 'running');
  const { inputSize = 512, batch = 8 } = settings;
  const rate = 4.2 * (512 / inputSize) ** 2;
  const plans = [
    ['quick', 12, 174],
    ['standard', 40, 1090],
    ['thorough', 120, 3360],
  ] as const;
  return {
    presets: plans.map(([preset, epochs, seconds]) => ({
      preset,
      epochs: settings.epochs ?? epochs,
      batch,
      inputSize,
      seconds: busy ? null : ((seconds * (settings.epochs ?? epochs)) / epochs) * (inputSize / 512) ** 2,
      imagesPerSecond: busy ? null : rate,
    })),
    processor: 'cpu',
    processorReasons: slowReasons,
    measuredAt: busy ? null : Date.now() - (again ? 0 : 3 * 3_600_000),
    trainImages: 19,
    valImages: 5,
  };
}

/** The images of a run ('' for the next one); a run that has learnt has pictures of them. */
function watchedOf({ work, project }: World, run: string): Watched {
  const chosen = work.watched.get(run);
  const val = project.order.filter((id) => {
    const { split, status } = project.images.get(id)!;
    return split === 'val' && (status === 'labelled' || status === 'reviewed');
  });
  const epochs = work.runs.find((r) => r.id === run)?.epochsDone ?? 0;
  return {
    images: (chosen ?? val.slice(0, 4)).map((id) => {
      const { path, missing } = project.images.get(id)!;
      return { id, path, gone: missing, painted: epochs > 0 ? epochs : null };
    }),
    chosen: chosen !== undefined,
    split: 'val',
    most: 6,
  };
}
