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
        const v = slotOf(state, 'momentum', p);
        const { data: w, gradient: g } = p;
        const [r, decay] = [rate * p.rateScale, weightDecay * p.decayScale];
        for (let i = 0; i < w.length; i++) {
          const moved = v[i]! * momentum + g[i]! * gradientScale + w[i]! * decay;
          v[i] = moved;
          w[i] = w[i]! - r * moved;
        }
      }
    },
  };
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
    let part = 0;
    for (let i = 0; i < gradient.length; i++) part += gradient[i]! * gradient[i]!;
    sum += part;
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
