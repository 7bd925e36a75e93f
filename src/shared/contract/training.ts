// Contract: training. Readiness, presets with an estimate measured here, runs with live events, pause, resume, stop-and-keep-best.
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { findings, id, nothing, progressThen, saidSentence, toldSentence } from './common.ts';

/** How thoroughly to train. */
export const preset = z.enum(['quick', 'standard', 'thorough']);

/** How training pictures are changed each time they are seen: not at all, mirrored, also in brightness, also in place and size, or all that SSD does. */
export const augment = z.enum(['none', 'flip', 'light', 'standard', 'ssd']);

/** Most images that a run repaints as it learns. */
export const mostWatched = 6;

/** Everything a person can set; what is left out comes from the preset. */
export const trainingConfig = z.object({
  /** Model to start from, an id of `models.list`. */
  start: id,
  preset,
  name: z.string().trim().max(200).optional(),
  epochs: z.number().int().positive().max(10_000).optional(),
  /** Stop after this many minutes and keep the best. */
  minutes: z.number().positive().max(100_000).optional(),
  inputSize: z.number().int().min(128).max(2048).multipleOf(32).optional(),
  batch: z.number().int().min(1).max(256).optional(),
  optimizer: z.enum(['sgd', 'adamw']).optional(),
  learningRate: z.number().positive().max(1).optional(),
  /** Stages of the backbone that stay as they are, counted from the image. */
  frozenStages: z.number().int().min(0).max(8).optional(),
  augment: augment.optional(),
  seed: z.number().int().nonnegative().max(0xffffffff).optional(),
  /** Epochs without a better AP before it stops; 0 never. */
  patience: z.number().int().nonnegative().max(1000).optional(),
});
/** {@link trainingConfig} as a type. */
export type TrainingConfig = z.infer<typeof trainingConfig>;

/** Something that stands in the way of training, or makes it poor. `code` is a stable key for the catalogue of strings. */
export const readinessIssue = z.object({
  severity: z.enum(['blocking', 'warning']),
  code: z.enum([
    'no-classes',
    'no-labels',
    'class-empty',
    'class-few',
    'no-validation',
    'few-images',
    'duplicates-across-splits',
  ]),
  message: z.string(),
  said: saidSentence,
  classId: id.optional(),
});

/** What a preset would do on this project and machine. */
export const presetEstimate = z.object({
  preset,
  /** `null` where time limits the run and its speed isn't known. */
  epochs: z.number().int().nullable(),
  batch: z.number().int(),
  inputSize: z.number().int(),
  /** Seconds of the whole run with its evaluations, from the speed measured here; `null` while that isn't known. */
  seconds: z.number().nullable(),
  /** Images a second that it trains; `null` while that isn't known. */
  imagesPerSecond: z.number().nullable(),
});

/** What the presets would take, and what that is based on. */
export const trainingEstimate = z.object({
  presets: z.array(presetEstimate),
  processor: z.string(),
  processorReasons: z.array(toldSentence),
  /** When the oldest speed in use was measured, milliseconds since 1970; `null` when none is known because a run is going on. */
  measuredAt: z.number().nullable(),
  /** Labelled images that it was reckoned for. */
  trainImages: z.number().int(),
  valImages: z.number().int(),
});
/** {@link trainingEstimate} as a type. */
export type TrainingEstimate = z.infer<typeof trainingEstimate>;

/** An image that a run repaints. */
export const watchedImage = z.object({
  id,
  /** Its path in the project; empty when it is in the project no more. */
  path: z.string(),
  /** Its file isn't there (any more): the run goes on without a picture of it. */
  gone: z.boolean(),
  /** When its picture was painted, milliseconds since 1970, which is the `version` for `mediaUrl.preview`; `null` while there is none. */
  painted: z.number().int().nullable(),
});
/** {@link watchedImage} as a type. */
export type WatchedImage = z.infer<typeof watchedImage>;

/** Which images a run repaints, or the next run will. */
export const watched = z.object({
  images: z.array(watchedImage),
  /** A person chose them; otherwise those with the most boxes are taken. */
  chosen: z.boolean(),
  /** The part they are chosen from: training images where no validation image is labelled. */
  split: z.enum(['val', 'train']),
  /** How many can be chosen. */
  most: z.number().int(),
});
/** {@link watched} as a type. */
export type Watched = z.infer<typeof watched>;

/** A training image as a run would be shown it. Its picture: `mediaUrl.sample`. */
export const augmentedSample = z.object({ id, path: z.string(), boxes: z.number().int() });
/** {@link augmentedSample} as a type. */
export type AugmentedSample = z.infer<typeof augmentedSample>;

/** Average losses of an epoch or of the last steps. */
const losses = z.object({ total: z.number(), heatmap: z.number(), size: z.number() });

/** Where a run stands. `interrupted`: the program or machine went away; it can be resumed where it was. */
export const runStatus = z.enum(['waiting', 'running', 'paused', 'finished', 'stopped', 'interrupted', 'failed']);

/** One epoch's outcome; AP values 0 to 1, `null` when there was no validation. */
export const epochMetrics = z.object({
  epoch: z.number().int(),
  seconds: z.number(),
  learningRate: z.number(),
  losses,
  ap: z.number().nullable(),
  ap50: z.number().nullable(),
});
/** {@link epochMetrics} as a type. */
export type EpochMetrics = z.infer<typeof epochMetrics>;

/** One training run. */
export const runInfo = z.object({
  id,
  name: z.string(),
  note: z.string(),
  status: runStatus,
  config: trainingConfig,
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  /** Epochs that it will have; an estimate while a run limited by time goes on, 0 before its first step. */
  epochs: z.number().int(),
  epochsDone: z.number().int(),
  secondsSpent: z.number(),
  bestAp: z.number().nullable(),
  /** Model id of its best weights, once there are any. */
  model: id.nullable(),
  /** The sentence to show when it failed. */
  error: z.string().nullable(),
  /** The same by key, where there is one. */
  errorSaid: saidSentence.nullable(),
});
/** {@link runInfo} as a type. */
export type RunInfo = z.infer<typeof runInfo>;

/** What a live run tells. A subscriber gets a `snapshot` first, also after a reconnect. */
export const trainingEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), run: runInfo, metrics: z.array(epochMetrics) }),
  z.object({
    type: z.literal('step'),
    epoch: z.number().int(),
    step: z.number().int(),
    stepsPerEpoch: z.number().int(),
    losses,
    learningRate: z.number(),
    imagesPerSecond: z.number(),
    /** Share of the whole run that is done, 0 to 1: of its epochs, or of its time where that limits it. */
    share: z.number().min(0).max(1),
    /** Epochs that the run will have: an estimate, renewed with each step, where time limits it. */
    epochs: z.number().int(),
    /** Seconds trained so far (evaluation not counted), and how many there are where time limits the run. */
    secondsSpent: z.number(),
    secondsBudget: z.number().nullable(),
    secondsLeft: z.number().nullable(),
    /** `cpu`, `cuda` … and why it isn't a faster one. */
    processor: z.string(),
    processorReasons: z.array(toldSentence),
  }),
  z.object({ type: z.literal('epoch'), metrics: epochMetrics }),
  /** Pictures of the watched images are new, or others are watched. */
  z.object({ type: z.literal('previews'), images: z.array(watchedImage) }),
  /** What its labels leave out, change or lack: known before it starts, and more when an image can't be read. */
  z.object({ type: z.literal('findings'), findings }),
  z.object({ type: z.literal('status'), run: runInfo }),
]);
/** {@link trainingEvent} as a type. */
export type TrainingEvent = z.infer<typeof trainingEvent>;

const ref = z.object({ project: id, run: id });

/** Calls on training. */
export const training = {
  /** What is missing; empty when all is well. */
  readiness: oc.input(z.object({ project: id })).output(z.array(readinessIssue)),
  /**
   * What each preset would take with these settings, from the speed of real steps on this machine. A speed that was measured before is
   * used again, until the machine, its threads or the program change; `again` measures anew. Nothing is measured while a run is going on.
   */
  estimate: oc
    .input(
      z.object({
        project: id,
        start: id,
        settings: trainingConfig
          .pick({ epochs: true, minutes: true, inputSize: true, batch: true, optimizer: true, frozenStages: true })
          .default({}),
        again: z.boolean().default(false),
      }),
    )
    .output(eventIterator(progressThen(trainingEstimate))),
  /** Some training images changed as a run would change them, with boxes (and the heatmap that they teach) painted on. */
  samples: oc
    .input(
      z.object({
        project: id,
        settings: trainingConfig.pick({ preset: true, augment: true, inputSize: true }),
        /** Which images, and how they are changed: the same seed gives the same. */
        seed: z.number().int().nonnegative().max(0xffffffff),
        heat: z.boolean(),
        count: z.number().int().min(1).max(12),
      }),
    )
    .output(eventIterator(progressThen(z.array(augmentedSample)))),
  /** The images that a run repaints; without `run`, those that the next one will. */
  watched: oc.input(z.object({ project: id, run: id.optional() })).output(watched),
  /**
   * Chooses them, for this run and the ones to come; `null` leaves the choice to the program. A run that is going on paints the new ones
   * with its next step once it has learnt an epoch, and is not held up.
   */
  watch: oc
    .input(z.object({ project: id, run: id.optional(), images: z.array(id).min(1).max(mostWatched).nullable() }))
    .output(watched),
  /** Freezes the labels as they are and starts a run on them; one run at a time, later ones wait. */
  start: oc.input(z.object({ project: id, config: trainingConfig })).output(runInfo),
  /** Live events of a run; ends when the run does. Leaving the stream doesn't stop the run. */
  events: oc.input(ref).output(eventIterator(trainingEvent)),
  pause: oc.input(ref).output(nothing),
  /** Goes on after a pause, a crash or a restart, where it was. */
  resume: oc.input(ref).output(nothing),
  /** Ends it and keeps the best weights so far. */
  stop: oc.input(ref).output(nothing),
  /** Runs of the project, newest first. */
  runs: oc.input(z.object({ project: id })).output(z.array(runInfo)),
  /** One run and its curve. */
  run: oc
    .input(ref)
    .output(z.object({ run: runInfo, metrics: z.array(epochMetrics), previews: z.array(watchedImage), findings })),
  update: oc
    .input(ref.extend({ name: z.string().trim().min(1).max(200).optional(), note: z.string().max(20_000).optional() }))
    .output(runInfo),
  /** Deletes a run that isn't running, with its weights. */
  delete: oc.input(ref).output(nothing),
};
