// What a run starts from: labels that can train, and the weights that suit its classes.
import { StudioError } from '../../shared/errors.ts';
import type { WeightsModel } from '../model/openModel.ts';
import type { WeightMap } from '../nn/parameters.ts';
import type { RunLabels } from './runFolder.ts';

/** @throws dataset-empty when there is nothing to learn from */
export function mustHaveImages(labels: RunLabels): void {
  if (labels.train.length === 0)
    throw new StudioError(
      'dataset-empty',
      'The training split has no images. Choose another --train-split, or label some images first.',
    );
  if (labels.train.every((image) => image.annotations.length === 0))
    throw new StudioError(
      'dataset-empty',
      'No training image has a box. Draw some boxes first, or check that the annotations were found.',
    );
}

/** The start weights, less those whose shape belongs to other classes; a continued run of the same classes keeps all. */
export function withoutOtherClasses(
  start: WeightsModel,
  classes: readonly string[],
  classHead: readonly string[],
): WeightMap {
  if (start.description.classes.join('\n') === classes.join('\n')) return start.weights;
  return new Map([...start.weights].filter(([name]) => !classHead.some((prefix) => name.startsWith(prefix))));
}
