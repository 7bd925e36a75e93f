// One training step: the lowered graph in a session, its buffers, and the update of the weights.
import { StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import { lowerBlocked } from '../layout/blocked.ts';
import type { Storage } from '../layout/blocked/storage.ts';
import { lowerPortable } from '../layout/portable.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { ParameterSet, type Parameter, type WeightMap } from '../nn/parameters.ts';
import { encodeModel } from '../onnx/encode.ts';
import { tensor, type HostTensor } from '../runtime/hostTensor.ts';
import type { ProviderName } from '../runtime/providerNames.ts';
import { createSession, type Session } from '../runtime/session.ts';
import { isFrozen, type Network } from '../ttfnet/networks/network.ts';
import {
  trainingPixels,
  trainingPorts,
  trainingProgram,
  type PixelInput,
  type TrainingProgram,
} from '../ttfnet/programs.ts';
import { chooseBlock, type LayoutChoice } from './chooseLayout.ts';
import type { TrainConfig } from './config.ts';
import { RunningStatistics } from './runningStatistics.ts';
import { freshHead } from './startModel.ts';
import { dataShapes, feedsOf, makeBuffers, type BatchBuffers } from './stepBuffers.ts';
import { TrainedParameters } from './trainedParameters.ts';

/** What a step reports. */
export interface StepResult {
  heatmapLoss: number;
  sizeLoss: number;
  /** L2 norm of all gradients before clipping. */
  gradientNorm: number;
  /** Milliseconds inside ONNX Runtime. */
  runMs: number;
  /** Milliseconds of the update in TypeScript. */
  updateMs: number;
}

/** A network under training: weights in the memory order of the graph that runs, everything else around them. */
export class TrainingStep {
  readonly buffers: BatchBuffers;
  /** `blocked` or `portable`: the form that runs. */
  readonly layout: 'portable' | 'blocked';
  /** Names of parameters that started fresh, not from the weights. */
  readonly initialized: readonly string[];
  /** Names of parameters that learn at the rate of a fresh class head; a resumed run must be given them again. */
  readonly fresh: readonly string[];
  readonly #session: Session;
  readonly #feeds: Record<string, HostTensor>;
  readonly #fetches: Record<string, HostTensor>;
  readonly #trained: TrainedParameters;
  readonly #frozen: Parameter[];
  readonly #config: TrainConfig;
  readonly #statistics: RunningStatistics;

  private constructor(init: {
    session: Session;
    layout: 'portable' | 'blocked';
    storage: ReadonlyMap<string, Storage>;
    parameters: ParameterSet;
    program: TrainingProgram;
    pixels: PixelInput;
    config: TrainConfig;
    fresh: readonly string[];
  }) {
    const { session, storage, parameters, config } = init;
    this.layout = init.layout;
    this.initialized = parameters.initialized;
    this.fresh = init.fresh;
    this.#session = session;
    this.#config = config;
    this.#frozen = parameters.list().filter((p) => !p.trainable);
    this.#trained = new TrainedParameters(parameters, storage, config, init.fresh);
    this.#statistics = new RunningStatistics(init.program.statistics, parameters);
    const shapes = dataShapes(init.program);
    this.buffers = makeBuffers(shapes, init.pixels);
    this.#feeds = {
      ...this.#statistics.feeds(),
      ...feedsOf(this.buffers, shapes, init.pixels),
      ...this.#trained.feeds(session),
    };
    this.#fetches = {
      ...this.#statistics.fetches(),
      [trainingPorts.heatmapLoss]: tensor('float32', new Float32Array(1), []),
      [trainingPorts.sizeLoss]: tensor('float32', new Float32Array(1), []),
      ...this.#trained.fetches(session),
    };
  }

  /**
   * Builds the training graph of `network` for `config`, lowers it and loads it.
   * @param weights start weights by parameter name; missing ones start fresh
   * @throws argument-invalid for a size that doesn't fit the network, or a forced blocked layout that this processor lacks
   */
  static async create(
    network: Network,
    weights: WeightMap,
    classes: number,
    config: TrainConfig,
    options: {
      layout?: LayoutChoice;
      provider?: ProviderName;
      profile?: boolean;
      pixels?: PixelInput;
      fresh?: readonly string[];
    } = {},
  ): Promise<TrainingStep> {
    const parameters = new ParameterSet(weights, config.seed, (name) => isFrozen(network, config.frozenStages, name));
    const pixels = options.pixels ?? trainingPixels;
    const lossWeights = { heatmap: config.heatmapWeight, size: config.sizeWeight };
    const program = trainingProgram(network, parameters, classes, config, lossWeights, {
      pixels,
      frozenNorms: config.norms === 'frozen',
      zeroInitResidual: config.zeroInitResidual,
    });
    const { graph, trainable } = program;
    const block = await chooseBlock(options.layout ?? 'auto', options.provider ?? 'cpu');
    const gradientOf = new Map(trainable.map(({ name }) => [trainingPorts.gradient(name), name]));
    const lowered =
      block > 1
        ? lowerBlocked(graph, block, gradientOf)
        : { graph: lowerPortable(graph, (options.provider ?? 'cpu') === 'cpu'), storage: new Map<string, Storage>() };
    const session = await createSession(encodeModel(lowered.graph, { reversed: true }), {
      name: 'the training step',
      provider: options.provider,
      profile: options.profile,
    });
    return new TrainingStep({
      session,
      layout: block > 1 ? 'blocked' : 'portable',
      storage: lowered.storage,
      parameters,
      program,
      pixels,
      config,
      fresh: options.fresh ?? freshHead(parameters.initialized),
    });
  }

  /** Runs forward, losses and backward on what {@link buffers} hold, then updates the weights at learning rate `rate`. */
  async run(rate: number): Promise<StepResult> {
    const start = performance.now();
    await this.#session.run(this.#feeds, this.#fetches);
    const ran = performance.now();
    const norm = this.#trained.gradientNorm();
    const heatmapLoss = this.#fetches[trainingPorts.heatmapLoss]!.data[0] as number;
    const sizeLoss = this.#fetches[trainingPorts.sizeLoss]!.data[0] as number;
    if (!Number.isFinite(heatmapLoss + sizeLoss + norm))
      throw diverged(`heatmap loss ${heatmapLoss}, size loss ${sizeLoss}, gradient norm ${norm}`, this.#config);
    this.#statistics.update();
    this.#trained.update(rate, norm);
    return { heatmapLoss, sizeLoss, gradientNorm: norm, runMs: ran - start, updateMs: performance.now() - ran };
  }

  /** The weights in the reference layout: the averaged ones where the run keeps an average. */
  weights(kind: 'current' | 'averaged'): WeightMap {
    const map = new Map<string, { shape: readonly number[]; data: Float32Array }>();
    for (const { name, shape, data } of this.#frozen) map.set(name, { shape, data });
    for (const [name, weight] of this.#trained.weights(kind)) map.set(name, weight);
    return map;
  }

  /** @throws training-diverged when a weight is NaN or infinite */
  mustBeFinite(): void {
    const name = this.#trained.firstNonFinite();
    if (name !== null) throw diverged(`${name} is not finite any more`, this.#config);
  }

  /** The last step's gradients in the reference layout, before clipping. */
  gradients(): Map<string, Float32Array> {
    return this.#trained.gradients();
  }

  /** Averages and optimizer state in the reference layout, for a checkpoint that a run resumes from. */
  extra(): Checkpoint['extra'] {
    return this.#trained.extra();
  }

  /** Goes on with the momentum of another program's checkpoint; see {@link TrainedParameters.adoptMomentum}. */
  adoptMomentum(momentum: ReadonlyMap<string, Float32Array>): boolean {
    return this.#trained.adoptMomentum(momentum);
  }

  /** Takes over averages and optimizer state that {@link extra} gave, after `steps` updates. @throws run-invalid naming a missing tensor */
  restore(extra: Checkpoint['extra'], steps: number): void {
    this.#trained.restore(extra, steps);
  }

  /** Time per operator since the step was made with `profile`. */
  endProfile(): ReturnType<Session['endProfile']> {
    return this.#session.endProfile();
  }

  /** Frees the graph's memory. */
  release(): Promise<void> {
    return this.#session.release();
  }
}

function diverged(what: string, config: TrainConfig): StudioError {
  const clip = config.clipNorm === null ? 'set a gradient clip' : `the gradient clip (now ${config.clipNorm})`;
  const other = config.optimizer === 'sgd' ? ', or use the adamw optimizer' : '';
  return new StudioError(
    'training-diverged',
    `Training diverged: ${what}. The last good checkpoint is kept. Lower the learning rate (now ${config.learningRate}) or ${clip}${other}.`,
    undefined,
    said('train.diverged', { rate: String(config.learningRate) }),
  );
}
