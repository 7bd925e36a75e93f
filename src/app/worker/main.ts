// Entry of the program's child processes.
import type { EvaluationMethods, PixelMethods, TrainingMethods, VisionMethods } from './methods.ts';
import { pixelMethods } from './pixels.ts';
import { parentPort, serveWorker } from './serveWorker.ts';
import { trainingMethods } from './training.ts';
import { visionMethods } from './vision.ts';

type Methods = PixelMethods & VisionMethods & EvaluationMethods & TrainingMethods;

serveWorker<Methods>(parentPort(), { ...pixelMethods, ...visionMethods, ...trainingMethods });
