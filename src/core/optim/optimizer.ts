// Optimizers: update parameters in place and keep their state as plain arrays, for checkpoints.
import type { OptimizedParameter } from './parameterGroup.ts';

/** State of an optimizer: one array per slot and parameter, and how many steps were taken. */
export interface OptimizerState {
  steps: number;
  /** By `<slot>/<parameter>`, in the parameter's memory order. */
  slots: Map<string, Float32Array>;
}

/** One update rule. */
export interface Optimizer {
  /** Names of the arrays kept per parameter. */
  readonly slots: readonly string[];
  readonly state: OptimizerState;
  /**
   * Updates all parameters.
   * @param rate learning rate of this step
   * @param gradientScale factor on every gradient, from clipping
   */
  step: (parameters: readonly OptimizedParameter[], rate: number, gradientScale: number) => void;
}

/** An array of a state, made of zeros at first use. */
function slotOf(state: OptimizerState, slot: string, { name, data }: OptimizedParameter): Float32Array {
  const key = `${slot}/${name}`;
  let array = state.slots.get(key);
  if (!array) state.slots.set(key, (array = new Float32Array(data.length)));
  return array;
}

/** SGD with momentum and L2 decay, as torch.optim.SGD: v = m v + (g + d w); w -= rate v. */
export function sgd({ momentum, weightDecay }: { momentum: number; weightDecay: number }): Optimizer {
  const state: OptimizerState = { steps: 0, slots: new Map() };
  return {
    slots: ['momentum'],
    state,
    step(parameters, rate, gradientScale) {
      state.steps += 1;
      for (const p of parameters) {
        descend(p, slotOf(state, 'momentum', p), {
          momentum,
          gradientScale,
          decay: weightDecay * p.decayScale,
          rate: rate * p.rateScale,
        });
      }
    },
  };
}

interface Descent {
  momentum: number;
  gradientScale: number;
  decay: number;
  rate: number;
}

/** SGD's update of one parameter, four elements at a time: in half the time of one by one. */
function descend({ data: w, gradient: g }: OptimizedParameter, v: Float32Array, by: Descent): void {
  const { momentum, gradientScale, decay, rate } = by;
  const whole = w.length - (w.length % 4);
  for (let i = 0; i < whole; i += 4) {
    const a = w[i]!;
    const b = w[i + 1]!;
    const c = w[i + 2]!;
    const d = w[i + 3]!;
    const movedA = v[i]! * momentum + g[i]! * gradientScale + a * decay;
    const movedB = v[i + 1]! * momentum + g[i + 1]! * gradientScale + b * decay;
    const movedC = v[i + 2]! * momentum + g[i + 2]! * gradientScale + c * decay;
    const movedD = v[i + 3]! * momentum + g[i + 3]! * gradientScale + d * decay;
    v[i] = movedA;
    v[i + 1] = movedB;
    v[i + 2] = movedC;
    v[i + 3] = movedD;
    w[i] = a - rate * movedA;
    w[i + 1] = b - rate * movedB;
    w[i + 2] = c - rate * movedC;
    w[i + 3] = d - rate * movedD;
  }
  for (let i = whole; i < w.length; i++) {
    const moved = v[i]! * momentum + g[i]! * gradientScale + w[i]! * decay;
    v[i] = moved;
    w[i] = w[i]! - rate * moved;
  }
}

/** AdamW with bias correction and decoupled decay, as torch.optim.AdamW. */
export function adamW({
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  weightDecay,
}: {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  weightDecay: number;
}): Optimizer {
  const state: OptimizerState = { steps: 0, slots: new Map() };
  return {
    slots: ['mean', 'square'],
    state,
    step(parameters, rate, gradientScale) {
      state.steps += 1;
      const [c1, c2] = [1 - beta1 ** state.steps, 1 - beta2 ** state.steps];
      for (const p of parameters) {
        const [mean, square] = [slotOf(state, 'mean', p), slotOf(state, 'square', p)];
        const { data: w, gradient } = p;
        const r = rate * p.rateScale;
        const keep = 1 - r * weightDecay * p.decayScale;
        const stepSize = r / c1;
        const root = Math.sqrt(c2);
        for (let i = 0; i < w.length; i++) {
          const g = gradient[i]! * gradientScale;
          const m = beta1 * mean[i]! + (1 - beta1) * g;
          const s = beta2 * square[i]! + (1 - beta2) * g * g;
          mean[i] = m;
          square[i] = s;
          w[i] = w[i]! * keep - (stepSize * m) / (Math.sqrt(s) / root + epsilon);
        }
      }
    },
  };
}

/** L2 norm of all gradients together. */
export function gradientNorm(parameters: readonly OptimizedParameter[]): number {
  let sum = 0;
  for (const { gradient } of parameters) {
    // Four sums side by side: a single one waits for its last addition, a millisecond per million elements.
    let [a, b, c, d] = [0, 0, 0, 0];
    const whole = gradient.length - (gradient.length % 4);
    for (let i = 0; i < whole; i += 4) {
      a += gradient[i]! * gradient[i]!;
      b += gradient[i + 1]! * gradient[i + 1]!;
      c += gradient[i + 2]! * gradient[i + 2]!;
      d += gradient[i + 3]! * gradient[i + 3]!;
    }
    for (let i = whole; i < gradient.length; i++) a += gradient[i]! * gradient[i]!;
    sum += a + b + (c + d);
  }
  return Math.sqrt(sum);
}

/** Factor that brings gradients of norm `norm` down to `limit`, as torch.nn.utils.clip_grad_norm_; 1 when there is no limit. */
export function clipScale(norm: number, limit: number | null): number {
  return limit === null ? 1 : Math.min(1, limit / (norm + 1e-6));
}

/** Moves averages towards current values: average = decay * average + (1 - decay) * value. */
export function updateAverage(average: Float32Array, value: Float32Array, decay: number): void {
  for (let i = 0; i < average.length; i++) average[i] = average[i]! * decay + value[i]! * (1 - decay);
}
