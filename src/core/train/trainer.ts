// The training loop: reads top to bottom, can be killed at any moment and goes on from its last checkpoint with the same numbers.
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { clearTemporary } from '../files/atomicWrite.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { saveCheckpoint, type Checkpoint } from '../model/checkpoint.ts';
import { descriptionVersion, type ModelDescription } from '../model/description.ts';
import { openWeights, type WeightsModel } from '../model/openModel.ts';
import { holdFolder } from '../store/folderLock.ts';
import { withVariant } from '../ttfnet/networks/paperNetworks.ts';
import { networkNamed } from '../ttfnet/networks/table.ts';
import { checkLabels } from './checkLabels.ts';
import type { TrainConfig } from './config.ts';
import type { StopReason, TrainEvent, TrainOptions } from './events.ts';
import { awakeSeconds, RunPlan } from './plan.ts';
import { isBetter, RunEvaluation } from './runEvaluation.ts';
import { RunFolder, type RunLabels } from './runFolder.ts';
import { lastCheckpoint, newState, stateIn, type RunState } from './runState.ts';
import { fillBatches, SampleSource } from './samples.ts';
import { continuedPlace, startWeights } from './startModel.ts';
import { TrainingStep, type StepResult } from './step.ts';

/** Seconds between checkpoints inside an epoch. */
const checkpointEvery = 30;

/** Checks the labels and starts a new run in an empty folder. @throws as {@link startChecked} and {@link checkLabels} */
export async function startTraining(
  out: string,
  config: TrainConfig,
  labels: RunLabels,
  options: TrainOptions = {},
): Promise<RunFolder> {
  return startChecked(out, config, await checkLabels(labels, options.signal), options);
}

/** Starts a new run on labels that {@link checkLabels} gave; its folder is locked meanwhile. @throws as {@link resumeTraining}, and run-invalid when `out` holds a run */
export async function startChecked(
  out: string,
  config: TrainConfig,
  checked: RunLabels,
  options: TrainOptions = {},
): Promise<RunFolder> {
  const start = await openWeights(config.start); // before the folder is made: a wrong start leaves nothing behind
  await makeFolder(path.resolve(out));
  return holdFolder(path.resolve(out), async () => {
    const run = await RunFolder.create(out, config, checked);
    options.onEvent?.({ type: 'findings', findings: checked.findings, file: run.file('findings') });
    await new Trainer(run, config, checked, options).run(start, null);
    return run;
  });
}

/**
 * Goes on with a run from its last checkpoint; one that ended stays as it is. Its folder is locked meanwhile.
 * @throws run-invalid, training-diverged, dataset-empty, disk-full, model-invalid; folder-in-use while another program trains it
 */
export async function resumeTraining(out: string, options: TrainOptions = {}): Promise<RunFolder> {
  const { run, config, labels } = await RunFolder.open(out);
  return holdFolder(run.root, async () => {
    for (const folder of [run.root, path.dirname(run.file('last'))]) await clearTemporary(folder);
    const last = await lastCheckpoint(run);
    const start = last
      ? { kind: 'weights' as const, source: run.root, description: last.description, weights: last.weights }
      : await openWeights(config.start);
    await new Trainer(run, config, labels, options).run(start, last);
    return run;
  });
}

class Trainer {
  readonly #run: RunFolder;
  readonly #config: TrainConfig;
  readonly #labels: RunLabels;
  readonly #options: TrainOptions;
  readonly #source: SampleSource;
  readonly #plan: RunPlan;
  readonly #evaluation: RunEvaluation;
  /** Unreadable images that were told of. */
  readonly #told = new Set<string>();
  #state: RunState = newState();

  constructor(run: RunFolder, config: TrainConfig, labels: RunLabels, options: TrainOptions) {
    this.#run = run;
    this.#config = config;
    this.#labels = labels;
    this.#options = options;
    this.#source = new SampleSource(labels.train, labels.imageRoot, config);
    this.#plan = new RunPlan(config, this.#source.stepsPerEpoch);
    this.#evaluation = new RunEvaluation(run, labels, options);
  }

  async run(start: WeightsModel, last: Checkpoint | null): Promise<void> {
    if (last) this.#state = stateIn(last, this.#run);
    if (this.#state.finished) return;
    await this.#run.truncateMetrics(this.#state.step);
    const network = networkNamed(withVariant(start.description.network, this.#config));
    const weights = last ? start.weights : startWeights(start, this.#labels.classes, network, this.#config);
    const step = await TrainingStep.create(network, weights, this.#labels.classes.length, this.#config, {
      ...this.#options,
      fresh: last ? this.#state.fresh : undefined,
    });
    this.#state.fresh = [...step.fresh];
    if (last) step.restore(last.extra, this.#state.step);
    else this.#adopt(start, step);
    this.#emit(this.#startEvent(step, last ? null : start, last !== null));
    try {
      if (!last) await this.#save(step, network.name); // from here on there is always a good checkpoint
      const reason = await this.#epochs(step, network.name).catch(stoppedIfCancelled);
      this.#state.finished = reason !== 'stopped';
      await this.#save(step, network.name);
      const { step: steps, epoch: epochs, trainSeconds } = this.#state;
      this.#emit({ type: 'end', reason, steps, epochs, trainSeconds });
    } finally {
      await step.release();
    }
  }

  /** Takes over what another program's checkpoint knows of its training. */
  #adopt(start: WeightsModel, step: TrainingStep): void {
    const { momentum } = start;
    const adopted = momentum !== undefined && step.initialized.length === 0 && step.adoptMomentum(momentum);
    if (!this.#config.continueSchedule) return;
    const place = continuedPlace(start, adopted, this.#plan.stepsPerEpoch, this.#config);
    Object.assign(this.#state, place, { evaluated: place.step, from: place.step });
  }

  #startEvent(step: TrainingStep, start: WeightsModel | null, resumed: boolean): TrainEvent {
    const total = this.#plan.expected(this.#state);
    return {
      type: 'start',
      resumedFrom: resumed || this.#state.step > 0 ? this.#state.step : null,
      layout: step.layout,
      initialized: step.initialized,
      report: start?.report ?? null,
      images: this.#labels.train.length,
      batch: this.#config.batch,
      stepsPerEpoch: this.#plan.stepsPerEpoch,
      total,
      epochs: this.#plan.epochsIn(total),
      learningRate: this.#plan.fullRate,
    };
  }

  async #epochs(step: TrainingStep, network: string): Promise<StopReason> {
    const { epochs } = this.#config;
    for (;;) {
      const reached = this.#reached();
      if (reached !== null) return reached;
      const stopped = this.#mustEvaluate() ? null : await this.#epoch(step, network);
      if (stopped === 'stopped') return stopped;
      const atEnd = stopped === 'time' || this.#state.epoch === epochs;
      if (atEnd || this.#mustEvaluate()) {
        const better = await this.#evaluate(step, network);
        if (better !== null) this.#state.sinceBest = better ? 0 : this.#state.sinceBest + 1;
        this.#state.evaluated = this.#state.step;
        await this.#save(step, network);
      }
      if (stopped === 'time') return stopped;
    }
  }

  /** Why the run is at its end, also one that was killed after its last evaluation and before that was noted; null while it isn't. */
  #reached(): StopReason | null {
    const { epochs, patience } = this.#config;
    const { step, evaluated, epoch, sinceBest } = this.#state;
    if (step > evaluated) return null;
    if (this.#plan.outOfTime(this.#state)) return 'time';
    if (epoch === epochs) return 'finished';
    return patience !== null && sinceBest >= patience ? 'early-stop' : null;
  }

  /** Whether an evaluation is due here, which a run that was stopped before it may still owe. */
  #mustEvaluate(): boolean {
    const { step, epoch, evaluated } = this.#state;
    return step > evaluated && (this.#plan.evaluationDue(step) || epoch === this.#config.epochs);
  }

  /** Trains what is left of the current epoch, or up to an evaluation inside it. @returns null there, or why it ended before */
  async #epoch(step: TrainingStep, network: string): Promise<StopReason | null> {
    const { epoch, step: from } = this.#state;
    const samples = this.#source.epoch(epoch, from % this.#source.stepsPerEpoch, this.#options.signal);
    const batches = fillBatches(step.buffers, samples, this.#config, this.#labels.classes.length);
    let [saved, begun] = [performance.now(), performance.now()];
    try {
      for await (const _ of batches) {
        const rate = this.#nextRate();
        const result = await step.run(rate);
        const seconds = awakeSeconds((performance.now() - begun) / 1000, this.#state);
        begun = performance.now();
        await this.#record(result, rate, seconds);
        if (this.#plan.outOfTime(this.#state)) return 'time';
        if (this.#options.signal?.aborted) return 'stopped';
        if (this.#mustEvaluate()) return null;
        if (performance.now() - saved <= checkpointEvery * 1000) continue;
        await this.#save(step, network);
        saved = begun = performance.now();
      }
      return null;
    } finally {
      await this.#tellFailed();
    }
  }

  async #tellFailed(): Promise<void> {
    const failed = [...this.#source.failed].filter(([path]) => !this.#told.has(path));
    if (failed.length === 0) return;
    await this.#run.addFindings(
      failed.map(([file, { message, said: by }]) => ({ file, kind: 'unreadable', reason: message, said: by })),
    );
    for (const [path, { message }] of failed) {
      this.#emit({ type: 'image-failed', path, reason: message });
      this.#told.add(path);
    }
  }

  #nextRate(): number {
    this.#state.total = this.#plan.total(this.#state);
    return this.#plan.rate(this.#state.step, this.#state.total);
  }

  /** Counts a step that took `seconds`, and tells of it. */
  async #record({ heatmapLoss, sizeLoss, gradientNorm }: StepResult, rate: number, seconds: number): Promise<void> {
    const { epoch } = this.#state;
    const step = (this.#state.step += 1);
    this.#state.epoch = Math.floor(step / this.#plan.stepsPerEpoch);
    const trainSeconds = (this.#state.trainSeconds += seconds);
    const imagesPerSecond = this.#config.batch / seconds;
    const numbers = { heatmapLoss, sizeLoss, rate, imagesPerSecond, trainSeconds };
    await this.#run.appendMetrics({ type: 'step', step, epoch, ...numbers, gradientNorm });
    const total = this.#plan.expected(this.#state)!; // a step was taken
    const secondsLeft = Math.max(0, ((total - step) * trainSeconds) / (step - this.#state.from));
    this.#emit({ type: 'step', step, epoch, total, epochs: this.#plan.epochsIn(total), ...numbers, secondsLeft });
  }

  /** Evaluates, and keeps the weights if they are the best so far. @returns whether they are; null without validation images */
  async #evaluate(step: TrainingStep, network: string): Promise<boolean | null> {
    const weights = step.weights('averaged');
    const description = this.#describe(network);
    const model: WeightsModel = { kind: 'weights', source: this.#run.root, description, weights };
    const measured = await this.#evaluation.measure(model, this.#state);
    if (measured === null) return null;
    const better = isBetter(measured.ap, this.#state.bestAp);
    if (better) {
      this.#state.bestAp = measured.ap ?? 0;
      await saveCheckpoint(this.#run.file('best'), { description, weights, extra: new Map(), state: null });
    }
    return better;
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

  /** @throws training-diverged rather than replace a good checkpoint by weights that are none */
  async #save(step: TrainingStep, network: string): Promise<void> {
    step.mustBeFinite();
    await saveCheckpoint(this.#run.file('last'), {
      description: this.#describe(network),
      weights: step.weights('current'),
      extra: step.extra(),
      state: this.#state,
    });
  }

  #emit(event: TrainEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** Aborting while a sample is awaited, or in an evaluation, stops a run like aborting in a step. */
function stoppedIfCancelled(error: unknown): StopReason {
  if (error instanceof StudioError && error.code === 'cancelled') return 'stopped';
  throw error;
}
