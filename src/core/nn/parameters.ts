// A network's weights by dotted name: what was loaded, what is new, and which of them train.
import { StudioError } from '../../shared/errors.ts';

/** How a parameter that no checkpoint supplies starts. */
export type Initializer =
  { kind: 'constant'; value: number } | { kind: 'normal'; std: number } | { kind: 'uniform'; bound: number };

/** One weight tensor, in the reference's layout (convolutions [O, I / group, kh, kw]). */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Whether the optimizer may change it; frozen ones become constants of the training graph. */
  readonly trainable: boolean;
}

/** Weights that are at hand, by dotted name. */
export type WeightMap = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** Standard deviation of He initialisation for a convolution of `shape` [O, I, kh, kw]. */
export const heStd = (shape: readonly number[]): number => Math.sqrt(2 / (shape[1]! * shape[2]! * shape[3]!));

/** The same by outputs instead of inputs, as the official code starts its convolutions (`kaiming_init`, fan out). */
export const heOutStd = (outputs: number, kernel: number): number => Math.sqrt(2 / (outputs * kernel * kernel));

/**
 * The parameters of one network. Asking for one creates it: from `weights` where they have it with that very shape, else fresh. A fresh
 * value depends on seed and name only, so it is the same whatever else the network has.
 */
export class ParameterSet {
  readonly #parameters = new Map<string, Parameter>();
  /** Names that were not in the weights, or had another shape there. */
  readonly initialized: string[] = [];
  readonly #weights: WeightMap;
  readonly #seed: number | null;
  readonly #isFrozen: (name: string) => boolean;

  /** @param seed of fresh values; null leaves them 0, for uses that only want names and shapes */
  constructor(weights: WeightMap, seed: number | null, isFrozen: (name: string) => boolean = () => false) {
    this.#weights = weights;
    this.#seed = seed;
    this.#isFrozen = isFrozen;
  }

  /**
   * The parameter `name`.
   * @param fixed it never trains, frozen or not: running statistics
   * @throws internal when it was asked for before with another shape
   */
  get(name: string, shape: readonly number[], init: Initializer, fixed = false): Parameter {
    const known = this.#parameters.get(name);
    if (known) {
      if (known.shape.join() !== shape.join())
        throw new StudioError(
          'internal',
          `parameter ${name} is [${known.shape.join()}], asked for as [${shape.join()}]`,
        );
      return known;
    }
    const parameter = { name, shape, data: this.#load(name, shape, init), trainable: !fixed && !this.#isFrozen(name) };
    this.#parameters.set(name, parameter);
    return parameter;
  }

  /** All parameters so far, in the order they were first asked for. */
  list(): Parameter[] {
    return [...this.#parameters.values()];
  }

  #load(name: string, shape: readonly number[], init: Initializer): Float32Array {
    const loaded = this.#weights.get(name);
    if (loaded?.shape.join() === shape.join()) return Float32Array.from(loaded.data);
    this.initialized.push(name);
    if (this.#seed === null) return new Float32Array(shape.reduce((a, b) => a * b, 1));
    return initialValues(
      init,
      shape.reduce((a, b) => a * b, 1),
      hash(`${this.#seed}/${name}`),
    );
  }
}

function initialValues(init: Initializer, length: number, seed: number): Float32Array {
  const values = new Float32Array(length);
  if (init.kind === 'constant') return values.fill(init.value);
  const random = mulberry(seed);
  if (init.kind === 'uniform') return values.map(() => (random() * 2 - 1) * init.bound);
  // Box-Muller gives two numbers at a time; a paper's network has millions, and a person waits for them.
  for (let i = 0; i < length; i += 2) {
    const radius = init.std * Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < length) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** FNV-1a, 32 bit. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** Mulberry32: numbers in [0, 1). */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
