// The program's child processes by kind, so that none waits for another: a heatmap for a folder sweep, a thumbnail for a heatmap.
import type { EvaluationMethods, PixelMethods, TrainingMethods, VisionMethods } from './methods.ts';
import { WorkerClient, type Spawn } from './workerClient.ts';

/** One client for each kind; a process starts with the first request. */
export interface Workers {
  pixels: WorkerClient<PixelMethods>;
  /** The model while labelling. */
  vision: WorkerClient<VisionMethods>;
  /** The model over folders and over labelled images. */
  sweep: WorkerClient<VisionMethods & EvaluationMethods>;
  training: WorkerClient<TrainingMethods>;
  close(): void;
}

/** Makes the clients. `onCrash` hears a sentence when a process died. */
export function createWorkers(spawn: Spawn, onCrash: (message: string) => void): Workers {
  const pixels = new WorkerClient<PixelMethods>('image', spawn, onCrash);
  const vision = new WorkerClient<VisionMethods>('model', spawn, onCrash);
  const sweep = new WorkerClient<VisionMethods & EvaluationMethods>('detection', spawn, onCrash);
  const training = new WorkerClient<TrainingMethods>('training', spawn, onCrash);
  const close = () => [pixels, vision, sweep, training].forEach((client) => client.close());
  return { pixels, vision, sweep, training, close };
}
