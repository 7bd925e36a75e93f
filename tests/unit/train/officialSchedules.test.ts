// The official schedules against the official configs' numbers, step for step.
import { describe, expect, it } from 'vitest';
import { makeConfig, type TrainConfig } from '../../../src/core/train/config.ts';
import {
  describeSchedule,
  officialScheduleNames,
  officialSettings,
  type OfficialSchedule,
} from '../../../src/core/train/officialSchedules.ts';
import { RunPlan } from '../../../src/core/train/plan.ts';

const configOf = (schedule: OfficialSchedule, network: string, own: Partial<TrainConfig> = {}): TrainConfig =>
  makeConfig({ ...officialSettings(schedule, network), start: network, ...own });

/** mmdetection's learning rate: step decay by epoch, and over 500 iterations a linear warm-up from a fifth. */
function officialRate(base: number, steps: readonly number[], perEpoch: number, iteration: number): number {
  const epoch = Math.floor(iteration / perEpoch);
  const regular = base * 0.1 ** steps.filter((s) => epoch >= s).length;
  return iteration < 500 ? regular * (1 - (1 - iteration / 500) * (1 - 0.2)) : regular;
}

describe('official schedules', () => {
  it.each([
    ['1x', 12, [9, 11]],
    ['super-fast', 12, [9, 11]],
    ['2x', 24, [18, 22]],
    ['10x', 120, [90, 110]],
    ['scratch', 120, [90, 110]],
  ] as const)('%s has the official rate at every step of COCO at the official batch', (schedule, epochs, decays) => {
    const config = configOf(schedule, 'ttfnet-18', { batch: 128 });
    expect(config.epochs).toBe(epochs);
    const perEpoch = 916; // 117,266 images
    const plan = new RunPlan(config, perEpoch);
    const total = plan.total({ step: 0, trainSeconds: 0 });
    expect(plan.fullRate).toBeCloseTo(0.016, 12);
    const edges = decays.flatMap((d) => [d * perEpoch - 1, d * perEpoch]);
    for (const step of [0, 1, 100, 499, 500, 501, ...edges, total - 1])
      expect(plan.rate(step, total), `step ${step}`).toBeCloseTo(officialRate(0.016, decays, perEpoch, step), 12);
  });

  it('scales the rate with the batch, from the batch that each network was trained with', () => {
    const rate = (network: string, batch: number): number =>
      new RunPlan(configOf('1x', network, { batch }), 100).fullRate;
    expect(rate('ttfnet-34', 16)).toBeCloseTo(0.002, 12);
    expect(rate('ttfnet-53', 96)).toBeCloseTo(0.015, 12);
    expect(rate('ttfnet-53:shortcuts=0-0-0', 12)).toBeCloseTo(0.015 / 8, 12);
  });

  it('has the official optimizer, frozen parts, initialisation and augmentation', () => {
    const shared = { optimizer: 'sgd', momentum: 0.9, weightDecay: 4e-4, clipNorm: 35, badBoxes: 'official' };
    for (const schedule of officialScheduleNames)
      expect(configOf(schedule, 'ttfnet-18')).toMatchObject({ ...shared, averageDecay: 0, width: 512, height: 512 });
    expect(configOf('2x', 'ttfnet-18')).toMatchObject({ augment: 'flip', frozenStages: 2, zeroInitResidual: true });
    expect(configOf('10x', 'ttfnet-18')).toMatchObject({ augment: 'ssd', frozenStages: 2, zeroInitResidual: true });
    const scratch = { augment: 'ssd', frozenStages: 0, zeroInitResidual: false };
    expect(configOf('scratch', 'ttfnet-18')).toMatchObject(scratch);
  });

  it('says what it does, and when the rate is not the official one', () => {
    const settings = configOf('1x', 'ttfnet-53', { batch: 16 });
    const text = describeSchedule('1x', 'ttfnet-53', settings);
    expect(text).toContain('learning rate 0.015 for a batch of 96, scaled linearly to 0.00250 for 16');
    expect(text).toContain('stem and first stage frozen');
    const own = describeSchedule('1x', 'ttfnet-53', { ...settings, learningRate: 1e-3, frozenStages: 0 });
    expect(own).toMatch(/0\.00200 as given \(the official one would be 0\.00250\).*nothing frozen/);
  });

  it('is refused for a network that it was not made for', () => {
    expect(() => officialSettings('1x', 'mobilenetv3-0.75')).toThrow(
      /1x is made for the paper's networks, not for mobilenetv3-0\.75\. Choose --network ttfnet-18/,
    );
  });
});
