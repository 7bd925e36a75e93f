// The table of all handlers, one domain each. The compiler refuses a missing one, and so does tests/unit/app/router.test.ts.
import type { Handlers } from '../host/call.ts';
import type { Services } from '../host/services.ts';
import { datasetHandlers } from './dataset.ts';
import { detectHandlers } from './detect.ts';
import { evaluateHandlers } from './evaluate.ts';
import { imageHandlers } from './images.ts';
import { labelHandlers } from './labels.ts';
import { modelHandlers } from './models.ts';
import { projectHandlers } from './project.ts';
import { systemHandlers } from './system.ts';
import { trainingHandlers } from './training.ts';

/** Binds every name of the contract to its function. */
export function createHandlers(services: Services): Handlers {
  return {
    project: projectHandlers(services),
    images: imageHandlers(services),
    labels: labelHandlers(services),
    dataset: datasetHandlers(services),
    training: trainingHandlers(services),
    detect: detectHandlers(services),
    evaluate: evaluateHandlers(services),
    models: modelHandlers(services),
    system: systemHandlers(services),
  };
}
