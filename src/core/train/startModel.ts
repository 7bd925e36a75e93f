// What a run starts from: labels that can train, and the weights that suit its classes.
import { StudioError } from '../../shared/errors.ts';
import type { WeightsModel } from '../model/openModel.ts';
import type { WeightMap } from '../nn/parameters.ts';
import type { Network } from '../ttfnet/networks/network.ts';
import type { TrainConfig } from './config.ts';
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

/** Parameters of the heatmap and the size head: they are called alike in all networks. */
const headName = /^(bbox_)?head\.(hm|wh)\./;

/**
 * The start weights that the run takes over: all for the same classes, else without the layers that depend on them; with `freshHeads`
 * without both heads.
 */
export function startWeights(
  start: WeightsModel,
  classes: readonly string[],
  network: Network,
  { freshHeads }: Pick<TrainConfig, 'freshHeads'>,
): WeightMap {
  const same = start.description.classes.join('\n') === classes.join('\n');
  const isLeft = (name: string): boolean =>
    (freshHeads && headName.test(name)) || (!same && network.classHead.some((prefix) => name.startsWith(prefix)));
  return new Map([...start.weights].filter(([name]) => !isLeft(name)));
}

/** Which of the parameters without start weights learn at the rate of a fresh head; none where more than the heads is fresh. */
export const freshHead = (initialized: readonly string[]): readonly string[] =>
  initialized.every((name) => headName.test(name)) ? initialized : [];
