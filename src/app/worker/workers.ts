// The program's child processes by kind, so that none waits for another: a heatmap for a folder sweep, a thumbnail for a heatmap.
import type { EvaluationMethods, PixelMethods, TrainingMethods, VisionMethods } from './methods.ts';
import type { StudioError } from '../../shared/errors.ts';
import { WorkerClient, type Spawn } from './workerClient.ts';

/** One client for each kind; a process starts with the first request. */
export interface Workers {
  pixels: WorkerClient<PixelMethods>;
  /** The model while labelling. */
  vision: WorkerClient<VisionMethods>;
  /** The model over folders and over labelled images. */
  sweep: WorkerClient<VisionMethods & EvaluationMethods>;
  training: WorkerClient<TrainingMethods>;
  /** Processes started from now on compute under the settings of now; those at work finish first. */
  renew(): void;
  close(): void;
}

/** Makes the clients. `threads` says at each start how many may compute (0: as the program thinks best); `onCrash` hears when a process died. */
export function createWorkers(spawnWith: Spawn, threads: () => number, onCrash: (error: StudioError) => void): Workers {
  const spawn = () => spawnWith(threads() > 0 ? { TTFNET_THREADS: String(threads()) } : {});
  const pixels = new WorkerClient<PixelMethods>('image', spawn, onCrash);
  const vision = new WorkerClient<VisionMethods>('model', spawn, onCrash);
  const sweep = new WorkerClient<VisionMethods & EvaluationMethods>('detection', spawn, onCrash);
  const training = new WorkerClient<TrainingMethods>('training', spawn, onCrash);
  const all = [pixels, vision, sweep, training];
  return {
    ...{ pixels, vision, sweep, training },
    renew: () => all.forEach((client) => client.renew()),
    close: () => all.forEach((client) => client.close()),
  };
}
