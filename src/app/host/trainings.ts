// Training runs of open projects: one trains at a time, later ones wait; each is followed, recorded in its project, and can go on after anything.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../core/files/makeFolder.ts';
import { baseModelName } from '../../core/model/openModel.ts';
import { sideFolder } from '../../core/store/location.ts';
import type { Run, RunStatus } from '../../core/store/runs.ts';
import { RunFolder } from '../../core/train/runFolder.ts';
import { noFindings, type Findings } from '../../shared/contract/common.ts';
import type {
  EpochMetrics,
  RunInfo,
  TrainingConfig,
  TrainingEvent,
  Watched,
  WatchedImage,
} from '../../shared/contract/index.ts';
import { mostWatched } from '../../shared/contract/training.ts';
import { saying, StudioError, toldBy, type Told } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import { toFindings } from '../handlers/convert.ts';
import type { TrainingMethods } from '../worker/methods.ts';
import type { Workers } from '../worker/workers.ts';
import type { Jobs } from './jobs.ts';
import type { OpenProject } from './openProject.ts';
import type { Projects } from './projects.ts';
import { configOf, metricsOf, toRunInfo, type RunMetrics } from './runRecord.ts';
import { Topic } from './topic.ts';
import { runKey, stepEvent, type Live, type WorkerEvent } from './trainingLive.ts';
import { runSettings, runLabels } from './trainingPlan.ts';
import { Previews } from './trainingPreviews.ts';
import { epochsOf } from './trainingMetrics.ts';
import { WatchChoice } from './trainingWatch.ts';

/** All training of the program. */
export class Trainings {
  readonly #workers: Workers;
  readonly #jobs: Jobs;
  readonly #projects: Projects;
  readonly #live = new Map<string, Live>();
  readonly #previews: Previews;
  readonly #choice = new WatchChoice();
  #turn: Promise<void> = Promise.resolve();

  constructor(workers: Workers, jobs: Jobs, projects: Projects) {
    this.#workers = workers;
    this.#jobs = jobs;
    this.#projects = projects;
    this.#previews = new Previews(workers);
  }

  /** Whether a run is training now. */
  get busy(): boolean {
    return [...this.#live.values()].some(({ waiting }) => !waiting);
  }

  /** A run as the contract tells of it. */
  info(open: OpenProject, run: Run): RunInfo {
    const live = this.#live.get(runKey(open, run.id));
    const known = toRunInfo(run, live !== undefined);
    const info = { ...known, epochs: live?.epochs ?? known.epochs };
    return live?.waiting ? { ...info, status: 'waiting' } : info;
  }

  /** Its epochs so far, from its folder. */
  async metrics(run: Run): Promise<EpochMetrics[]> {
    if (run.folder === null) return [];
    const lines = await RunFolder.open(run.folder).then(
      (opened) => opened.run.readMetrics(),
      () => [], // it has not begun, or its folder is gone
    );
    return epochsOf(lines);
  }

  /** What is known about its labels, from its folder. */
  async findings(run: Run): Promise<Findings> {
    if (run.folder === null) return noFindings;
    return RunFolder.open(run.folder).then(
      (opened) => toFindings(opened.labels.findings, opened.run.file('findings')),
      () => noFindings, // it has not begun, or its folder is gone
    );
  }

  /** Freezes the labels and starts (or queues) a run. Errors: `dataset-empty`, `argument-invalid`. */
  async start(open: OpenProject, config: TrainingConfig): Promise<RunInfo> {
    const models = await open.models();
    const labels = runLabels(open);
    await open.checkFiles([...labels.train, ...(labels.val ?? [])]);
    const previews = (await this.#choice.next(open)).images.map(String);
    const settings = runSettings(config, models.reference(config.start));
    await makeFolder(path.join(sideFolder(open.store.file), 'runs'));
    const name = config.name || `${config.preset} ${new Date().toISOString().slice(0, 16).replace('T', ' ')}`;
    const run = open.store.startRun({ name, config: { ...config } });
    const shared = { classes: labels.classes, inputSize: settings.width, epochs: settings.epochs ?? 0 };
    open.store.updateRun(run.id, { metrics: { ...shared, previews } });
    this.#queue(open, run.id, { folder: folderOf(run), fresh: { config: settings, labels } });
    return this.info(open, open.store.run(run.id));
  }

  /** Goes on with a run. Errors: `argument-invalid` for one that has ended well, `not-allowed` for one outside of the project. */
  resume(open: OpenProject, id: number): void {
    const run = open.store.run(id);
    if (this.#live.has(runKey(open, id))) return;
    if (run.status === 'finished') throw finished(run);
    const folder = folderOf(run);
    open.store.updateRun(id, { status: 'running', ended: null });
    this.#queue(open, id, { folder, fresh: null });
  }

  /** Ends what it does: `paused` can go on, `stopped` keeps the best weights. */
  halt(open: OpenProject, id: number, as: 'paused' | 'stopped'): void {
    const live = this.#live.get(runKey(open, id));
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
    const live = this.#live.get(runKey(open, id));
    const run = open.store.run(id);
    // Subscribed before the metrics are read: nothing that happens meanwhile is missed.
    const following = live?.topic.subscribe(signal);
    yield { type: 'snapshot', run: this.info(open, run), metrics: await this.metrics(run) };
    if (following) yield* following;
  }

  /** Pictures of a run's images. */
  pictures(open: OpenProject, run: Run): Promise<WatchedImage[]> {
    return this.#previews.of(open, run);
  }

  /** The images that a run repaints, or that the next one will. */
  async watched(open: OpenProject, id: number | null): Promise<Watched> {
    const { images, ...next } = await this.#choice.next(open);
    const shown = id === null ? this.#previews.before(open, images) : this.#previews.of(open, open.store.run(id));
    return { ...next, images: await shown, most: mostWatched };
  }

  /** Chooses them, `null` for the program's own choice. Errors: `argument-invalid` for an image that can't be watched, or a run that has finished. */
  async watch(open: OpenProject, id: number | null, images: readonly number[] | null): Promise<Watched> {
    const run = id === null ? null : open.store.run(id);
    if (run?.status === 'finished') throw finished(run);
    await this.#choice.set(open, images);
    if (run) {
      const previews = (await this.#choice.next(open)).images.map(String);
      recordMetrics(open, run.id, { previews });
      const live = this.#live.get(runKey(open, run.id));
      if (live) await this.#watchNow(live);
    }
    return this.watched(open, id);
  }

  /** Tells of other images; what can be painted already is due with the next step. */
  async #watchNow(live: Live): Promise<void> {
    live.previewsDue ||= metricsOf(live.open.store.run(live.run)).hasModel;
    await this.#tellPreviews(live);
  }

  async #tellPreviews({ open, run, topic }: Live): Promise<void> {
    topic.publish({ type: 'previews', images: await this.#previews.of(open, open.store.run(run)) });
  }

  /** Deletes a run that rests, with its folder; one that isn't the project's own stays. */
  async delete(open: OpenProject, id: number): Promise<void> {
    const run = open.store.run(id);
    if (this.#live.has(runKey(open, id))) throw saying('argument-invalid', 'run.training', { name: run.name });
    open.store.deleteRun(id);
    await this.#previews.settled(open, id);
    if (run.folder !== null) await rm(run.folder, { recursive: true, force: true });
    open.changed('runs');
  }

  #queue(open: OpenProject, run: number, input: TrainingMethods['train']['input']): void {
    const live: Live = {
      ...{ open, run, topic: new Topic<TrainingEvent>(), abort: new AbortController(), as: 'running' as const },
      ...{ waiting: true, stepsPerEpoch: 1, epochs: null, previewsDue: false },
      minutes: runSettings(configOf(open.store.run(run)), baseModelName).minutes,
      sums: { heatmap: 0, size: 0, rate: 0, steps: 0 },
    };
    this.#live.set(runKey(open, run), live);
    this.#projects.hold(open);
    const done = this.#turn.then(() => this.#train(live, input));
    this.#turn = done;
    this.#jobs.add({ sentence: said('job.busyTraining', {}), stop: () => live.abort.abort(), done });
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
      else this.#end(live, crashed ? 'running' : 'failed', toldBy(error));
    } finally {
      this.#live.delete(runKey(open, run));
      this.#tell(live);
      await this.#previews.settled(open, run);
      if (live.previewsDue && !signal.aborted) this.#paint(live); // no further step comes to do it
      await this.#previews.settled(open, run);
      live.topic.end();
      await this.#projects.unhold(open);
    }
  }

  #hear(live: Live, event: WorkerEvent): void {
    if (event.type === 'start') live.stepsPerEpoch = Math.ceil(event.images / event.batch);
    else if (event.type === 'step') this.#step(live, event);
    else if (event.type === 'epoch' && event.split === 'val') this.#epoch(live, event);
    else if (event.type === 'end') this.#ended(live, event);
    else if (event.type === 'findings' || event.type === 'image-failed') void this.#tellFindings(live);
  }

  async #tellFindings({ open, run, topic }: Live): Promise<void> {
    topic.publish({ type: 'findings', findings: await this.findings(open.store.run(run)) });
  }

  #ended(live: Live, { trainSeconds, epochs, reason }: Extract<WorkerEvent, { type: 'end' }>): void {
    live.epochs = null;
    const planned = reason === 'time' ? { epochs } : {}; // what time allowed is all there will be
    this.#record(live, { ...planned, secondsSpent: trainSeconds, epochsDone: epochs, hasModel: true });
  }

  #step(live: Live, e: Extract<WorkerEvent, { type: 'step' }>): void {
    const { sums } = live;
    sums.heatmap += e.heatmapLoss;
    sums.size += e.sizeLoss;
    sums.rate = e.rate;
    sums.steps += 1;
    live.epochs = e.epochs;
    live.topic.publish(stepEvent(live, e, this.processor));
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
    const { open, run } = live;
    // While the last pictures are in hand new ones stay due: the next step asks again.
    live.previewsDue = !this.#previews.paint(open, open.store.run(run), () => this.#tellPreviews(live));
  }

  #record(live: Live, change: Partial<RunMetrics>): void {
    recordMetrics(live.open, live.run, change);
  }

  #end(live: Live, status: RunStatus, error: Told | null): void {
    this.#record(live, { error: error?.message ?? null, errorSaid: error?.said ?? null });
    live.open.store.updateRun(live.run, { status, ended: status === 'running' ? null : Date.now() });
  }

  #tell(live: Live): void {
    const { open } = live;
    live.topic.publish({ type: 'status', run: this.info(open, open.store.run(live.run)) });
    open.changed('runs');
    open.changed('models');
  }

  /** The processor that trains and why it isn't a faster one; known after the first measurement. */
  processor: { name: string; reasons: Told[] } = { name: 'cpu', reasons: [] };
}

/** @throws StudioError not-allowed for a run whose folder isn't the project's own */
function folderOf({ name, folder, named }: Run): string {
  if (folder !== null) return folder;
  throw saying('not-allowed', 'run.outside', { name, folder: named });
}

const finished = ({ name }: Run) => saying('argument-invalid', 'run.finished', { name });

function recordMetrics({ store }: OpenProject, run: number, change: Partial<RunMetrics>): void {
  store.updateRun(run, { metrics: { ...metricsOf(store.run(run)), ...change } });
}
