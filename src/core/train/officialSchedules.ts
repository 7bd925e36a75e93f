// The schedules of the official configs as settings, as data. Rates are given for a batch of `rateBatch`, like all of this program's.
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

/** The official learning rate of a network, scaled from its batch (96 for TTFNet-53, else 128) to {@link rateBatch}. */
export const officialRate = (network: string): number =>
  network.startsWith('ttfnet-53') ? (0.015 * rateBatch) / 96 : (0.016 * rateBatch) / 128;
