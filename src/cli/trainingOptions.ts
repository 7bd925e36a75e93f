// The options of commands that train, and the settings they make.
import { Option, type Command } from 'commander';
import {
  baseModelName,
  officialScheduleNames,
  paperNames,
  parseSettings,
  presets,
  settingNames,
  type OfficialSchedule,
  type TrainConfig,
} from '../app/tasks/names.ts';
import { numberIn } from './options.ts';

/** Values of {@link addTrainingOptions}. */
export interface TrainingOptions {
  start?: string;
  preset?: keyof typeof presets;
  epochs?: number;
  minutes?: number;
  size?: number;
  batch?: number;
  seed?: number;
  optimizer?: TrainConfig['optimizer'];
  learningRate?: number;
  network?: string;
  schedule?: TrainConfig['schedule'] | OfficialSchedule;
  frozenStages?: number;
  augment?: TrainConfig['augment'];
  evalEvery?: number;
  continueSchedule?: boolean;
  set: string[];
  trainSplit?: string;
  valSplit?: string;
}

/** Settings that were given, and the choices that decide others. */
export interface Chosen {
  settings: Partial<TrainConfig>;
  network?: string;
  official?: OfficialSchedule;
}

const collected = (value: string, before: string[]): string[] => [...before, value];

/** An option that can be given several times. */
export const listOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(collected).default([], 'none');

/** Adds what `train` and `compare` have in common. */
export function addTrainingOptions(command: Command): Command {
  return command
    .option(
      '--start <model>',
      `what to start from: a run folder, a checkpoint, published weights by name, a network's name for random ones (default ${baseModelName})`,
    )
    .addOption(
      new Option('--network <name>', "one of the paper's networks, from its downloaded backbone").choices([
        ...paperNames,
      ]),
    )
    .addOption(new Option('--preset <name>', 'settings by patience').choices(Object.keys(presets)))
    .option('--epochs <n>', 'passes over the training images', numberIn(1, 10_000, true))
    .option('--minutes <m>', 'training time instead of epochs', numberIn(0.01, 100_000))
    .option('--size <pixels>', 'side of the network input, a multiple of 32 (default 512)', numberIn(64, 4096, true))
    .option('--batch <n>', 'images per step (default 8)', numberIn(1, 256, true))
    .option('--seed <n>', 'seed of everything random (default 0)', numberIn(0, 2 ** 31, true))
    .addOption(new Option('--optimizer <name>', 'default adamw').choices(['adamw', 'sgd']))
    .option('--learning-rate <rate>', 'rate at a batch of 8, scaled with the batch', numberIn(1e-8, 10))
    .addOption(
      new Option(
        '--schedule <name>',
        `how the rate falls (default cosine), or a whole schedule of the official code: ${officialScheduleNames.join(', ')}`,
      ).choices([...decays, ...officialScheduleNames]),
    )
    .option(
      '--frozen-stages <n>',
      'stages of the backbone that stay as they are, from the image on',
      numberIn(0, 5, true),
    )
    .addOption(new Option('--augment <name>', 'default light').choices(['none', 'flip', 'light', 'standard', 'ssd']))
    .option(
      '--continue-schedule',
      'go on where the official .pth of --start stood: its momentum, epoch and learning rate',
    )
    .option('--eval-every <epochs>', 'epochs between evaluations; 0.5 is twice in each', numberIn(0.01, 10_000))
    .addOption(listOption('--set <name=value>', `any other setting, again and again: ${settingNames.join(', ')}`))
    .option('--train-split <name>', 'split to train on')
    .option('--val-split <name>', 'split that chooses the best weights, or none');
}

const decays = ['cosine', 'step', 'constant'] as const;

const isOfficial = (name: string | undefined): name is OfficialSchedule =>
  officialScheduleNames.some((official) => official === name);

/** The settings that the options give; what was left out is left out. @throws argument-invalid for a `--set` that is none */
export function settingsOf(o: TrainingOptions & { patience?: number }): Chosen {
  const preset: Partial<TrainConfig> = o.preset === undefined ? {} : presets[o.preset];
  const limit =
    o.epochs !== undefined || o.minutes !== undefined ? { epochs: o.epochs ?? null, minutes: o.minutes ?? null } : {};
  const official = isOfficial(o.schedule) ? o.schedule : undefined;
  const own = {
    start: o.start,
    width: o.size,
    height: o.size,
    batch: o.batch,
    seed: o.seed,
    optimizer: o.optimizer,
    learningRate: o.learningRate,
    schedule: isOfficial(o.schedule) ? undefined : o.schedule,
    frozenStages: o.frozenStages,
    augment: o.augment,
    patience: o.patience,
    evaluateEvery: o.evalEvery,
    continueSchedule: o.continueSchedule,
  };
  return {
    settings: { ...preset, ...limit, ...defined(own), ...parseSettings(o.set) },
    network: o.network,
    official,
  };
}

/** The options that were given. */
function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => v !== undefined)) as Partial<T>;
}
