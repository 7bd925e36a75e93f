// Detection jobs over folders: started, paused, resumed without redoing work, remembered over restarts, their results in pages.
import { randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../core/files/makeFolder.ts';
import { journalName, readJournal, type SweptImage } from '../../core/detect/journal.ts';
import { detectJob } from '../../shared/contract/detect.ts';
import type { DetectEvent, DetectJob, DetectResult } from '../../shared/contract/index.ts';
import { saying, telling, toldBy } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import type { VisionMethods } from '../worker/methods.ts';
import type { Workers } from '../worker/workers.ts';
import { JsonFile } from './jsonFile.ts';
import type { Jobs } from './jobs.ts';
import { Topic } from './topic.ts';
import { Meter } from './work.ts';

/** What a job does; kept with it, so that it can go on after a restart. */
const planSchema = z.object({
  job: detectJob,
  reference: z.string(),
  recursive: z.boolean(),
  patterns: z.array(z.string()),
});
type Plan = z.infer<typeof planSchema>;

/** How to start a job. */
export interface NewJob {
  model: string;
  modelName: string;
  classes: string[];
  reference: string;
  paths: string[];
  recursive: boolean;
  patterns: string[];
  score: number;
}

interface Entry {
  file: JsonFile<Plan | null>;
  plan: Plan;
  results: SweptImage[];
  topic: Topic<DetectEvent>;
  stop: { abort: AbortController; as: 'paused' | 'cancelled' | 'interrupted' } | null;
}

/** All detection jobs of this person on this machine. */
export class DetectJobs {
  readonly #folder: string;
  readonly #workers: Workers;
  readonly #jobs: Jobs;
  #entries: Promise<Map<string, Entry>> | null = null;

  constructor(dataFolder: string, workers: Workers, jobs: Jobs) {
    this.#folder = path.join(dataFolder, 'detections');
    this.#workers = workers;
    this.#jobs = jobs;
  }

  async list(): Promise<DetectJob[]> {
    const jobs = [...(await this.#all()).values()].map(({ plan }) => plan.job);
    return jobs.sort((a, b) => b.createdAt - a.createdAt);
  }

  async start({ model, modelName, classes, reference, paths, recursive, patterns, score }: NewJob): Promise<DetectJob> {
    const id = randomUUID();
    await makeFolder(path.join(this.#folder, id));
    const job: DetectJob = {
      ...{ id, status: 'running', model, modelName, classes, score, paths, createdAt: Date.now() },
      ...{ images: 0, ...nothingDone(classes) },
    };
    const plan = { job, reference, recursive, patterns };
    const file = await JsonFile.open<Plan | null>(this.#planFile(id), planSchema, null);
    const entry: Entry = { file, plan, results: [], topic: new Topic(), stop: null };
    (await this.#all()).set(id, entry);
    await file.set(plan);
    this.#run(entry);
    return job;
  }

  /** A snapshot, then what happens, until the job ends. */
  async *events(id: string, signal: AbortSignal): AsyncGenerator<DetectEvent, void> {
    const entry = await this.#get(id);
    const snapshot: DetectEvent = { type: 'snapshot', job: entry.plan.job };
    if (entry.stop === null) yield snapshot;
    else yield* entry.topic.subscribe(signal, [snapshot]);
  }

  async resume(id: string): Promise<void> {
    const entry = await this.#get(id);
    if (entry.stop !== null || entry.plan.job.status === 'finished') return;
    entry.results = [];
    this.#change(entry, { status: 'running', ...nothingDone(entry.plan.job.classes) });
    this.#run(entry);
  }

  async stop(id: string, as: 'paused' | 'cancelled'): Promise<void> {
    const entry = await this.#get(id);
    if (entry.stop === null) {
      if (as === 'cancelled' && entry.plan.job.status !== 'finished') this.#change(entry, { status: as });
      return;
    }
    entry.stop.as = as;
    entry.stop.abort.abort();
  }

  /** The results so far, in the order in which they came. */
  async results(id: string): Promise<{ job: DetectJob; results: readonly SweptImage[] }> {
    const { plan, results } = await this.#get(id);
    return { job: plan.job, results };
  }

  async delete(id: string): Promise<void> {
    const entry = await this.#get(id);
    if (entry.stop !== null) throw saying('argument-invalid', 'job.running', {});
    (await this.#all()).delete(id);
    await rm(path.join(this.#folder, id), { recursive: true, force: true });
  }

  async #get(id: string): Promise<Entry> {
    const entry = (await this.#all()).get(id);
    if (entry) return entry;
    throw saying('argument-invalid', 'job.gone', {});
  }

  #run(entry: Entry): void {
    const stop: NonNullable<Entry['stop']> = { abort: new AbortController(), as: 'interrupted' };
    entry.stop = stop;
    const { job, reference, recursive, patterns } = entry.plan;
    const meter = new Meter();
    const input = {
      ...{ model: reference, modelName: job.modelName, paths: job.paths, recursive, patterns, score: job.score },
      folder: this.folder(job.id),
    };
    const onEvent = (event: VisionMethods['sweep']['event']) => {
      if ('image' in event) this.#take(entry, event, meter);
      else if ('anew' in event) this.#change(entry, { notices: [...job.notices, telling(event.anew)] });
      else this.#change(entry, { images: event.total, passedOver: event.passedOver });
    };
    const done = this.#workers.sweep.call('sweep', input, { signal: stop.abort.signal, onEvent }).then(
      () => this.#end(entry, { status: 'finished' }),
      (error: unknown) => this.#end(entry, stop.abort.signal.aborted ? { status: stop.as } : failure(error)),
    );
    this.#jobs.add({ sentence: said('job.busyDetecting', {}), stop: () => stop.abort.abort(), done });
  }

  #take(entry: Entry, { image, resumed }: { image: SweptImage; resumed: boolean }, meter: Meter): void {
    const { job } = entry.plan;
    const index = entry.results.push(image) - 1;
    for (const { classId } of image.detections) job.perClass[classId] = (job.perClass[classId] ?? 0) + 1;
    job.detections += image.detections.length;
    job.done += 1;
    if (image.status === 'failed') job.failed += 1;
    entry.topic.publish({ type: 'file', result: toResult(image, index) });
    const step = { phase: 'detect', done: job.done, total: job.images, note: image.path };
    // What was taken over was not done at this speed.
    entry.topic.publish(resumed ? { type: 'progress', ...step, rate: null, secondsLeft: null } : meter.measure(step));
  }

  #change(entry: Entry, change: Partial<DetectJob>): void {
    Object.assign(entry.plan.job, change);
    entry.topic.publish({ type: 'status', job: { ...entry.plan.job } });
    void entry.file.set(entry.plan).catch(() => undefined); // a full disk: the journal's own failure ends the job and is told
  }

  #end(entry: Entry, change: Partial<DetectJob>): void {
    entry.stop = null;
    this.#change(entry, change);
    entry.topic.end();
    entry.topic = new Topic();
  }

  #all(): Promise<Map<string, Entry>> {
    this.#entries ??= this.#load();
    return this.#entries;
  }

  async #load(): Promise<Map<string, Entry>> {
    const entries = new Map<string, Entry>();
    for (const id of await readdir(this.#folder).catch(() => [])) {
      const file = await JsonFile.open<Plan | null>(this.#planFile(id), planSchema, null);
      const plan = file.value;
      if (plan?.job.id !== id) continue; // damaged, or not a job's folder
      if (plan.job.status === 'running') plan.job.status = 'interrupted'; // no process works on it any more
      await rename(path.join(this.folder(id), oldJournal), path.join(this.folder(id), journalName)).catch(
        () => undefined,
      );
      const journal = await readJournal(path.join(this.folder(id), journalName)).catch(() => null);
      const results = [...(journal?.images.values() ?? [])];
      entries.set(id, { file, plan, results, topic: new Topic(), stop: null });
    }
    return entries;
  }

  /** Where a job keeps its journal. */
  folder = (id: string): string => path.join(this.#folder, id);

  #planFile = (id: string) => path.join(this.folder(id), 'job.json');
}

/** The journal's name in version 0.1.0. */
const oldJournal = 'results.jsonl';

/** A job at its beginning. */
const nothingDone = (classes: readonly string[]) => ({
  ...{ done: 0, failed: 0, detections: 0, perClass: classes.map(() => 0), error: null, errorSaid: null },
  ...{ notices: [], passedOver: { count: 0, first: [] } },
});

function failure(error: unknown): Partial<DetectJob> {
  const { message, said: by } = toldBy(error);
  return { status: 'failed', error: message, errorSaid: by };
}

/** A swept image as the contract tells of it. */
export function toResult(image: SweptImage, index: number): DetectResult {
  const { file, status, width, height, detections, reason, said: by } = image;
  return { index, file, status, width, height, detections, error: reason, errorSaid: by };
}
