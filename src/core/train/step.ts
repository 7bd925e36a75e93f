// One training step: the lowered graph in a session, its buffers, and the update of the weights.
import { StudioError } from '../../shared/errors.ts';
import { lowerBlocked } from '../layout/blocked.ts';
import { fromStored, toStored, type Storage } from '../layout/blocked/storage.ts';
import { lowerPortable } from '../layout/portable.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { ParameterSet, type Parameter, type WeightMap } from '../nn/parameters.ts';
import { encodeModel } from '../onnx/encode.ts';
import { sizeOf } from '../onnx/tensorType.ts';
import { adamW, clipScale, gradientNorm, sgd, updateAverage, type Optimizer } from '../optim/optimizer.ts';
import { officialScales, type OptimizedParameter } from '../optim/parameterGroup.ts';
import { probeBlockSize } from '../runtime/blockSize.ts';
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
import type { TrainConfig } from './config.ts';
import { RunningStatistics } from './runningStatistics.ts';

/** Which form of the training graph to run; `auto` takes the blocked one where the processor has it. */
export type LayoutChoice = 'auto' | 'portable' | 'blocked';

/** Input buffers of a step; filled in place, fed without a copy. */
export interface BatchBuffers {
  /** uint8 RGB [N, H, W, 3]; where a step was made for other pixels, those */
  image: Uint8Array | Float32Array;
  /** [N, C, H / 4, W / 4] */
  heatmap: Float32Array;
  /** [N, 4, H / 4, W / 4]; with a size head per class [N, 4 C, H / 4, W / 4] */
  boxTarget: Float32Array;
  /** [N, 1, H / 4, W / 4]; with a size head per class [N, C, H / 4, W / 4] */
  regWeight: Float32Array;
}

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

interface Trained extends OptimizedParameter {
  parameter: Parameter;
  storage: Storage;
  average: Float32Array | null;
}

const plain = (shape: readonly number[]): Storage => ({ kind: 'plain', block: 1, shape });

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
  readonly #trained: Trained[];
  readonly #frozen: Parameter[];
  readonly #optimizer: Optimizer;
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
    this.#optimizer = config.optimizer === 'sgd' ? sgd(config) : adamW(config);
    this.#frozen = parameters.list().filter((p) => !p.trainable);
    this.#trained = parameters
      .list()
      .filter((p) => p.trainable)
      .map((p) => trainedParameter(p, storage.get(p.name) ?? plain(p.shape), config, init.fresh.includes(p.name)));
    this.#statistics = new RunningStatistics(init.program.statistics, parameters);
    const shapes = dataShapes(init.program);
    this.buffers = makeBuffers(shapes, init.pixels);
    this.#feeds = {
      ...this.#statistics.feeds(),
      ...feedsOf(this.buffers, shapes, init.pixels),
      ...Object.fromEntries(this.#trained.map((t) => [t.name, asTensor(t.data, session, t.name)])),
    };
    this.#fetches = {
      ...this.#statistics.fetches(),
      [trainingPorts.heatmapLoss]: tensor('float32', new Float32Array(1), []),
      [trainingPorts.sizeLoss]: tensor('float32', new Float32Array(1), []),
      ...Object.fromEntries(
        this.#trained.map((t) => [trainingPorts.gradient(t.name), asTensor(t.gradient, session, t.name)]),
      ),
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
        : { graph: lowerPortable(graph), storage: new Map<string, Storage>() };
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
      fresh: options.fresh ?? freshHead(network, parameters.initialized),
    });
  }

  /** Runs forward, losses and backward on what {@link buffers} hold, then updates the weights at learning rate `rate`. */
  async run(rate: number): Promise<StepResult> {
    const start = performance.now();
    await this.#session.run(this.#feeds, this.#fetches);
    const ran = performance.now();
    const norm = gradientNorm(this.#trained);
    const heatmapLoss = this.#fetches[trainingPorts.heatmapLoss]!.data[0] as number;
    const sizeLoss = this.#fetches[trainingPorts.sizeLoss]!.data[0] as number;
    if (!Number.isFinite(heatmapLoss + sizeLoss + norm)) throw diverged(heatmapLoss, sizeLoss, norm, this.#config);
    this.#statistics.update();
    this.#optimizer.step(this.#trained, rate, clipScale(norm, this.#config.clipNorm));
    // Early averages would remember the start: the decay rises with the steps taken.
    const decay = Math.min(
      this.#config.averageDecay,
      (1 + this.#optimizer.state.steps) / (10 + this.#optimizer.state.steps),
    );
    for (const t of this.#trained) if (t.average) updateAverage(t.average, t.data, decay);
    return { heatmapLoss, sizeLoss, gradientNorm: norm, runMs: ran - start, updateMs: performance.now() - ran };
  }

  /** The weights in the reference layout: the averaged ones where the run keeps an average. */
  weights(kind: 'current' | 'averaged'): WeightMap {
    const map = new Map<string, { shape: readonly number[]; data: Float32Array }>();
    for (const { name, shape, data } of this.#frozen) map.set(name, { shape, data });
    for (const t of this.#trained)
      map.set(t.name, {
        shape: t.parameter.shape,
        data: fromStored(kind === 'averaged' ? (t.average ?? t.data) : t.data, t.storage),
      });
    return map;
  }

  /** The last step's gradients in the reference layout, before clipping. */
  gradients(): Map<string, Float32Array> {
    return new Map(this.#trained.map((t) => [t.name, fromStored(t.gradient, t.storage)]));
  }

  /** Averages and optimizer state in the reference layout, for a checkpoint that a run resumes from. */
  extra(): Checkpoint['extra'] {
    const result = new Map<string, Float32Array>();
    for (const t of this.#trained) {
      if (t.average) result.set(`ema/${t.name}`, fromStored(t.average, t.storage));
      for (const slot of this.#optimizer.slots) {
        const values = this.#optimizer.state.slots.get(`${slot}/${t.name}`);
        if (values) result.set(`optimizer/${slot}/${t.name}`, fromStored(values, t.storage));
      }
    }
    return result;
  }

  /** Takes over averages and optimizer state that {@link extra} gave, after `steps` updates. @throws run-invalid naming a missing tensor */
  restore(extra: Checkpoint['extra'], steps: number): void {
    const stored = (key: string, t: Trained): Float32Array => {
      const values = extra.get(key);
      if (values?.length !== sizeOf(t.parameter.shape))
        throw new StudioError(
          'run-invalid',
          `The checkpoint lacks ${key}: the run can't go on exactly. Start a new run from it.`,
        );
      return toStored(values, t.storage);
    };
    for (const t of this.#trained) {
      if (t.average) t.average.set(stored(`ema/${t.name}`, t));
      if (steps > 0)
        for (const slot of this.#optimizer.slots)
          this.#optimizer.state.slots.set(`${slot}/${t.name}`, stored(`optimizer/${slot}/${t.name}`, t));
    }
    this.#optimizer.state.steps = steps;
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

/** The parameters of a class head that starts fresh on a network which is trained already; none where more than the head is fresh. */
function freshHead(network: Network, initialized: readonly string[]): readonly string[] {
  const inHead = (name: string): boolean => network.classHead.some((head) => name.startsWith(head));
  return initialized.every(inHead) ? [...initialized] : [];
}

async function chooseBlock(layout: LayoutChoice, provider: ProviderName): Promise<number> {
  const forced = process.env['TTFNET_LAYOUT'];
  const wanted = layout === 'auto' && (forced === 'portable' || forced === 'blocked') ? forced : layout;
  if (wanted === 'portable' || provider !== 'cpu') return 1;
  const block = await probeBlockSize();
  if (block === 1 && wanted === 'blocked')
    throw new StudioError(
      'argument-invalid',
      'The blocked layout was asked for, but ONNX Runtime has no blocked convolutions on this processor. Use the portable layout.',
    );
  return block;
}

function trainedParameter(parameter: Parameter, storage: Storage, config: TrainConfig, fresh: boolean): Trained {
  const data = toStored(parameter.data, storage);
  const { rateScale, decayScale } = officialScales(parameter.name);
  return {
    name: parameter.name,
    parameter,
    storage,
    data,
    gradient: new Float32Array(data.length),
    average: config.averageDecay > 0 ? Float32Array.from(data) : null,
    rateScale: fresh ? rateScale * config.freshRate : rateScale,
    decayScale,
  };
}

type DataShapes = Record<keyof BatchBuffers, readonly number[]>;

function dataShapes({ graph }: TrainingProgram): DataShapes {
  const shape = (port: string): readonly number[] => graph.value(port)!.shape;
  const { image, heatmap, boxTarget, regWeight } = trainingPorts;
  return { image: shape(image), heatmap: shape(heatmap), boxTarget: shape(boxTarget), regWeight: shape(regWeight) };
}

function makeBuffers(shapes: DataShapes, pixels: PixelInput): BatchBuffers {
  const map = (shape: readonly number[]): Float32Array => new Float32Array(sizeOf(shape));
  return {
    image: pixels.dtype === 'uint8' ? new Uint8Array(sizeOf(shapes.image)) : map(shapes.image),
    heatmap: map(shapes.heatmap),
    boxTarget: map(shapes.boxTarget),
    regWeight: map(shapes.regWeight),
  };
}

function feedsOf(
  { image, heatmap, boxTarget, regWeight }: BatchBuffers,
  shapes: DataShapes,
  { dtype }: PixelInput,
): Record<string, HostTensor> {
  return {
    [trainingPorts.image]: tensor(dtype, image, shapes.image),
    [trainingPorts.heatmap]: tensor('float32', heatmap, shapes.heatmap),
    [trainingPorts.boxTarget]: tensor('float32', boxTarget, shapes.boxTarget),
    [trainingPorts.regWeight]: tensor('float32', regWeight, shapes.regWeight),
  };
}

/** A stored parameter, or its gradient, under the shape that the graph declares. */
function asTensor(data: Float32Array, session: Session, input: string): HostTensor {
  const port = session.inputs.find((p) => p.name === input)!;
  return tensor('float32', data, port.shape as readonly number[]);
}

function diverged(heatmapLoss: number, sizeLoss: number, norm: number, config: TrainConfig): StudioError {
  return new StudioError(
    'training-diverged',
    `Training diverged: heatmap loss ${heatmapLoss}, size loss ${sizeLoss}, gradient norm ${norm}. ` +
      `The last good checkpoint is kept. Lower the learning rate (now ${config.learningRate}) or the gradient clip (now ${String(config.clipNorm)}), or use the adamw optimizer.`,
  );
}
