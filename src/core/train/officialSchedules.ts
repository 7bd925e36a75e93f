// The schedules of the official configs as settings, as data. Rates are given for a batch of `rateBatch`, like all of this program's.
import { StudioError } from '../../shared/errors.ts';
import { scaledRate } from '../optim/schedule.ts';
import { paperNames, parseVariant } from '../ttfnet/networks/paperNetworks.ts';
import { rateBatch, type TrainConfig } from './config.ts';

/** What all official runs share. Frozen: the stem and the first stage. */
const shared = {
  minutes: null,
  width: 512,
  height: 512,
  optimizer: 'sgd',
  momentum: 0.9,
  weightDecay: 4e-4,
  clipNorm: 35,
  schedule: 'step',
  warmupSteps: 500,
  frozenStages: 2,
  averageDecay: 0,
  freshRate: 1,
  augment: 'flip',
  heatmapWeight: 1,
  sizeWeight: 5,
  badBoxes: 'official',
} as const satisfies Partial<TrainConfig>;

/** The official schedules; the paper calls the shortest its super-fast one. `scratch` starts from a network's name instead of weights. */
export const officialSchedules = {
  'super-fast': { ...shared, epochs: 12 },
  '1x': { ...shared, epochs: 12 },
  '2x': { ...shared, epochs: 24 },
  '10x': { ...shared, epochs: 120, augment: 'ssd' },
  scratch: { ...shared, epochs: 120, augment: 'ssd', frozenStages: 0, zeroInitResidual: false },
} as const satisfies Record<string, Partial<TrainConfig>>;

/** Name of an official schedule. */
export type OfficialSchedule = keyof typeof officialSchedules;

/** All of them. */
export const officialScheduleNames = Object.keys(officialSchedules) as OfficialSchedule[];

/** Learning rate and the batch it was chosen for. */
const official = (network: string): { rate: number; batch: number } =>
  network.startsWith('ttfnet-53') ? { rate: 0.015, batch: 96 } : { rate: 0.016, batch: 128 };

/**
 * The settings of an official schedule for a network, the learning rate by linear scaling.
 * @param network one of the paper's, or a variant of one
 * @throws argument-invalid for another network: the schedules are made for theirs
 */
export function officialSettings(schedule: OfficialSchedule, network: string): Partial<TrainConfig> {
  if (!parseVariant(network))
    throw new StudioError(
      'argument-invalid',
      `The official schedule ${schedule} is made for the paper's networks, not for ${network}. Choose --network ${paperNames.join(', ')}, or leave the schedule out.`,
    );
  const { rate, batch } = official(network);
  return { ...officialSchedules[schedule], learningRate: scaledRate(rate, batch, rateBatch) };
}

/** What a schedule means for a run, as a sentence for its log: rates, decay, warm-up, what is frozen and how images are changed. */
export function describeSchedule(schedule: OfficialSchedule, network: string, config: TrainConfig): string {
  const { rate, batch } = official(network);
  const own = scaledRate(config.learningRate, rateBatch, config.batch);
  const scaled =
    Math.abs(own - scaledRate(rate, batch, config.batch)) < 1e-12
      ? `learning rate ${rate} for a batch of ${batch}, scaled linearly to ${own.toPrecision(3)} for ${config.batch}`
      : `learning rate ${own.toPrecision(3)} as given (the official one would be ${scaledRate(rate, batch, config.batch).toPrecision(3)})`;
  const frozen = config.frozenStages === 0 ? 'nothing frozen' : 'stem and first stage frozen';
  const parts = [
    `${config.optimizer.toUpperCase()}, ${scaled}`,
    `biases at twice the rate without decay, momentum ${config.momentum}, decay ${config.weightDecay}, clip ${config.clipNorm ?? 'off'}`,
    `warm-up over ${config.warmupSteps} steps or a tenth of the run, a tenth of the rate from 3/4 and a hundredth from 11/12 of the run on`,
    `augmentation ${config.augment}, ${frozen}`,
  ];
  return `Schedule ${schedule} of the official code for ${network}: ${parts.join('; ')}.`;
}
