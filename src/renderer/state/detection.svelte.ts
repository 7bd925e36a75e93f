// Detection over folders as the Detect view shows it: jobs, the live one's progress, and the pages of its results.
import { SvelteMap } from 'svelte/reactivity';
import type { Connection } from '../../shared/client/connection.ts';
import type { DetectEvent, DetectJob, DetectResult, Progress, StudioClient } from '../../shared/contract/index.ts';
import type { Said } from '../../shared/said.ts';
import { plainSet } from './plain.ts';
import { Work } from './work.svelte.ts';

type StartInput = Omit<Parameters<StudioClient['detect']['start']>[0], 'project'>;

/** What was saved where; `changes` are listed in the folder's changes.json. */
interface Saved {
  files: number;
  folder: string;
  changes: number;
  notices: { message: string; said: Said | null }[];
}

/** Results a page. */
const pageSize = 100;

/** Which results are shown. */
export interface ResultFilter {
  classId: number | null;
  status: 'all' | 'done' | 'failed';
}

/** The detection jobs. */
export class Detection {
  readonly #connection: Connection;
  readonly #project: string;
  readonly #fail: (error: unknown) => void;
  readonly work = new Work();
  readonly #pages = new SvelteMap<number, DetectResult[]>();
  readonly #loading = plainSet<number>();
  #jobs = $state.raw<DetectJob[] | null>(null);
  #job = $state.raw<DetectJob | null>(null);
  #progress = $state.raw<Progress | null>(null);
  #total = $state(0);
  #filter = $state.raw<ResultFilter>({ classId: null, status: 'all' });
  #leave: (() => void) | null = null;
  #stale = false;
  #generation = 0;

  constructor(connection: Connection, project: string, fail: (error: unknown) => void) {
    this.#connection = connection;
    this.#project = project;
    this.#fail = fail;
  }

  /** Newest first; null until they are there. */
  get jobs(): DetectJob[] | null {
    return this.#jobs;
  }
  /** The job that is looked at. */
  get job(): DetectJob | null {
    return this.#job;
  }
  get progress(): Progress | null {
    return this.#progress;
  }
  /** How many results the filter leaves. */
  get total(): number {
    return this.#total;
  }
  get filter(): ResultFilter {
    return this.#filter;
  }

  async reload(): Promise<void> {
    this.#jobs = await this.#connection.client.detect.jobs();
  }

  async start(input: StartInput): Promise<void> {
    const job = await this.#connection.client.detect.start({ project: this.#project, ...input });
    await this.reload();
    this.open(job);
  }

  /** Looks at a job, following it while it lives. */
  open(job: DetectJob): void {
    this.close();
    this.#job = job;
    this.#reread();
    this.#follow(job.id);
  }

  /** Stops looking at the job; it goes on. */
  close(): void {
    this.#leave?.();
    this.#leave = null;
    this.#job = null;
    this.#progress = null;
    this.#filter = { classId: null, status: 'all' };
    this.#total = 0;
    this.#pages.clear();
  }

  show(filter: ResultFilter): void {
    this.#filter = filter;
    this.#pages.clear();
    this.#reread();
  }

  at(index: number): DetectResult | undefined {
    return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  }
  need(from: number, to: number): void {
    for (let page = Math.floor(from / pageSize); page <= Math.floor(Math.max(from, to) / pageSize); page++)
      if (!this.#pages.has(page) && page * pageSize < this.#total) void this.#load(page);
  }

  pause = (id: string): Promise<unknown> => this.#connection.client.detect.pause({ job: id });
  cancel = (id: string): Promise<unknown> => this.#connection.client.detect.cancel({ job: id });
  async resume(id: string): Promise<void> {
    await this.#connection.client.detect.resume({ job: id });
    this.#follow(id);
  }
  async remove(id: string): Promise<void> {
    if (this.#job?.id === id) this.close();
    await this.#connection.client.detect.delete({ job: id });
    await this.reload();
  }

  /** Saves results in several formats at once; answers how many files went where, and how many changes are listed there. */
  save(title: string, to: string, formats: string[], score: number): Promise<Saved> {
    const job = this.#job?.id ?? '';
    return this.work.run(title, (signal) =>
      this.#connection.client.detect.export({ job, to, formats, score }, { signal }),
    );
  }

  #follow(id: string): void {
    this.#leave?.();
    this.#leave = this.#connection.follow(
      (client, signal) => client.detect.events({ job: id }, { signal }),
      (event) => this.#hear(event),
      this.#fail,
    );
  }

  #hear(event: DetectEvent): void {
    if (event.type === 'progress') this.#progress = event;
    else if (event.type === 'file') this.#take(event.result);
    else {
      this.#job = event.job;
      this.#jobs = this.#jobs?.map((j) => (j.id === event.job.id ? event.job : j)) ?? null;
      if (event.job.status !== 'running') this.#progress = null;
      this.#later();
    }
  }

  #take(result: DetectResult): void {
    const page = Math.floor(result.index / pageSize);
    const items = this.#pages.get(page);
    const unfiltered = this.#filter.classId === null && this.#filter.status === 'all';
    if (unfiltered && items?.some((r) => r.index === result.index))
      this.#pages.set(
        page,
        items.map((r) => (r.index === result.index ? result : r)),
      );
    else this.#later();
  }

  /** Reads the pages in use again, at most once a second: a running job tells of every file. */
  #later(): void {
    if (this.#stale) return;
    this.#stale = true;
    setTimeout(() => {
      this.#stale = false;
      this.#reread();
    }, 1000);
  }

  #reread(): void {
    this.#generation++;
    this.#loading.clear();
    for (const page of plainSet([0, ...this.#pages.keys()])) void this.#load(page);
  }

  async #load(page: number): Promise<void> {
    const job = this.#job?.id;
    if (job === undefined || this.#loading.has(page)) return;
    this.#loading.add(page);
    const generation = this.#generation;
    const { classId, status } = this.#filter;
    try {
      const { total, items } = await this.#connection.client.detect.results({
        job,
        offset: page * pageSize,
        limit: pageSize,
        ...(classId === null ? {} : { classId }),
        ...(status === 'all' ? {} : { status }),
      });
      if (generation !== this.#generation || this.#job?.id !== job) return;
      this.#total = total;
      this.#pages.set(page, items);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#loading.delete(page);
    }
  }
}
