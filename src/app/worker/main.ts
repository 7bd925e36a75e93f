// Entry of the program's child processes.
import type { PixelMethods, VisionMethods } from './methods.ts';
import { pixelMethods } from './pixels.ts';
import { parentPort, serveWorker } from './serveWorker.ts';
import { visionMethods } from './vision.ts';

serveWorker<PixelMethods & VisionMethods>(parentPort(), { ...pixelMethods, ...visionMethods });
