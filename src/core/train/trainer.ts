// The training loop: reads top to bottom, can be killed at any moment and goes on from its last checkpoint with the same numbers.
import { z } from 'zod';
import { StudioError } from '../../shared/errors.ts';
import type { LabelledImage } from '../../shared/labels.ts';
import { Detector } from '../detect/detector.ts';
import { detectLabelled } from '../detect/evaluateModel.ts';
import { evaluate } from '../evaluate/coco.ts';
import type { Evaluation } from '../evaluate/types.ts';
import { loadCheckpoint, saveCheckpoint, type Checkpoint } from '../model/checkpoint.ts';
import { descriptionVersion, type ModelDescription } from '../model/description.ts';
import { openWeights, type WeightsModel } from '../model/openModel.ts';
import type { WeightMap } from '../nn/parameters.ts';
import { rateAt, scaledRate, type Schedule } from '../optim/schedule.ts';
import type { ProviderName } from '../runtime/providerNames.ts';
import { withVariant } from '../ttfnet/networks/paperNetworks.ts';
import { networkNamed } from '../ttfnet/networks/table.ts';
import { rateBatch, type TrainConfig } from './config.ts';
import { RunFolder, type RunLabels } from './runFolder.ts';
import { fillBatch, SampleSource, targetMapsOf, targetSettingsOf } from './samples.ts';
import { TrainingStep, type LayoutChoice } from './step.ts';

/** What a run tells while it works. */
export type TrainEvent =
  | {
      type: 'start';
      resumedFrom: number | null;
      layout: string;
      initialized: readonly string[];
      /** What became of each tensor of another program's start file; null for our own. */
      report: string | null;
      images: number;
      batch: number;
      learningRate: number;
    }
  | {
      type: 'step';
      step: number;
      epoch: number;
      /** Steps the run will take: exact when epochs limit it, an estimate when time does. */
      total: number;
      heatmapLoss: number;
      sizeLoss: number;
      rate: number;
      imagesPerSecond: number;
      secondsLeft: number;
    }
  | { type: 'evaluating'; done: number; of: number }
  | {
      type: 'epoch';
      epoch: number;
      split: 'val' | 'monitor';
      evaluation: Evaluation;
      best: boolean;
      trainSeconds: number;
    }
  | { type: 'image-failed'; path: string; reason: string }
  | { type: 'end'; reason: StopReason; steps: number; epochs: number; trainSeconds: number };

/** Why a run ended. */
export type StopReason = 'finished' | 'time' | 'early-stop' | 'stopped';

/** Options of {@link train} that are not part of the run itself. */
export interface TrainOptions {
  onEvent?: (event: TrainEvent) => void;
  /** Aborting stops after the step in progress and keeps the best checkpoint. */
  signal?: AbortSignal;
  provider?: ProviderName;
  layout?: LayoutChoice;
}

/** Seconds between checkpoints inside an epoch. */
const checkpointEvery = 30;

const stateSchema = z.object({
  step: z.number().int(),
  epoch: z.number().int(),
  trainSeconds: z.number(),
  total: z.number(),
  bestAp: z.number().nullable(),
  sinceBest: z.number().int(),
  finished: z.boolean(),
  /** Parameters that learn at the rate of a fresh head, for as long as the run lasts. */
  fresh: z.array(z.string()),
});

/** Where a run stands; saved in its last checkpoint. */
type TrainState = z.infer<typeof stateSchema>;

/** Starts a new run in an empty folder. @throws as {@link resumeTraining}, and run-invalid when `out` holds a run */
export async function startTraining(
  out: string,
  config: TrainConfig,
  labels: RunLabels,
  options: TrainOptions = {},
): Promise<RunFolder> {
  mustHaveImages(labels);
  const start = await openWeights(config.start); // before the folder is made: a wrong start leaves nothing behind
  const run = await RunFolder.create(out, config, labels);
  await new Trainer(run, config, labels, options).run(start, null);
  return run;
}

/**
 * Goes on with a run from its last checkpoint; one that ended stays as it is.
 * @throws run-invalid, training-diverged, dataset-empty, disk-full, model-invalid
 */
export async function resumeTraining(out: string, options: TrainOptions = {}): Promise<RunFolder> {
  const { run, config, labels } = await RunFolder.open(out);
  const last = await lastCheckpoint(run);
  const start = last
    ? { kind: 'weights' as const, source: run.root, description: last.description, weights: last.weights }
    : await openWeights(config.start);
  await new Trainer(run, config, labels, options).run(start, last);
  return run;
}

/** Whether a run came to its end, so that resuming would leave it as it is. @throws model-invalid when its checkpoint is damaged */
export async function hasEnded(run: RunFolder): Promise<boolean> {
  const state = stateSchema.safeParse((await lastCheckpoint(run))?.state);
  return state.success && state.data.finished;
}

/** Null when the run was killed before its first checkpoint. */
const lastCheckpoint = (run: RunFolder): Promise<Checkpoint | null> =>
  loadCheckpoint(run.file('last')).catch((error: unknown) => {
    if (error instanceof StudioError && error.code === 'file-missing') return null;
    throw error;
  });

function mustHaveImages(labels: RunLabels): void {
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

class Trainer {
  readonly #run: RunFolder;
  readonly #config: TrainConfig;
  readonly #labels: RunLabels;
  readonly #options: TrainOptions;
  readonly #source: SampleSource;
  #state: TrainState = {
    step: 0,
    epoch: 0,
    trainSeconds: 0,
    total: 0,
    bestAp: null,
    sinceBest: 0,
    finished: false,
    fresh: [],
  };

  constructor(run: RunFolder, config: TrainConfig, labels: RunLabels, options: TrainOptions) {
    this.#run = run;
    this.#config = config;
    this.#labels = labels;
    this.#options = options;
    this.#source = new SampleSource(labels.train, labels.imageRoot, config);
  }

  async run(start: WeightsModel, last: Checkpoint | null): Promise<void> {
    if (last) this.#state = this.#readState(last);
    if (this.#state.finished) return;
    await this.#run.truncateMetrics(this.#state.step);
    const network = networkNamed(withVariant(start.description.network, this.#config));
    const weights = withoutOtherClasses(start, this.#labels.classes, network.classHead);
    const step = await TrainingStep.create(network, weights, this.#labels.classes.length, this.#config, {
      ...this.#options,
      fresh: last ? this.#state.fresh : undefined,
    });
    this.#state.fresh = [...step.fresh];
    if (last) step.restore(last.extra, this.#state.step);
    const { batch } = this.#config;
    this.#emit({
      type: 'start',
      resumedFrom: last ? this.#state.step : null,
      layout: step.layout,
      initialized: step.initialized,
      report: last ? null : (start.report ?? null),
      images: this.#labels.train.length,
      batch,
      learningRate: this.#schedule(0).rate,
    });
    try {
      const reason = await this.#epochs(step, network.name);
      this.#state.finished = reason !== 'stopped';
      await this.#save(step, network.name);
      const { step: steps, epoch: epochs, trainSeconds } = this.#state;
      this.#emit({ type: 'end', reason, steps, epochs, trainSeconds });
    } finally {
      await step.release();
    }
  }

  async #epochs(step: TrainingStep, network: string): Promise<StopReason> {
    const { epochs, patience } = this.#config;
    for (;;) {
      const stopped = await this.#epoch(step, network);
      if (stopped === 'stopped') return stopped;
      const atEnd = stopped === 'time' || this.#state.epoch === epochs;
      if (atEnd || this.#evaluationDue()) {
        const better = await this.#evaluate(step, network);
        await this.#save(step, network);
        if (better !== null) this.#state.sinceBest = better ? 0 : this.#state.sinceBest + 1;
      }
      if (atEnd) return stopped ?? 'finished';
      if (patience !== null && this.#state.sinceBest >= patience) return 'early-stop';
    }
  }

  #evaluationDue(): boolean {
    return this.#state.step % Math.max(1, Math.round(this.#config.evaluateEvery * this.#source.stepsPerEpoch)) === 0;
  }

  /** Trains what is left of the current epoch, or up to an evaluation inside it. @returns null there, or why it ended before */
  async #epoch(step: TrainingStep, network: string): Promise<StopReason | null> {
    const { batch } = this.#config;
    const perEpoch = this.#source.stepsPerEpoch;
    const maps = targetMapsOf(step.buffers, this.#config, this.#labels.classes.length);
    const settings = targetSettingsOf(this.#config, maps);
    let [filled, saved, begun] = [0, performance.now(), performance.now()];
    for await (const sample of this.#source.epoch(
      this.#state.epoch,
      this.#state.step % perEpoch,
      this.#options.signal,
    )) {
      fillBatch(step.buffers, filled++, sample, maps, settings);
      if (filled < batch) continue;
      filled = 0;
      const total = this.#plan();
      const rate = rateAt(this.#schedule(total), this.#state.step, total);
      const result = await step.run(rate);
      const seconds = (performance.now() - begun) / 1000;
      begun = performance.now();
      this.#state.step += 1;
      this.#state.trainSeconds += seconds;
      await this.#record({ ...result, rate, imagesPerSecond: batch / seconds });
      if (this.#outOfTime()) {
        this.#endEpochIfComplete();
        return 'time';
      }
      if (this.#options.signal?.aborted) return 'stopped';
      if (this.#evaluationDue()) break;
      if (performance.now() - saved > checkpointEvery * 1000) {
        await this.#save(step, network);
        saved = begun = performance.now();
      }
    }
    this.#endEpochIfComplete();
    return null;
  }

  #endEpochIfComplete(): void {
    if (this.#state.step % this.#source.stepsPerEpoch === 0) this.#state.epoch += 1;
    for (const [path, reason] of this.#source.failed) this.#emit({ type: 'image-failed', path, reason });
  }

  /** Steps of the whole run. A time limit is planned anew from the speed so far, so that the schedule ends with the time. */
  #plan(): number {
    const { epochs, minutes } = this.#config;
    const perEpoch = this.#source.stepsPerEpoch;
    if (minutes === null) return (this.#state.total = epochs! * perEpoch);
    const { step, trainSeconds } = this.#state;
    const possible = step < 3 ? 1000 : Math.max(step + 1, Math.round((step * minutes * 60) / trainSeconds));
    return (this.#state.total = epochs === null ? possible : Math.min(possible, epochs * perEpoch));
  }

  #outOfTime(): boolean {
    const { minutes } = this.#config;
    const { step, trainSeconds } = this.#state;
    return minutes !== null && trainSeconds + (0.5 * trainSeconds) / step >= minutes * 60;
  }

  /** @param total planned steps: a short run warms up for a tenth of them at most */
  #schedule(total: number): Schedule {
    const { learningRate, batch, warmupSteps, schedule } = this.#config;
    const decay =
      schedule === 'cosine'
        ? ({ kind: 'cosine', floor: 0.01 } as const)
        : schedule === 'step'
          ? ({ kind: 'step', at: [0.75, 11 / 12], factor: 0.1 } as const)
          : ({ kind: 'constant' } as const);
    return {
      rate: scaledRate(learningRate, rateBatch, batch),
      warmupSteps: Math.min(warmupSteps, Math.ceil(total / 10)),
      warmupRatio: 0.2,
      decay,
    };
  }

  async #record(result: {
    heatmapLoss: number;
    sizeLoss: number;
    gradientNorm: number;
    rate: number;
    imagesPerSecond: number;
  }): Promise<void> {
    const { heatmapLoss, sizeLoss, gradientNorm, rate, imagesPerSecond } = result;
    const { step, epoch, total, trainSeconds } = this.#state;
    await this.#run.appendMetrics({
      type: 'step',
      step,
      epoch,
      heatmapLoss,
      sizeLoss,
      gradientNorm,
      rate,
      imagesPerSecond,
      trainSeconds,
    });
    const secondsLeft = Math.max(0, ((total - step) * trainSeconds) / step);
    this.#emit({ type: 'step', step, epoch, total, heatmapLoss, sizeLoss, rate, imagesPerSecond, secondsLeft });
  }

  /** Evaluates on the validation and monitor images. @returns whether it is the best so far; null without validation images */
  async #evaluate(step: TrainingStep, network: string): Promise<boolean | null> {
    const { val, monitor } = this.#labels;
    if (monitor?.length) await this.#evaluateOn('monitor', monitor, step, network);
    if (!val?.length) return null;
    const { ap } = (await this.#evaluateOn('val', val, step, network)).summary;
    const better = this.#state.bestAp === null || (ap ?? 0) > this.#state.bestAp;
    if (better) {
      this.#state.bestAp = ap ?? 0;
      const weights = step.weights('averaged');
      await saveCheckpoint(this.#run.file('best'), {
        description: this.#describe(network),
        weights,
        extra: new Map(),
        state: null,
      });
    }
    return better;
  }

  async #evaluateOn(
    split: 'val' | 'monitor',
    images: readonly LabelledImage[],
    step: TrainingStep,
    network: string,
  ): Promise<Evaluation> {
    const model: WeightsModel = {
      kind: 'weights',
      source: this.#run.root,
      description: this.#describe(network),
      weights: step.weights('averaged'),
    };
    const detector = await Detector.create(model, { provider: this.#options.provider });
    try {
      const onImage = (done: number): void => this.#emit({ type: 'evaluating', done, of: images.length });
      const found = await detectLabelled(detector, this.#labels.imageRoot, images, { onImage });
      const evaluation = evaluate(found.images, this.#labels.classes);
      const { epoch, step: at, trainSeconds, bestAp } = this.#state;
      const { ap, ap50, ap75 } = evaluation.summary;
      const perClass = evaluation.perClass.map((c) => ({ name: c.name, ap: c.ap, ap50: c.ap50 }));
      await this.#run.appendMetrics({ type: 'epoch', epoch, step: at, trainSeconds, split, ap, ap50, ap75, perClass });
      const best = split === 'val' && (bestAp === null || (ap ?? 0) > bestAp);
      this.#emit({ type: 'epoch', epoch, split, evaluation, best, trainSeconds });
      return evaluation;
    } finally {
      await detector.release();
    }
  }

  #describe(network: string): ModelDescription {
    const { width, height } = this.#config;
    return {
      version: descriptionVersion,
      network,
      classes: this.#labels.classes,
      width,
      height,
      createdBy: 'ttfnet-studio',
    };
  }

  async #save(step: TrainingStep, network: string): Promise<void> {
    const weights: WeightMap = step.weights('current');
    await saveCheckpoint(this.#run.file('last'), {
      description: this.#describe(network),
      weights,
      extra: step.extra(),
      state: this.#state,
    });
  }

  #readState({ state }: Checkpoint): TrainState {
    const parsed = stateSchema.safeParse(state);
    if (parsed.success) return parsed.data;
    throw new StudioError(
      'run-invalid',
      `${this.#run.file('last')} holds no training state: the run can't go on. Start a new one from it.`,
    );
  }

  #emit(event: TrainEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** The start weights, less those whose shape belongs to other classes; a continued run of the same classes keeps all. */
function withoutOtherClasses(start: WeightsModel, classes: readonly string[], classHead: readonly string[]): WeightMap {
  if (start.description.classes.join('\n') === classes.join('\n')) return start.weights;
  return new Map([...start.weights].filter(([name]) => !classHead.some((prefix) => name.startsWith(prefix))));
}
