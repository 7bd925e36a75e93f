// The parameters that a run trains: in the memory order of the graph that runs, with their gradients, averages and optimizer.
import { saying } from '../../shared/errors.ts';
import { fromStored, toStored, type Storage } from '../layout/blocked/storage.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { Parameter, ParameterSet } from '../nn/parameters.ts';
import { sizeOf } from '../onnx/tensorType.ts';
import { adamW, clipScale, gradientNorm, sgd, updateAverage, type Optimizer } from '../optim/optimizer.ts';
import { officialScales, type OptimizedParameter } from '../optim/parameterGroup.ts';
import { tensor, type HostTensor } from '../runtime/hostTensor.ts';
import type { Session } from '../runtime/session.ts';
import { trainingPorts } from '../ttfnet/programs.ts';
import type { TrainConfig } from './config.ts';

interface Trained extends OptimizedParameter {
  parameter: Parameter;
  storage: Storage;
  average: Float32Array | null;
}

const plain = (shape: readonly number[]): Storage => ({ kind: 'plain', block: 1, shape });

/** All parameters that train, and what moves them. */
export class TrainedParameters {
  readonly #list: Trained[];
  readonly #optimizer: Optimizer;
  readonly #config: TrainConfig;

  /**
   * @param storage memory order by name where it isn't the reference's
   * @param fresh names that learn at the rate of a fresh head
   */
  constructor(
    parameters: ParameterSet,
    storage: ReadonlyMap<string, Storage>,
    config: TrainConfig,
    fresh: readonly string[],
  ) {
    this.#config = config;
    this.#optimizer = config.optimizer === 'sgd' ? sgd(config) : adamW(config);
    this.#list = parameters
      .list()
      .filter((p) => p.trainable)
      .map((p) => trainedParameter(p, storage.get(p.name) ?? plain(p.shape), config, fresh.includes(p.name)));
  }

  /** The weights as inputs of the graph. */
  feeds(session: Session): Record<string, HostTensor> {
    return Object.fromEntries(this.#list.map((t) => [t.name, asTensor(t.data, session, t.name)]));
  }

  /** Where the graph's gradients go. */
  fetches(session: Session): Record<string, HostTensor> {
    return Object.fromEntries(
      this.#list.map((t) => [trainingPorts.gradient(t.name), asTensor(t.gradient, session, t.name)]),
    );
  }

  /** L2 norm of all gradients together. */
  gradientNorm(): number {
    return gradientNorm(this.#list);
  }

  /** Name of a parameter with a weight that is NaN or infinite; null when all are numbers. */
  firstNonFinite(): string | null {
    return this.#list.find(({ data }) => !isFinite(data))?.name ?? null;
  }

  /** Moves the weights along their gradients, whose norm is `norm`, and the averages after them. */
  update(rate: number, norm: number): void {
    this.#optimizer.step(this.#list, rate, clipScale(norm, this.#config.clipNorm));
    // Early averages would remember the start: the decay rises with the steps taken.
    const { steps } = this.#optimizer.state;
    const decay = Math.min(this.#config.averageDecay, (1 + steps) / (10 + steps));
    for (const t of this.#list) if (t.average) updateAverage(t.average, t.data, decay);
  }

  /** The weights in the reference layout: the averaged ones where the run keeps an average. */
  weights(kind: 'current' | 'averaged'): Map<string, { shape: readonly number[]; data: Float32Array }> {
    const chosen = (t: Trained): Float32Array => (kind === 'averaged' ? (t.average ?? t.data) : t.data);
    return new Map(
      this.#list.map((t) => [t.name, { shape: t.parameter.shape, data: fromStored(chosen(t), t.storage) }]),
    );
  }

  /** The last step's gradients in the reference layout, before clipping. */
  gradients(): Map<string, Float32Array> {
    return new Map(this.#list.map((t) => [t.name, fromStored(t.gradient, t.storage)]));
  }

  /** Averages and optimizer state in the reference layout, for a checkpoint that a run resumes from. */
  extra(): Checkpoint['extra'] {
    const result = new Map<string, Float32Array>();
    for (const t of this.#list) {
      if (t.average) result.set(`ema/${t.name}`, fromStored(t.average, t.storage));
      for (const slot of this.#optimizer.slots) {
        const values = this.#optimizer.state.slots.get(`${slot}/${t.name}`);
        if (values) result.set(`optimizer/${slot}/${t.name}`, fromStored(values, t.storage));
      }
    }
    return result;
  }

  /**
   * Goes on with the momentum of another program's checkpoint, reference layout: with SGD, and where every trained parameter has one.
   * @returns whether it was taken over; else momentum starts at zero
   */
  adoptMomentum(momentum: ReadonlyMap<string, Float32Array>): boolean {
    const fits = (t: Trained): boolean => momentum.get(t.name)?.length === sizeOf(t.parameter.shape);
    if (this.#config.optimizer !== 'sgd' || !this.#list.every(fits)) return false;
    for (const t of this.#list)
      this.#optimizer.state.slots.set(`momentum/${t.name}`, toStored(momentum.get(t.name)!, t.storage));
    return true;
  }

  /** Takes over averages and optimizer state that {@link extra} gave, after `steps` updates. @throws run-invalid naming a missing tensor */
  restore(extra: Checkpoint['extra'], steps: number): void {
    const stored = (key: string, t: Trained): Float32Array => {
      const values = extra.get(key);
      if (values?.length !== sizeOf(t.parameter.shape)) throw saying('run-invalid', 'run.lacksState', { key });
      return toStored(values, t.storage);
    };
    for (const t of this.#list) {
      if (t.average) t.average.set(stored(`ema/${t.name}`, t));
      for (const slot of this.#optimizer.slots)
        if (steps > 0 || extra.has(`optimizer/${slot}/${t.name}`))
          // momentum may be adopted before the first step
          this.#optimizer.state.slots.set(`${slot}/${t.name}`, stored(`optimizer/${slot}/${t.name}`, t));
    }
    this.#optimizer.state.steps = steps;
  }
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

/** A stored parameter, or its gradient, under the shape that the graph declares. */
function asTensor(data: Float32Array, session: Session, input: string): HostTensor {
  const port = session.inputs.find((p) => p.name === input)!;
  return tensor('float32', data, port.shape as readonly number[]);
}

function isFinite(data: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! * 0; // 0 for every number, NaN for what is none
  return sum === 0;
}
