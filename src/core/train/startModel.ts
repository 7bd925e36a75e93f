// The weights that a run starts from: those that suit its classes.
import { StudioError } from '../../shared/errors.ts';
import type { WeightsModel } from '../model/openModel.ts';
import type { WeightMap } from '../nn/parameters.ts';
import type { Network } from '../ttfnet/networks/network.ts';
import type { TrainConfig } from './config.ts';

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

/**
 * Where in the schedule a run begins that goes on with another program's checkpoint. The epoch counts: with another batch than the
 * checkpoint's, an epoch has another number of steps here.
 * @param adopted whether its momentum was taken over
 * @throws argument-invalid, model-invalid when the run can't go on from there
 */
export function continuedPlace(
  { source, progress }: WeightsModel,
  adopted: boolean,
  stepsPerEpoch: number,
  { epochs, optimizer }: Pick<TrainConfig, 'epochs' | 'optimizer'>,
): { step: number; epoch: number } {
  if (optimizer !== 'sgd' || epochs === null)
    throw new StudioError(
      'argument-invalid',
      "Going on with a checkpoint's schedule needs the optimizer sgd and a number of epochs. Add --schedule 1x, or --optimizer sgd and --epochs.",
    );
  const { epoch, iteration } = progress ?? { epoch: null, iteration: null };
  if (!adopted || (epoch === null && iteration === null))
    throw new StudioError(
      'model-invalid',
      `${source} ${adopted ? 'says neither epoch nor iteration' : 'has no momentum for all that this run trains'}: its schedule can't go on. Use a checkpoint with its optimizer, of the same classes and frozen stages, or start without --continue-schedule.`,
    );
  const exact = iteration !== null && (epoch === null || Math.floor(iteration / stepsPerEpoch) === epoch);
  const step = exact ? iteration : epoch! * stepsPerEpoch;
  const done = Math.floor(step / stepsPerEpoch);
  if (done < epochs) return { step, epoch: done };
  throw new StudioError(
    'argument-invalid',
    `${source} has ${done} epochs behind it, and this run ends after ${epochs}. Give more with --epochs.`,
  );
}
