// Seeded random numbers whose state can be saved: a resumed run continues with exactly the numbers it would have drawn.
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { StudioError } from './errors.ts';

/** What {@link Rng.state} exports: plain numbers, safe in JSON. */
export interface RngState {
  /** Identity of the stream, from which forks are derived. */
  origin: number[];
  /** Where the generator stands. */
  current: number[];
}

/** A stream of random numbers (xoroshiro128+). Not for secrets. */
export class Rng {
  readonly #origin: readonly number[];
  readonly #generator: ReturnType<typeof xoroshiro128plusFromState>;

  private constructor(state: RngState) {
    this.#origin = state.origin;
    this.#generator = xoroshiro128plusFromState(state.current);
  }

  /** A stream for `seed`, any number or text; equal seeds give equal streams on every machine. */
  static seeded(seed: number | string): Rng {
    const origin = mix([], String(seed));
    return new Rng({ origin, current: origin });
  }

  /** Continues a stream from what {@link state} exported. Throws `run-invalid` when it isn't such a state. */
  static restore(state: RngState): Rng {
    const valid = [state.origin, state.current].every((w) => w.length === 4 && w.every((n) => Number.isInteger(n)));
    if (!valid) throw new StudioError('run-invalid', 'The saved random state is not two lists of four integers.');
    return new Rng({ origin: [...state.origin], current: [...state.current] });
  }

  /** A copy of everything needed to continue exactly here. */
  state(): RngState {
    return { origin: [...this.#origin], current: [...this.#generator.getState()] };
  }

  /**
   * An independent stream for `key` ("epoch 3", an image's index …). It depends on this stream's seed and the key only, never on
   * how much was drawn, so that work prepared in any order, or again after a resume, draws the same numbers.
   */
  fork(key: number | string): Rng {
    const origin = mix(this.#origin, String(key));
    return new Rng({ origin, current: origin });
  }

  /** Uniform in [0, 1), 53 bits. */
  next(): number {
    return uniformFloat64(this.#generator);
  }

  /** Uniform integer from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return uniformInt(this.#generator, low, high);
  }

  /** Uniform in [low, high). */
  float(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.next() < p;
  }

  /** Normal distribution (Box-Muller; two draws each, so that the state holds no spare value). */
  gaussian(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.next());
  }

  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)]!;
  }

  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
}

const multipliers = [0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1];

/** Four 32-bit words that depend on every bit of `parent` and `key`: multiply, rotate and fold, with another multiplier per word. */
function mix(parent: readonly number[], key: string): number[] {
  const codes = [...parent, parent.length, ...Array.from(key, (c) => c.codePointAt(0)!), key.length];
  return multipliers.map((multiplier, word) => {
    let h = 0x9e3779b9 + word;
    for (const code of codes) {
      h = Math.imul(h ^ code, multiplier);
      h = (h << 13) | (h >>> 19);
      h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    }
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
    return (h ^ (h >>> 16)) | 0;
  });
}
