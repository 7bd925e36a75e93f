// Training and detection of the stand-in: runs and jobs whose numbers come from formulas, told over time like the real ones.
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../../src/app/host/call.ts';
import type { DetectJob, DetectResult, EpochMetrics, RunInfo } from '../../../src/shared/contract/index.ts';
import type { World } from './handlers.ts';
import { stream, worked } from './stream.ts';

type Readiness = Awaited<ReturnType<Handlers['training']['readiness']>>;

/** Runs and jobs. */
export interface Work {
  runs: RunInfo[];
  metrics: Map<string, EpochMetrics[]>;
  jobs: DetectJob[];
  results: Map<string, DetectResult[]>;
  ready: Readiness;
}

/** Metrics of an epoch as a good run would have them. */
export function metricsAt(epoch: number): EpochMetrics {
  const fall = Math.exp(-epoch / 6);
  const wobble = Math.sin(epoch * 2.3) * 0.02;
  const losses = { total: 1.1 + 5 * fall + wobble, heatmap: 0.5 + 3 * fall + wobble, size: 0.6 + 2 * fall };
  return {
    epoch,
    seconds: 14,
    learningRate: 2e-4,
    losses,
    ap: 0.72 * (1 - Math.exp(-epoch / 5)) + wobble,
    ap50: 0.94 * (1 - Math.exp(-epoch / 3)) + wobble,
  };
}

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
    estimate: (_, { signal }) =>
      worked(signal, 'measure', 5, 60, {
        imagesPerSecond: 4.2,
        processor: 'cpu',
        processorReason: 'No faster processor is available here.',
        presets: [
          { preset: 'quick' as const, epochs: 12, batch: 8, inputSize: 384, seconds: 174 },
          { preset: 'standard' as const, epochs: 40, batch: 8, inputSize: 512, seconds: 1090 },
          { preset: 'thorough' as const, epochs: 120, batch: 8, inputSize: 512, seconds: 3360 },
        ],
      }),
    start: ({ config }) => {
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
      };
      work.runs = [run, ...work.runs];
      work.metrics.set(run.id, []);
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
            processorReason: 'No faster processor is available here.',
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
            push({ type: 'previews', version: epoch, images: project.order.slice(0, 4) });
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
      previews: (work.metrics.get(run) ?? []).length > 0 ? project.order.slice(0, 4) : [],
    }),
    update: ({ run, name, note }) =>
      set(run, { ...(name === undefined ? {} : { name }), ...(note === undefined ? {} : { note }) }),
    delete: ({ run }) => {
      work.runs = work.runs.filter((r) => r.id !== run);
      return {};
    },
  };
}

/** Detection over a world in memory: the project's own images are the folder. */
export function detectHandlers(world: World): Omit<Handlers['detect'], 'suggest' | 'heatmap' | 'clickBox'> {
  const { work, project } = world;
  const find = (id: string): DetectJob => work.jobs.find((j) => j.id === id)!;
  const set = (id: string, change: Partial<DetectJob>): DetectJob => {
    work.jobs = work.jobs.map((j) => (j.id === id ? { ...j, ...change } : j));
    return find(id);
  };
  return {
    start: ({ model, paths, score }) => {
      const classes = project.classes.map((c) => c.name);
      const job: DetectJob = {
        id: randomUUID(),
        status: 'running',
        model,
        modelName: 'Second afternoon',
        classes,
        score,
        paths,
        createdAt: Date.now(),
        images: Math.min(60, project.order.length),
        done: 0,
        failed: 0,
        detections: 0,
        perClass: classes.map(() => 0),
        error: null,
      };
      work.jobs = [job, ...work.jobs];
      work.results.set(
        job.id,
        project.order.slice(0, job.images).map((id, index) => ({
          index,
          file: `${paths[0] ?? ''}/${project.images.get(id)!.path}`,
          status: 'waiting',
          width: project.images.get(id)!.width,
          height: project.images.get(id)!.height,
          detections: [],
          error: null,
        })),
      );
      return job;
    },
    events: ({ job: id }, { signal }) =>
      stream(signal, (push) => {
        push({ type: 'snapshot', job: find(id) });
        const timer = setInterval(() => {
          if (find(id).status === 'running') advance(id, push);
        }, 60);
        return () => clearInterval(timer);
      }),
    pause: ({ job }) => (set(job, { status: 'paused' }), {}),
    resume: ({ job }) => (set(job, { status: 'running' }), {}),
    cancel: ({ job }) => (set(job, { status: 'cancelled' }), {}),
    jobs: () => work.jobs,
    results: ({ job, offset, limit, classId, status }) => {
      const all = (work.results.get(job) ?? []).filter(
        (r) =>
          (classId === undefined || r.detections.some((d) => d.classId === classId)) &&
          (status === undefined || r.status === status),
      );
      return { total: all.length, items: all.slice(offset, offset + limit) };
    },
    export: ({ to }, { signal }) => worked(signal, 'write', 4, 30, { files: 61, folder: to }),
    delete: ({ job }) => {
      work.jobs = work.jobs.filter((j) => j.id !== job);
      return {};
    },
  };

  function advance(id: string, push: (event: never) => void): void {
    const tell = push as (event: unknown) => void;
    const results = work.results.get(id)!;
    const at = results.findIndex((r) => r.status === 'waiting');
    const job = find(id);
    if (at < 0) {
      tell({ type: 'status', job: set(id, { status: 'finished' }) });
      return;
    }
    const objects = project.objects.get(project.order[at]!) ?? [];
    const bad = at % 17 === 9;
    const detections = bad
      ? []
      : objects.slice(0, 60).map((o, i) => ({
          box: o.box,
          classId: Math.max(
            0,
            project.classes.findIndex((c) => c.id === o.classId),
          ),
          score: 0.95 - (i % 9) * 0.05,
        }));
    const result: DetectResult = {
      ...results[at]!,
      status: bad ? 'failed' : 'done',
      detections,
      error: bad ? 'The file ends too early: it was not copied completely. Copy it again.' : null,
    };
    results[at] = result;
    const perClass = job.perClass.map((n, c) => n + detections.filter((d) => d.classId === c).length);
    const next = set(id, {
      done: job.done + 1,
      failed: job.failed + (bad ? 1 : 0),
      detections: job.detections + detections.length,
      perClass,
    });
    tell({ type: 'file', result });
    tell({
      type: 'progress',
      phase: 'detect',
      done: next.done,
      total: next.images,
      rate: 11.2,
      secondsLeft: (next.images - next.done) / 11.2,
    });
    if (next.done % 10 === 0) tell({ type: 'status', job: next });
  }
}
