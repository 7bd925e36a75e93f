// Training as the Train view shows it: readiness, presets with their estimate, runs, and the live run's curves and pictures.
import type { Connection } from '../../shared/client/connection.ts';
import { noFindings, type Findings } from '../../shared/contract/common.ts';
import type {
  EpochMetrics,
  RunInfo,
  StudioClient,
  TrainingConfig,
  TrainingEstimate,
  TrainingEvent,
  Watched,
  WatchedImage,
} from '../../shared/contract/index.ts';
import { Work } from './work.svelte.ts';

type Readiness = Awaited<ReturnType<StudioClient['training']['readiness']>>;
type Step = Extract<TrainingEvent, { type: 'step' }>;

/** What an estimate is asked for beside the project. */
export type EstimateQuery = Omit<Parameters<StudioClient['training']['estimate']>[0], 'project'>;

/** A loss at a place of the run, in epochs. */
export interface LossPoint {
  epoch: number;
  total: number;
  heatmap: number;
  size: number;
}

const keptSteps = 2000;

/** The runs of a project. */
export class Training {
  readonly #connection: Connection;
  readonly #project: string;
  readonly #fail: (error: unknown) => void;
  readonly work = new Work();
  #readiness = $state.raw<Readiness | null>(null);
  #estimate = $state.raw<TrainingEstimate | null>(null);
  #watched = $state.raw<Watched | null>(null);
  #runs = $state.raw<RunInfo[] | null>(null);
  #run = $state.raw<RunInfo | null>(null);
  #metrics = $state.raw<EpochMetrics[]>([]);
  #steps = $state.raw<LossPoint[]>([]);
  #step = $state.raw<Step | null>(null);
  #previews = $state.raw<WatchedImage[]>([]);
  #findings = $state.raw<Findings>(noFindings);
  #leave: (() => void) | null = null;

  constructor(connection: Connection, project: string, fail: (error: unknown) => void) {
    this.#connection = connection;
    this.#project = project;
    this.#fail = fail;
  }

  /** What stands in the way; null until it has been asked. */
  get readiness(): Readiness | null {
    return this.#readiness;
  }
  get blocked(): boolean {
    return this.#readiness === null || this.#readiness.some((issue) => issue.severity === 'blocking');
  }
  get estimate(): TrainingEstimate | null {
    return this.#estimate;
  }
  /** What the next run repaints; null until it has been asked. */
  get watched(): Watched | null {
    return this.#watched;
  }
  /** Newest first; null until they are there. */
  get runs(): RunInfo[] | null {
    return this.#runs;
  }
  /** The run that is looked at. */
  get run(): RunInfo | null {
    return this.#run;
  }
  get metrics(): readonly EpochMetrics[] {
    return this.#metrics;
  }
  /** Losses of steps since the view follows the run. */
  get steps(): readonly LossPoint[] {
    return this.#steps;
  }
  get step(): Step | null {
    return this.#step;
  }
  /** The images that the run repaints, painted yet or not. */
  get previews(): readonly WatchedImage[] {
    return this.#previews;
  }
  /** What the run's labels leave out, change or lack. */
  get findings(): Findings {
    return this.#findings;
  }
  /** A run that is training, waiting or paused now. */
  get active(): RunInfo | undefined {
    return this.#runs?.find((r) => r.status === 'running' || r.status === 'waiting' || r.status === 'paused');
  }

  async checkReadiness(): Promise<void> {
    this.#readiness = await this.#connection.client.training.readiness({ project: this.#project });
  }

  /** Asks what each preset would take; the machine is measured where it must be. */
  async measure(title: string, query: EstimateQuery): Promise<void> {
    this.#estimate = null;
    this.#estimate = await this.work.run(title, (signal) =>
      this.#connection.client.training.estimate({ project: this.#project, ...query }, { signal }),
    );
  }

  /** Reads what the next run repaints. */
  async loadWatched(): Promise<void> {
    this.#watched = await this.#connection.client.training.watched({ project: this.#project });
  }

  /** Chooses what the next run repaints, and `run` too; `null` leaves the choice to the program. */
  async watch(images: string[] | null, run: string | null): Promise<void> {
    const ref = { project: this.#project, ...(run === null ? {} : { run }) };
    const now = await this.#connection.client.training.watch({ ...ref, images });
    if (run === null) this.#watched = now;
    else if (run === this.#run?.id) this.#previews = now.images;
  }

  async reloadRuns(): Promise<void> {
    this.#runs = await this.#connection.client.training.runs({ project: this.#project });
    const shown = this.#runs.find((r) => r.id === this.#run?.id);
    if (shown) this.#run = shown;
  }

  /** Curve of any run, without looking at it. */
  async metricsOf(run: string): Promise<EpochMetrics[]> {
    return (await this.#connection.client.training.run({ project: this.#project, run })).metrics;
  }

  async start(config: TrainingConfig): Promise<void> {
    const run = await this.#connection.client.training.start({ project: this.#project, config });
    await this.reloadRuns();
    await this.open(run.id);
  }

  /** Looks at a run, following it while it lives. */
  async open(id: string): Promise<void> {
    this.close();
    const ref = { project: this.#project, run: id };
    const { run, metrics, previews, findings } = await this.#connection.client.training.run(ref);
    this.#run = run;
    this.#metrics = metrics;
    this.#previews = previews;
    this.#findings = findings;
    this.#leave = this.#connection.follow(
      (client, signal) => client.training.events(ref, { signal }),
      (event) => this.#hear(event),
      this.#fail,
    );
  }

  /** Stops looking at the run; it goes on. */
  close(): void {
    this.#leave?.();
    this.#leave = null;
    this.#run = null;
    this.#metrics = [];
    this.#steps = [];
    this.#step = null;
    this.#previews = [];
    this.#findings = noFindings;
  }

  pause = (id: string): Promise<unknown> => this.#connection.client.training.pause({ project: this.#project, run: id });
  stop = (id: string): Promise<unknown> => this.#connection.client.training.stop({ project: this.#project, run: id });
  async resume(id: string): Promise<void> {
    await this.#connection.client.training.resume({ project: this.#project, run: id });
    await this.open(id);
  }
  async rename(id: string, change: { name?: string; note?: string }): Promise<void> {
    await this.#connection.client.training.update({ project: this.#project, run: id, ...change });
    await this.reloadRuns();
  }
  async remove(id: string): Promise<void> {
    if (this.#run?.id === id) this.close();
    await this.#connection.client.training.delete({ project: this.#project, run: id });
    await this.reloadRuns();
  }

  #hear(event: TrainingEvent): void {
    if (event.type === 'snapshot') {
      this.#setRun(event.run);
      this.#metrics = event.metrics;
    } else if (event.type === 'status') this.#setRun(event.run);
    else if (event.type === 'epoch')
      this.#metrics = [...this.#metrics.filter((m) => m.epoch !== event.metrics.epoch), event.metrics];
    else if (event.type === 'previews') this.#previews = event.images;
    else if (event.type === 'findings') this.#findings = event.findings;
    else this.#stepped(event);
  }

  #stepped(event: Step): void {
    this.#step = event;
    const epoch = (this.#metrics.at(-1)?.epoch ?? 0) + event.step / Math.max(1, event.stepsPerEpoch);
    this.#steps = [...this.#steps, { epoch, ...event.losses }].slice(-keptSteps);
  }

  #setRun(run: RunInfo): void {
    this.#run = run;
    this.#runs = this.#runs?.map((r) => (r.id === run.id ? run : r)) ?? null;
    if (run.status !== 'running') this.#step = null;
  }
}
