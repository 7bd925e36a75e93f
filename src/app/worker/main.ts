// Entry of the program's child processes.
import { pixelMethods } from './pixels.ts';
import type { PixelMethods } from './methods.ts';
import { parentPort, serveWorker } from './serveWorker.ts';

serveWorker<PixelMethods>(parentPort(), { ...pixelMethods });
