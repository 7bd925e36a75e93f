// The program's child processes by kind, so that none waits for another: a heatmap for a folder sweep, a thumbnail for a heatmap.
import { totalmem } from 'node:os';
import type { EvaluationMethods, LabelMethods, PixelMethods, TrainingMethods, VisionMethods } from './methods.ts';
import type { StudioError } from '../../shared/errors.ts';
import { WorkerClient, type Spawn } from './workerClient.ts';

/** Megabytes of JavaScript's memory for reading labels: a quarter of the machine's; ten million boxes take two thousand. */
const readerMegabytes = Math.max(512, Math.min(4096, Math.round(totalmem() / 2 ** 22)));

const heapLimit = (megabytes: number): string => `--max-old-space-size=${megabytes}`;

/** One client for each kind; a process starts with the first request. */
export interface Workers {
  pixels: WorkerClient<PixelMethods>;
  /** The model while labelling. */
  vision: WorkerClient<VisionMethods>;
  /** The model over folders and over labelled images. */
  sweep: WorkerClient<VisionMethods & EvaluationMethods>;
  training: WorkerClient<TrainingMethods>;
  /** Runs `use` with a process for one reading of labels, which has little memory and ends with it. */
  labels<T>(use: (reader: WorkerClient<LabelMethods>) => Promise<T>): Promise<T>;
  /** Processes started from now on compute under the settings of now; those at work finish first. */
  renew(): void;
  close(): void;
}

/** Makes the clients. `threads` says at each start how many may compute (0: as the program thinks best); `onCrash` hears when a process died. */
export function createWorkers(spawnWith: Spawn, threads: () => number, onCrash: (error: StudioError) => void): Workers {
  const spawn = (execArgv: readonly string[] = []) =>
    spawnWith(threads() > 0 ? { TTFNET_THREADS: String(threads()) } : {}, execArgv);
  const pixels = new WorkerClient<PixelMethods>('image', () => spawn(), onCrash);
  const vision = new WorkerClient<VisionMethods>('model', () => spawn(), onCrash);
  const sweep = new WorkerClient<VisionMethods & EvaluationMethods>('detection', () => spawn(), onCrash);
  const training = new WorkerClient<TrainingMethods>('training', () => spawn(), onCrash);
  const all = [pixels, vision, sweep, training];
  const readers = new Set<WorkerClient<LabelMethods>>();
  const labels: Workers['labels'] = async (use) => {
    const reader = new WorkerClient<LabelMethods>(
      'label',
      () => spawn([heapLimit(readerMegabytes)]),
      () => undefined, // whoever reads is told
    );
    readers.add(reader);
    return use(reader).finally(() => {
      readers.delete(reader);
      reader.close();
    });
  };
  return {
    labels,
    ...{ pixels, vision, sweep, training },
    renew: () => all.forEach((client) => client.renew()),
    close: () => [...all, ...readers].forEach((client) => client.close()),
  };
}
