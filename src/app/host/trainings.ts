// Training runs of open projects: one trains at a time, later ones wait; each is followed, recorded in its project, and can go on after anything.
import { rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { makeFolder } from '../../core/files/makeFolder.ts';
import { baseModelName, checkpointFiles } from '../../core/model/openModel.ts';
import { sideFolder } from '../../core/store/location.ts';
import type { Run, RunStatus } from '../../core/store/runs.ts';
import { RunFolder, type MetricsLine } from '../../core/train/runFolder.ts';
import type { EpochMetrics, RunInfo, TrainingConfig, TrainingEvent } from '../../shared/contract/index.ts';
import { StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import type { TrainingMethods } from '../worker/methods.ts';
import type { Workers } from '../worker/workers.ts';
import type { Jobs } from './jobs.ts';
import type { OpenProject } from './openProject.ts';
import type { Projects } from './projects.ts';
import { configOf, metricsOf, toRunInfo, type RunMetrics } from './runRecord.ts';
import { Topic } from './topic.ts';
import { runSettings, runLabels } from './trainingPlan.ts';

type WorkerEvent = TrainingMethods['train']['event'];

/** A run that trains or waits for its turn. */
interface Live {
  open: OpenProject;
  run: number;
  topic: Topic<TrainingEvent>;
  abort: AbortController;
  /** What it becomes when it is aborted. */
  as: RunStatus;
  waiting: boolean;
  stepsPerEpoch: number;
  /** Its time limit. */
  minutes: number | null;
  /** Epochs that the run will have, from its speed so far; `null` before the first step. */
  epochs: number | null;
  sums: { heatmap: number; size: number; rate: number; steps: number };
  /** New weights are on disk with the next step, so previews are due then. */
  previewsDue: boolean;
  version: number;
}

const previewCount = 4;

/** All training of the program. */
export class Trainings {
  readonly #workers: Workers;
  readonly #jobs: Jobs;
  readonly #projects: Projects;
  readonly #live = new Map<string, Live>();
  /** Pictures that are being painted for a run; its folder stays as long. */
  readonly #painting = new Map<string, Promise<void>>();
  #turn: Promise<void> = Promise.resolve();

  constructor(workers: Workers, jobs: Jobs, projects: Projects) {
    this.#workers = workers;
    this.#jobs = jobs;
    this.#projects = projects;
  }

  /** A run as the contract tells of it. */
  info(open: OpenProject, run: Run): RunInfo {
    const live = this.#live.get(keyOf(open, run.id));
    const known = toRunInfo(run, live !== undefined);
    const info = { ...known, epochs: live?.epochs ?? known.epochs };
    return live?.waiting ? { ...info, status: 'waiting' } : info;
  }

  /** Its epochs so far, from its folder. */
  async metrics(run: Run): Promise<EpochMetrics[]> {
    const lines = await RunFolder.open(run.folder).then(
      (opened) => opened.run.readMetrics(),
      () => [], // it has not begun, or its folder is gone
    );
    return epochsOf(lines);
  }

  /** Freezes the labels and starts (or queues) a run. Errors: `dataset-empty`, `argument-invalid`. */
  async start(open: OpenProject, config: TrainingConfig): Promise<RunInfo> {
    const models = await open.models();
    const { labels, previews } = runLabels(open);
    const settings = runSettings(config, models.reference(config.start));
    const folder = path.join(sideFolder(open.store.file), 'runs', randomUUID());
    await makeFolder(path.dirname(folder));
    const name = config.name || `${config.preset} ${new Date().toISOString().slice(0, 16).replace('T', ' ')}`;
    const run = open.store.startRun({ name, folder, config: { ...config } });
    const shared = { classes: labels.classes, inputSize: settings.width, epochs: settings.epochs ?? 0 };
    open.store.updateRun(run.id, { metrics: { ...shared, previews: previews.slice(0, previewCount) } });
    this.#queue(open, run.id, { folder, fresh: { config: settings, labels } });
    return this.info(open, open.store.run(run.id));
  }

  /** Goes on with a run. Error: `argument-invalid` for one that has ended well. */
  resume(open: OpenProject, id: number): void {
    const run = open.store.run(id);
    if (this.#live.has(keyOf(open, id))) return;
    if (run.status === 'finished')
      throw new StudioError(
        'argument-invalid',
        `"${run.name}" has finished. Start a new run from it.`,
        undefined,
        said('run.finished', { name: run.name }),
      );
    open.store.updateRun(id, { status: 'running', ended: null });
    this.#queue(open, id, { folder: run.folder, fresh: null });
  }

  /** Ends what it does: `paused` can go on, `stopped` keeps the best weights. */
  halt(open: OpenProject, id: number, as: 'paused' | 'stopped'): void {
    const live = this.#live.get(keyOf(open, id));
    if (!live) {
      if (as === 'stopped') open.store.updateRun(id, { status: as, ended: Date.now() });
      open.changed('runs');
      return;
    }
    live.as = as;
    live.abort.abort();
  }

  /** A snapshot, then what happens, until the run rests. */
  async *events(open: OpenProject, id: number, signal: AbortSignal): AsyncGenerator<TrainingEvent, void> {
    const live = this.#live.get(keyOf(open, id));
    const run = open.store.run(id);
    // Subscribed before the metrics are read: nothing that happens meanwhile is missed.
    const following = live?.topic.subscribe(signal);
    yield { type: 'snapshot', run: this.info(open, run), metrics: await this.metrics(run) };
    if (following) yield* following;
  }

  /** Deletes a run that rests, with its folder. */
  async delete(open: OpenProject, id: number): Promise<void> {
    const run = open.store.run(id);
    if (this.#live.has(keyOf(open, id)))
      throw new StudioError(
        'argument-invalid',
        `"${run.name}" is training. Stop it first.`,
        undefined,
        said('run.training', { name: run.name }),
      );
    open.store.deleteRun(id);
    await this.#painting.get(keyOf(open, id));
    await rm(run.folder, { recursive: true, force: true });
    open.changed('runs');
  }

  #queue(open: OpenProject, run: number, input: TrainingMethods['train']['input']): void {
    const live: Live = {
      ...{ open, run, topic: new Topic<TrainingEvent>(), abort: new AbortController(), as: 'running' as const },
      ...{ waiting: true, stepsPerEpoch: 1, epochs: null, previewsDue: false, version: 0 },
      minutes: runSettings(configOf(open.store.run(run)), baseModelName).minutes,
      sums: { heatmap: 0, size: 0, rate: 0, steps: 0 },
    };
    this.#live.set(keyOf(open, run), live);
    this.#projects.hold(open);
    const done = this.#turn.then(() => this.#train(live, input));
    this.#turn = done;
    this.#jobs.add({ sentence: 'A training run is under way.', stop: () => live.abort.abort(), done });
    open.changed('runs');
  }

  async #train(live: Live, input: TrainingMethods['train']['input']): Promise<void> {
    const { open, run } = live;
    const { signal } = live.abort;
    live.waiting = false;
    this.#tell(live);
    try {
      const onEvent = (event: WorkerEvent) => this.#hear(live, event);
      await this.#workers.training.call('train', input, { signal, onEvent });
      this.#end(live, signal.aborted ? live.as : 'finished', null);
    } catch (error) {
      // A crash or a cancel leaves its last checkpoint: the row goes on saying "running", which is shown as interrupted.
      const crashed = error instanceof StudioError && error.code === 'runtime-failed';
      if (signal.aborted) this.#end(live, live.as, null);
      else this.#end(live, crashed ? 'running' : 'failed', error instanceof Error ? error.message : String(error));
    } finally {
      this.#live.delete(keyOf(open, run));
      this.#tell(live);
      if (live.previewsDue && !signal.aborted) this.#paint(live); // no further step comes to do it
      await this.#painting.get(keyOf(open, run));
      live.topic.end();
      await this.#projects.unhold(open);
    }
  }

  #hear(live: Live, event: WorkerEvent): void {
    if (event.type === 'start') live.stepsPerEpoch = Math.ceil(event.images / event.batch);
    else if (event.type === 'step') this.#step(live, event);
    else if (event.type === 'epoch' && event.split === 'val') this.#epoch(live, event);
    else if (event.type === 'end') this.#ended(live, event);
  }

  #ended(live: Live, { trainSeconds, epochs, reason }: Extract<WorkerEvent, { type: 'end' }>): void {
    live.epochs = null;
    const planned = reason === 'time' ? { epochs } : {}; // what time allowed is all there will be
    this.#record(live, { ...planned, secondsSpent: trainSeconds, epochsDone: epochs, hasModel: true });
  }

  #step(live: Live, e: Extract<WorkerEvent, { type: 'step' }>): void {
    const { sums, stepsPerEpoch } = live;
    sums.heatmap += e.heatmapLoss;
    sums.size += e.sizeLoss;
    sums.rate = e.rate;
    sums.steps += 1;
    live.epochs = e.epochs;
    live.topic.publish({
      type: 'step',
      epoch: e.epoch,
      step: ((e.step - 1) % stepsPerEpoch) + 1,
      stepsPerEpoch,
      losses: { total: e.heatmapLoss + e.sizeLoss, heatmap: e.heatmapLoss, size: e.sizeLoss },
      learningRate: e.rate,
      imagesPerSecond: e.imagesPerSecond,
      share: Math.min(1, e.step / e.total),
      epochs: live.epochs,
      secondsSpent: e.trainSeconds,
      secondsBudget: live.minutes === null ? null : live.minutes * 60,
      secondsLeft: e.secondsLeft,
      processor: this.processor.name,
      processorReason: this.processor.reason,
    });
    if (live.previewsDue) this.#paint(live);
  }

  #epoch(live: Live, e: Extract<WorkerEvent, { type: 'epoch' }>): void {
    const { sums } = live;
    const share = (sum: number) => (sums.steps === 0 ? 0 : sum / sums.steps);
    const losses = { total: share(sums.heatmap + sums.size), heatmap: share(sums.heatmap), size: share(sums.size) };
    const before = metricsOf(live.open.store.run(live.run));
    const metrics: EpochMetrics = {
      ...{ epoch: e.epoch, seconds: e.trainSeconds - before.secondsSpent, learningRate: sums.rate, losses },
      ...{ ap: e.ap, ap50: e.ap50 },
    };
    live.sums = { heatmap: 0, size: 0, rate: sums.rate, steps: 0 };
    const bestAp = e.best ? e.ap : before.bestAp;
    this.#record(live, { epochsDone: e.epoch, secondsSpent: e.trainSeconds, bestAp, hasModel: true });
    live.topic.publish({ type: 'epoch', metrics });
    live.previewsDue = true;
  }

  #paint(live: Live): void {
    live.previewsDue = false;
    const run = live.open.store.run(live.run);
    const images = live.open.store.images(metricsOf(run).previews.map(Number));
    const input = {
      model: path.join(run.folder, checkpointFiles.last),
      images: images.map((row) => ({ id: String(row.id), file: live.open.fileOf(row) })),
      folder: path.join(run.folder, 'previews'),
    };
    const done = this.#workers.vision.call('previews', input).then(
      ({ painted }) => live.topic.publish({ type: 'previews', version: ++live.version, images: painted }),
      () => undefined, // pictures are a comfort: the next epoch paints again
    );
    const key = keyOf(live.open, live.run);
    this.#painting.set(key, done);
    void done.then(() => this.#painting.get(key) === done && this.#painting.delete(key));
  }

  #record(live: Live, change: Partial<RunMetrics>): void {
    const { store } = live.open;
    store.updateRun(live.run, { metrics: { ...metricsOf(store.run(live.run)), ...change } });
  }

  #end(live: Live, status: RunStatus, error: string | null): void {
    this.#record(live, { error });
    live.open.store.updateRun(live.run, { status, ended: status === 'running' ? null : Date.now() });
  }

  #tell(live: Live): void {
    const { open } = live;
    live.topic.publish({ type: 'status', run: this.info(open, open.store.run(live.run)) });
    open.changed('runs');
    open.changed('models');
  }

  /** The processor that trains and why it isn't a faster one; known after the first measurement. */
  processor = { name: 'cpu', reason: '' };
}

const keyOf = (open: OpenProject, run: number) => `${open.id}/${run}`;

/** Epochs with their average losses from a run's metrics lines. */
function epochsOf(lines: readonly MetricsLine[]): EpochMetrics[] {
  const epochs: EpochMetrics[] = [];
  let [heatmap, size, rate, steps, seconds] = [0, 0, 0, 0, 0];
  for (const line of lines) {
    if (line.type === 'step') {
      [heatmap, size, rate, steps] = [heatmap + line.heatmapLoss, size + line.sizeLoss, line.rate, steps + 1];
      continue;
    }
    if (line.split !== 'val') continue;
    const count = Math.max(1, steps);
    const losses = { total: (heatmap + size) / count, heatmap: heatmap / count, size: size / count };
    const spent = line.trainSeconds - seconds;
    epochs.push({ epoch: line.epoch, seconds: spent, learningRate: rate, losses, ap: line.ap, ap50: line.ap50 });
    [heatmap, size, steps, seconds] = [0, 0, 0, line.trainSeconds];
  }
  return epochs;
}
