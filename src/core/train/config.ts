// All settings of a training run, their limits and their presets.
import { z } from 'zod';
import { StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import { augmentPresets } from '../image/augment/pipeline.ts';

const augmentNames = Object.keys(augmentPresets) as [keyof typeof augmentPresets, ...(keyof typeof augmentPresets)[]];

/** Schema of a run's settings: what config.json holds. */
export const trainConfigSchema = z.strictObject({
  /** Start point: the base network, a run folder or a checkpoint. */
  start: z.string().min(1),
  /** Passes over the training images; null when {@link TrainConfig.minutes} limits the run. */
  epochs: z.number().int().min(1).max(10_000).nullable(),
  /** Training time, evaluation not counted; null when epochs limit the run. */
  minutes: z.number().positive().max(100_000).nullable(),
  /** Network input in pixels. */
  width: z.number().int().min(64).max(4096),
  height: z.number().int().min(64).max(4096),
  batch: z.number().int().min(1).max(256),
  seed: z.number().int().min(0),
  optimizer: z.enum(['adamw', 'sgd']),
  /** Rate at a batch of {@link rateBatch}; scaled linearly to the run's batch. */
  learningRate: z.number().positive().max(10),
  momentum: z.number().min(0).max(1),
  weightDecay: z.number().min(0).max(1),
  /** Largest L2 norm of all gradients together; null for no limit. */
  clipNorm: z.number().positive().nullable(),
  schedule: z.enum(['cosine', 'step', 'constant']),
  warmupSteps: z.number().int().min(0),
  /** Goes on where the official checkpoint that the run starts from stood: its momentum, its epoch and iteration in the schedule. */
  continueSchedule: z.boolean().default(false),
  /** Factor on the learning rate of a class head that starts fresh on a trained network: it has further to go than the rest. */
  freshRate: z.number().min(0.01).max(100),
  /** Both heads start anew, not the class head alone: for comparing what teaches them, from a start whose size head has learned already. */
  freshHeads: z.boolean().default(false),
  /** Stages from the input on that don't train. */
  frozenStages: z.number().int().min(0).max(5),
  /** Decay of the running average of weights that is evaluated and kept; 0 keeps the weights themselves. */
  averageDecay: z.number().min(0).max(0.99999),
  augment: z.enum(augmentNames),
  heatmapWeight: z.number().min(0),
  sizeWeight: z.number().min(0),
  /** Shape of a heatmap peak: the paper's ellipse, or CornerNet's circle. */
  kernel: z.enum(['elliptic', 'isotropic']).default('elliptic'),
  /** Which cells learn a box's size: the paper's Gaussian, all in the middle of the box alike, or the centre alone (CenterNet). */
  sampling: z.enum(['gaussian', 'center-region', 'center']).default('gaussian'),
  /** Portion of a box that its heatmap peak covers. */
  alpha: z.number().positive().max(1).default(0.54),
  /** Portion of a box that learns its size. */
  beta: z.number().positive().max(1).default(0.54),
  /** What the weights of a box sum to, by its area. */
  areaWeight: z.enum(['log', 'sqrt', 'norm', 'none']).default('log'),
  /** Boxes that leave the image or have no area: made safe, or treated as the official code does. */
  badBoxes: z.enum(['clip', 'official']).default('clip'),
  /** Convolutions in each shortcut of the paper's networks, deepest first; null for the network's own (1, 2, 3). */
  shortcuts: z.array(z.number().int().min(0).max(3)).max(3).nullable().default(null),
  /** Four distances for all classes, or four per class; null for the network's own. */
  sizeHead: z.enum(['agnostic', 'per-class']).nullable().default(null),
  /** Batch norms learn from the batch, or keep the start's statistics and scales, which suits tiny batches. */
  norms: z.enum(['batch', 'frozen']).default('batch'),
  /** Residual blocks of a fresh ResNet start as the identity; the official runs from scratch turn it off. */
  zeroInitResidual: z.boolean().default(true),
  /** Evaluate after every so many epochs; below 1 several times in each. */
  evaluateEvery: z.number().min(0.01).max(10_000),
  /** Stop after so many evaluations without a better AP; null never stops early. */
  patience: z.number().int().min(1).nullable(),
});

/** Settings of a training run. */
export type TrainConfig = z.infer<typeof trainConfigSchema>;

/** Batch size that learning rates are given for. */
export const rateBatch = 8;

/** Settings that suit fine-tuning of the base network; found on BCCD and on twenty-image sets (see bench). */
export const defaultConfig: TrainConfig = {
  start: 'coco-mobilenetv3',
  epochs: 24,
  minutes: null,
  width: 512,
  height: 512,
  batch: 8,
  seed: 0,
  optimizer: 'adamw',
  learningRate: 4e-4,
  momentum: 0.9,
  weightDecay: 4e-4,
  clipNorm: 35,
  schedule: 'cosine',
  warmupSteps: 20,
  continueSchedule: false,
  freshRate: 50,
  freshHeads: false,
  frozenStages: 2,
  averageDecay: 0.98,
  augment: 'light',
  heatmapWeight: 1,
  sizeWeight: 5,
  kernel: 'elliptic',
  sampling: 'gaussian',
  alpha: 0.54,
  beta: 0.54,
  areaWeight: 'log',
  badBoxes: 'clip',
  shortcuts: null,
  sizeHead: null,
  norms: 'batch',
  zeroInitResidual: true,
  evaluateEvery: 1,
  patience: null,
};

/** Ready-made settings: how long a person wants to wait. */
export const presets = {
  quick: { epochs: null, minutes: 3, augment: 'light' },
  standard: { epochs: 24, minutes: null, augment: 'light' },
  thorough: { epochs: 72, minutes: null, frozenStages: 1, augment: 'standard', patience: 12 },
} as const satisfies Record<string, Partial<TrainConfig>>;

/** Learning rate that suits an optimizer at {@link rateBatch}: SGD's is a third of the paper's (0.016 for 128, scaled), the batch norms being folded. */
export const suitableRate = { adamw: defaultConfig.learningRate, sgd: 3e-4 } as const;

/**
 * Completes and checks settings.
 * @throws argument-invalid naming the setting, its value and what is valid
 */
export function makeConfig(settings: Partial<TrainConfig>): TrainConfig {
  const optimizer = settings.optimizer ?? defaultConfig.optimizer;
  const given = Object.fromEntries(
    Object.entries(settings as Record<string, unknown>).filter(([, v]) => v !== undefined),
  );
  const timed = settings.minutes && !('epochs' in given) ? { epochs: null } : {};
  const parsed = trainConfigSchema.safeParse({
    ...defaultConfig,
    learningRate: suitableRate[optimizer],
    ...timed,
    ...given,
  });
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const name = issue.path.join('.');
    throw new StudioError(
      'argument-invalid',
      `The setting ${name} can't be ${JSON.stringify(settings[name as keyof TrainConfig])}: ${issue.message}.`,
      undefined,
      said('train.setting', { name, value: JSON.stringify(settings[name as keyof TrainConfig]) }),
    );
  }
  if (parsed.data.epochs === null && parsed.data.minutes === null)
    throw new StudioError('argument-invalid', 'A run needs an end: give epochs or minutes.');
  return parsed.data;
}
