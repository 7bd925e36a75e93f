// Detection of the stand-in, and what it knows of runs and jobs: their numbers come from formulas, told over time like the real ones.
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../../src/app/host/call.ts';
import { telling } from '../../../src/shared/errors.ts';
import { inEnglish, said } from '../../../src/shared/said.ts';
import type { DetectJob, DetectResult, EpochMetrics, Findings, RunInfo } from '../../../src/shared/contract/index.ts';
import type { World } from './handlers.ts';
import { stream, worked } from './stream.ts';

/** What the host says of a file that was cut off. */
export const cutFile = (file: string) => said('image.unreadable', { file, why: said('image.whyCut', {}) });

/** Why the processor of the stand-in is not a faster one. */
export const slowReasons = [
  said('provider.reason', { provider: 'CUDA', reason: said('provider.library', { library: 'libcublasLt.so.12' }) }),
  said('provider.slower', { provider: 'WebGPU' }),
].map(telling);

type Readiness = Awaited<ReturnType<Handlers['training']['readiness']>>;
type EstimateQuery = Parameters<Handlers['training']['estimate']>[0];
type SampleQuery = Parameters<Handlers['training']['samples']>[0];

/** Runs and jobs. */
export interface Work {
  runs: RunInfo[];
  metrics: Map<string, EpochMetrics[]>;
  jobs: DetectJob[];
  results: Map<string, DetectResult[]>;
  ready: Readiness;
  /** What the labels of every run leave out, change or lack. */
  findings: Findings;
  /** Why a run can't start, when it is to be refused. */
  refusal?: Error;
  /** Images that a person chose to watch, for the next run (under '') and for single runs. */
  watched: Map<string, string[]>;
  /** Estimates and samples that were asked for. */
  asked: { estimates: EstimateQuery[]; samples: SampleQuery[] };
  /** Models that were exported. */
  exported: string[];
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
        errorSaid: null,
        notices: [],
        passedOver: { count: 0, first: [] },
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
          errorSaid: null,
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
    export: ({ to }, { signal }) => worked(signal, 'write', 4, 30, { files: 61, folder: to, changes: 0, notices: [] }),
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
      error: bad ? inEnglish(cutFile(results[at]!.file)) : null,
      errorSaid: bad ? cutFile(results[at]!.file) : null,
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
