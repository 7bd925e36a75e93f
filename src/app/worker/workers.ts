// The program's child processes by kind.
import type { PixelMethods } from './methods.ts';
import { WorkerClient, type Spawn } from './workerClient.ts';

/** One client for each kind; a process starts with the first request. */
export interface Workers {
  pixels: WorkerClient<PixelMethods>;
  close(): void;
}

/** Makes the clients. `onCrash` hears a sentence when a process died. */
export function createWorkers(spawn: Spawn, onCrash: (message: string) => void): Workers {
  const pixels = new WorkerClient<PixelMethods>('image', spawn, onCrash);
  return { pixels, close: () => pixels.close() };
}
