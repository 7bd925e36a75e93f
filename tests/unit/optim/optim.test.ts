import { describe, expect, it } from 'vitest';
import {
  adamW,
  clipScale,
  gradientNorm,
  sgd,
  updateAverage,
  type Optimizer,
} from '../../../src/core/optim/optimizer.ts';
import { officialScales } from '../../../src/core/optim/parameterGroup.ts';
import { rateAt, scaledRate } from '../../../src/core/optim/schedule.ts';

// PyTorch 1.13: w = [1, -2, 0.5, 3]; gradient of step i = [0.3, -0.1, 2, -4] * (i + 1), clip_grad_norm_(5), then the optimizer.
const torch = {
  sgd: [
    [0.968999981880188, -1.9880000352859497, 0.2994999885559082, 3.3970000743865967],
    [0.9066734910011292, -1.964059591293335, -0.10429935902357101, 4.19700288772583],
    [0.8162155151367188, -1.929396629333496, -0.6906642913818359, 5.358907699584961],
    [0.7005296349525452, -1.885118007659912, -1.4407517910003662, 6.845363140106201],
  ],
  adamW: [
    [0.9890000224113464, -1.9880000352859497, 0.4895000159740448, 3.006999969482422],
    [0.9779975414276123, -1.9759985208511353, 0.47899696230888367, 3.0140066146850586],
    [0.9669957756996155, -1.963998794555664, 0.4684942066669464, 3.0210165977478027],
    [0.9559994339942932, -1.9520055055618286, 0.45799633860588074, 3.028024911880493],
  ],
};

function run(optimizer: Optimizer, rate: number): number[][] {
  const [data, gradient] = [Float32Array.of(1, -2, 0.5, 3), new Float32Array(4)];
  const parameters = [{ name: 'w', data, gradient, rateScale: 1, decayScale: 1 }];
  return [1, 2, 3, 4].map((factor) => {
    gradient.set([0.3 * factor, -0.1 * factor, 2 * factor, -4 * factor]);
    optimizer.step(parameters, rate, clipScale(gradientNorm(parameters), 5));
    return [...data];
  });
}

describe('optimizers equal PyTorch', () => {
  it.each([
    ['sgd', sgd({ momentum: 0.9, weightDecay: 0.01 }), 0.1],
    ['adamW', adamW({ weightDecay: 0.1 }), 0.01],
  ] as const)('%s, with clipping', (name, optimizer, rate) => {
    run(optimizer, rate).forEach((w, step) => w.forEach((v, i) => expect(v).toBeCloseTo(torch[name][step]![i]!, 5)));
    expect(optimizer.state.steps).toBe(4);
    expect([...optimizer.state.slots.keys()]).toEqual(optimizer.slots.map((s) => `${s}/w`));
  });

  it('leave padding lanes at zero', () => {
    for (const optimizer of [sgd({ momentum: 0.9, weightDecay: 0.1 }), adamW({ weightDecay: 0.1 })]) {
      const p = {
        name: 'w',
        data: Float32Array.of(1, 0),
        gradient: Float32Array.of(1, 0),
        rateScale: 1,
        decayScale: 1,
      };
      for (let i = 0; i < 3; i++) optimizer.step([p], 0.1, 1);
      expect(p.data[1]).toBe(0);
    }
  });
});

describe('schedules', () => {
  it('warm up, then step down as in the paper', () => {
    const schedule = {
      rate: 0.016,
      warmupSteps: 500,
      warmupRatio: 0.2,
      decay: { kind: 'step', at: [0.75, 11 / 12], factor: 0.1 },
    } as const;
    const rates = [0, 250, 500, 8999, 9000, 11000, 11999].map((s) => rateAt(schedule, s, 12000));
    [0.0032, 0.0096, 0.016, 0.016, 0.0016, 0.00016, 0.00016].forEach((r, i) => expect(rates[i]).toBeCloseTo(r, 10));
  });
  it('falls along a cosine to the floor', () => {
    const schedule = { rate: 1, warmupSteps: 0, warmupRatio: 1, decay: { kind: 'cosine', floor: 0.1 } } as const;
    expect(rateAt(schedule, 50, 100)).toBeCloseTo(0.55);
    expect(rateAt(schedule, 100, 100)).toBeCloseTo(0.1);
    expect(rateAt(schedule, 400, 100)).toBeCloseTo(0.1);
  });
  it('scales with the batch', () => expect(scaledRate(0.016, 128, 32)).toBeCloseTo(0.004));
});

describe('parameter groups', () => {
  it.each([
    ['backbone.conv1.weight', 1, 1],
    ['bbox_head.hm.0.conv.bias', 2, 0],
    ['backbone.bn1.bias', 1, 1],
    ['backbone.layer2.0.downsample.1.bias', 2, 0],
    ['bbox_head.deconv_layers.0.1.bias', 2, 0],
  ])('%s', (name, rateScale, decayScale) => expect(officialScales(name)).toEqual({ rateScale, decayScale }));
});

it('averages weights', () => {
  const average = Float32Array.of(0, 1);
  updateAverage(average, Float32Array.of(1, 1), 0.75);
  expect([...average]).toEqual([0.25, 1]);
});

it.each([1, 3, 4, 7, 9])('SGD and the norm treat all of %i elements alike', (length) => {
  const values = (seed: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(seed + 3 * i));
  const part = (i: number, seed: number): Float32Array => values(seed).slice(i, i + 1);
  const parameter = (name: string, data: Float32Array, gradient: Float32Array) => ({
    name,
    data,
    gradient,
    rateScale: 1,
    decayScale: 1,
  });
  const whole = parameter('w', values(1), values(2));
  const singles = Array.from({ length }, (_, i) => parameter(`w${i}`, part(i, 1), part(i, 2)));
  expect(gradientNorm([whole])).toBeCloseTo(gradientNorm(singles), 12);
  for (const parameters of [[whole], singles]) {
    const optimizer = sgd({ momentum: 0.9, weightDecay: 0.1 });
    for (let step = 0; step < 2; step++) optimizer.step(parameters, 0.1, 0.5);
  }
  expect([...whole.data]).toEqual(singles.map(({ data }) => data[0]));
});
