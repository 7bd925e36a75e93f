// How fast this machine trains and infers: real steps, timed once for each kind of run and kept until the machine or the program changes.
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { TrainConfig } from '../../core/train/config.ts';
import type { Told } from '../../shared/errors.ts';
import type { Workers } from '../worker/workers.ts';
import { JsonFile, personOnly } from './jsonFile.ts';

const speed = z.object({ seconds: z.number().positive(), at: z.number() });
/** A measured time and when it was measured, milliseconds since 1970. */
export type Speed = z.infer<typeof speed>;

const schema = z.object({ machine: z.string(), speeds: z.record(z.string(), speed) });

/** Where models compute here. */
export interface Processor {
  processor: string;
  processorReasons: Told[];
}

/** What a step's speed depends on. */
export interface StepKind {
  /** As `openModel` takes it. */
  start: string;
  network: string;
  classes: number;
  config: TrainConfig;
}

/** Pixels of a batch that are measured at most (the standard preset's); a larger batch is reckoned from a smaller one. */
const mostPixels = 8 * 512 * 512;
const mostKept = 200;

/** All speeds known. */
export class TrainingSpeeds {
  readonly #file: JsonFile<z.infer<typeof schema>>;
  readonly #machine: string;
  readonly #workers: Workers;
  readonly #threads: () => number;
  readonly #busy: () => boolean;
  #processor: { threads: number; found: Promise<Processor> } | null = null;
  /** One measurement at a time: two would slow each other down. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    file: JsonFile<z.infer<typeof schema>>,
    machine: string,
    workers: Workers,
    threads: () => number,
    busy: () => boolean,
  ) {
    this.#file = file;
    this.#machine = machine;
    this.#workers = workers;
    this.#threads = threads;
    this.#busy = busy;
  }

  /** Reads what is known; speeds of another machine or version of the program are forgotten. What is measured while `busy` isn't kept. */
  static async open(
    { dataFolder, version }: { dataFolder: string; version: string },
    workers: Workers,
    threads: () => number,
    busy: () => boolean,
  ): Promise<TrainingSpeeds> {
    const machine = [version, process.platform, process.arch, cpus()[0]?.model.trim(), availableParallelism()].join(
      ' ',
    );
    const file = await JsonFile.open(path.join(dataFolder, 'speeds.json'), schema, { machine, speeds: {} }, personOnly);
    return new TrainingSpeeds(file, machine, workers, threads, busy);
  }

  /** The processor in use. */
  processor(): Promise<Processor> {
    const threads = this.#threads();
    if (this.#processor?.threads === threads) return this.#processor.found;
    const found = this.#workers.vision.call('processor', {});
    this.#processor = { threads, found };
    found.catch(() => (this.#processor = null));
    return found;
  }

  /** Seconds of a training step when they are known. */
  async knownStep(kind: StepKind): Promise<Speed | null> {
    const { batch } = kind.config;
    const known = this.#known(await this.#stepKey(kind));
    return known && { ...known, seconds: (known.seconds * batch) / measuredBatch(kind.config) };
  }

  /** Times real training steps. Error: `cancelled`. */
  async measureStep({ start, classes, config, ...kind }: StepKind, signal: AbortSignal): Promise<void> {
    const key = await this.#stepKey({ start, classes, config, ...kind });
    const measured = { ...config, batch: measuredBatch(config) };
    await this.#inTurn(async () => {
      const input = { start, classes, config: measured };
      const { secondsPerStep } = await this.#workers.training.call('stepSpeed', input, { signal });
      await this.#keep(key, secondsPerStep);
    });
  }

  /** Seconds that a model takes for one image when they are known. */
  async knownImage(network: string): Promise<Speed | null> {
    return this.#known(await this.#imageKey(network));
  }

  /** Times the inference of one image. Error: `cancelled`. */
  async measureImage(model: string, network: string, signal: AbortSignal): Promise<void> {
    const key = await this.#imageKey(network);
    await this.#inTurn(async () => {
      const { milliseconds } = await this.#workers.vision.call('measure', { model }, { signal });
      await this.#keep(key, milliseconds / 1000);
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.catch(() => undefined).then(work);
    this.#turn = mine;
    await mine;
  }

  async #stepKey({ network, classes, config }: StepKind): Promise<string> {
    const { width, height, frozenStages } = config;
    // A head for a few classes more costs the same; for a few times as many it doesn't.
    const heads = 2 ** Math.ceil(Math.log2(Math.max(8, classes)));
    const kind = `step ${network} ${width}x${height} batch ${measuredBatch(config)} frozen ${frozenStages} heads ${heads}`;
    return `${kind} ${await this.#computed()}`;
  }

  async #imageKey(network: string): Promise<string> {
    return `image ${network} ${await this.#computed()}`;
  }

  async #computed(): Promise<string> {
    return `${(await this.processor()).processor} threads ${this.#threads()}`;
  }

  #known(key: string): Speed | null {
    const { machine, speeds } = this.#file.value;
    return machine === this.#machine ? (speeds[key] ?? null) : null;
  }

  async #keep(key: string, seconds: number): Promise<void> {
    if (this.#busy()) return; // a run has begun meanwhile: the two held each other up
    const { machine, speeds } = this.#file.value;
    const { [key]: _old, ...others } = machine === this.#machine ? speeds : {};
    const newest = Object.entries(others).slice(1 - mostKept);
    await this.#file.set({
      machine: this.#machine,
      speeds: { ...Object.fromEntries(newest), [key]: { seconds, at: Date.now() } },
    });
  }
}

const measuredBatch = ({ width, height, batch }: TrainConfig): number =>
  Math.max(1, Math.min(batch, Math.floor(mostPixels / (width * height))));
