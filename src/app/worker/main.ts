// Entry of the program's child processes.
import { labelMethods } from './labels.ts';
import type { EvaluationMethods, LabelMethods, PixelMethods, TrainingMethods, VisionMethods } from './methods.ts';
import { outliveRejections } from '../strayErrors.ts';
import { pixelMethods } from './pixels.ts';
import { parentPort, serveWorker } from './serveWorker.ts';
import { trainingMethods } from './training.ts';
import { visionMethods } from './vision.ts';

type Methods = LabelMethods & PixelMethods & VisionMethods & EvaluationMethods & TrainingMethods;

outliveRejections((where, error) => console.error(`[child process: ${where}]`, error));
serveWorker<Methods>(parentPort(), { ...labelMethods, ...pixelMethods, ...visionMethods, ...trainingMethods });
