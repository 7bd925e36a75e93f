// The plan of a run: its length by epochs and by time, when it evaluates, and the official step decay to the step.
import { describe, expect, it } from 'vitest';
import { makeConfig } from '../../../src/core/train/config.ts';
import { awakeSeconds, RunPlan } from '../../../src/core/train/plan.ts';

const place = (step: number, trainSeconds: number) => ({ step, trainSeconds });

describe('RunPlan', () => {
  it('is exact where epochs limit the run', () => {
    const plan = new RunPlan(makeConfig({ epochs: 12 }), 26);
    expect([plan.total(place(0, 0)), plan.expected(place(0, 0)), plan.epochsIn(312)]).toEqual([312, 312, 12]);
    expect(plan.outOfTime(place(5, 1e9))).toBe(false);
  });

  it('follows the speed where time does, and the sooner of both', () => {
    const plan = new RunPlan(makeConfig({ minutes: 1 }), 26);
    expect(plan.expected(place(0, 0))).toBeNull();
    expect(plan.epochsIn(plan.expected(place(0, 0)))).toBeNull();
    expect(plan.expected(place(1, 2))).toBe(30); // the first step is slow; people see an estimate, the rate doesn't jump
    expect(plan.total(place(1, 2))).toBe(1000);
    expect(plan.total(place(10, 5))).toBe(120);
    const both = new RunPlan(makeConfig({ minutes: 1, epochs: 2 }), 26);
    expect(both.total(place(10, 5))).toBe(52);
    expect(both.total(place(10, 50))).toBe(12);
    expect(plan.outOfTime(place(10, 58))).toBe(true);
    expect(plan.outOfTime(place(10, 50))).toBe(false);
  });

  it('counts a step in which the machine slept as a usual one, and a slow one as it is', () => {
    expect(awakeSeconds(3600, place(10, 5))).toBe(0.5);
    expect(awakeSeconds(3600, place(0, 0))).toBe(3600); // nothing to compare with
    expect(awakeSeconds(59, place(10, 5))).toBe(59);
    expect(awakeSeconds(300, place(10, 500))).toBe(300);
  });

  it('evaluates after parts of epochs and after several', () => {
    const due = (evaluateEvery: number): number[] => {
      const plan = new RunPlan(makeConfig({ epochs: 4, evaluateEvery }), 10);
      return Array.from({ length: 40 }, (_, i) => i + 1).filter((step) => plan.evaluationDue(step));
    };
    expect(due(2)).toEqual([20, 40]);
    expect(due(0.5)).toEqual([5, 10, 15, 20, 25, 30, 35, 40]);
    expect(due(0.01)).toHaveLength(40);
  });

  it('decays at 3/4 and 11/12, at the very steps where the official epochs begin', () => {
    for (const perEpoch of [7, 26, 916]) {
      const plan = new RunPlan(makeConfig({ epochs: 12, schedule: 'step', learningRate: 1, warmupSteps: 0 }), perEpoch);
      const rate = (step: number): number => plan.rate(step, 12 * perEpoch);
      expect([rate(9 * perEpoch - 1), rate(9 * perEpoch)]).toEqual([1, 0.1]);
      expect(rate(11 * perEpoch - 1)).toBe(0.1);
      expect(rate(11 * perEpoch)).toBeCloseTo(0.01, 12);
    }
  });
});
