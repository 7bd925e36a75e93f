// A training step on the narrow sizes: both layouts learn alike, state is restored exactly, frozen weights stay, NaN stops the run.
import { describe, expect, it } from 'vitest';
import { mobileNetV3 } from '../../../src/core/ttfnet/networks/mobileNetV3.ts';
import { makeConfig, type TrainConfig } from '../../../src/core/train/config.ts';
import type { LayoutChoice } from '../../../src/core/train/chooseLayout.ts';
import { TrainingStep } from '../../../src/core/train/step.ts';
import { baseModelFile, loadBaseWeights } from '../../../src/core/model/baseWeights.ts';
import { probeBlockSize } from '../../../src/core/runtime/blockSize.ts';
import { unless } from '../../support/leftOut.ts';
import { relativeDifference, sameNumbers } from '../../support/lowerings.ts';
import { seeded } from '../../support/gradientCheck.ts';

const base = await loadBaseWeights(baseModelFile(import.meta.url));
const start = new Map([...base].filter(([name]) => !name.startsWith('head.hm.pointwise')));
const blocked = (await probeBlockSize()) > 1;

async function makeStep(settings: Partial<TrainConfig> = {}, layout: LayoutChoice = 'auto'): Promise<TrainingStep> {
  const config = makeConfig({ width: 64, height: 64, batch: 2, epochs: 1, frozenStages: 2, ...settings });
  const step = await TrainingStep.create(mobileNetV3, start, 2, config, { layout });
  const random = seeded(9);
  step.buffers.image.forEach((_, i, a) => (a[i] = random() * 255));
  step.buffers.heatmap[40] = step.buffers.heatmap[700] = 1;
  for (const cell of [40, 300]) {
    step.buffers.regWeight[cell] = 1;
    for (let c = 0; c < 4; c++) step.buffers.boxTarget[c * 256 + cell] = c < 2 ? 10 : 40;
  }
  return step;
}

describe('training step', () => {
  it('lowers the loss, with either optimizer', async () => {
    for (const optimizer of ['adamw', 'sgd'] as const) {
      const step = await makeStep({ optimizer });
      const first = await step.run(1e-4);
      let last = first;
      for (let i = 0; i < 8; i++) last = await step.run(1e-4);
      expect(last.heatmapLoss + last.sizeLoss).toBeLessThan(first.heatmapLoss + first.sizeLoss);
      await step.release();
    }
  });

  it(
    'learns alike in the blocked and the portable layout',
    unless(blocked ? null : 'no blocked layout here'),
    async () => {
      const [a, b] = [
        await makeStep({ optimizer: 'sgd' }, 'blocked'),
        await makeStep({ optimizer: 'sgd' }, 'portable'),
      ];
      expect([a.layout, b.layout]).toEqual(['blocked', 'portable']);
      for (let i = 0; i < 3; i++) {
        const [ra, rb] = [await a.run(1e-4), await b.run(1e-4)];
        expect(ra.heatmapLoss).toBeCloseTo(rb.heatmapLoss, 3);
        expect(ra.sizeLoss).toBeCloseTo(rb.sizeLoss, 3);
      }
      const [wa, wb] = [a.weights('current'), b.weights('current')];
      for (const [name, { data }] of wa) expect(relativeDifference(data, wb.get(name)!.data), name).toBeLessThan(1e-3);
      await Promise.all([a.release(), b.release()]);
    },
  );

  it('goes on exactly from its saved state', async () => {
    const a = await makeStep();
    for (let i = 0; i < 2; i++) await a.run(1e-3);
    const config = makeConfig({ width: 64, height: 64, batch: 2, epochs: 1, frozenStages: 2 });
    const b = await TrainingStep.create(mobileNetV3, a.weights('current'), 2, config, { fresh: a.fresh });
    b.restore(a.extra(), 2);
    b.buffers.image.set(a.buffers.image);
    for (const key of ['heatmap', 'boxTarget', 'regWeight'] as const) b.buffers[key].set(a.buffers[key]);
    const [ra, rb] = [await a.run(1e-3), await b.run(1e-3)];
    expect(rb).toMatchObject({ heatmapLoss: ra.heatmapLoss, sizeLoss: ra.sizeLoss, gradientNorm: ra.gradientNorm });
    const averaged = b.weights('averaged');
    for (const [name, { data }] of a.weights('averaged'))
      expect(sameNumbers(averaged.get(name)!.data, data), name).toBe(true);
    await Promise.all([a.release(), b.release()]);
  });

  it("goes on with another program's momentum, whole or not at all, and only with SGD", async () => {
    const step = await makeStep({ optimizer: 'sgd' });
    await step.run(1e-3);
    const momentum = new Map(
      [...step.extra()]
        .filter(([key]) => key.startsWith('optimizer/momentum/'))
        .map(([key, data]) => [key.slice('optimizer/momentum/'.length), data.map((v) => v + 1)]),
    );
    const name = [...momentum.keys()][0]!;
    const other = await makeStep({ optimizer: 'sgd' });
    expect(other.adoptMomentum(new Map([...momentum].slice(1)))).toBe(false);
    expect(other.extra().has(`optimizer/momentum/${name}`)).toBe(false);
    expect(other.adoptMomentum(momentum)).toBe(true);
    expect(sameNumbers(other.extra().get(`optimizer/momentum/${name}`)!, momentum.get(name)!)).toBe(true);
    const adam = await makeStep();
    expect(adam.adoptMomentum(momentum)).toBe(false);
    await Promise.all([step.release(), other.release(), adam.release()]);
  });

  it('leaves frozen stages as they were', async () => {
    const step = await makeStep();
    for (let i = 0; i < 2; i++) await step.run(1e-2);
    const weights = step.weights('current');
    const changed = [...start]
      .filter(([name, { data }]) => weights.get(name)!.data.some((v, i) => v !== data[i]))
      .map(([name]) => name);
    expect(changed.some((n) => n.startsWith('backbone.blocks.2.') || n.startsWith('backbone.stem'))).toBe(false);
    expect(changed.some((n) => n.startsWith('backbone.blocks.3.'))).toBe(true);
    await step.release();
  });

  it('stops at a loss that is no number, and says what to lower', async () => {
    const step = await makeStep();
    step.buffers.heatmap[5] = Number.NaN;
    await expect(step.run(1e-3)).rejects.toThrow(/Training diverged.*Lower the learning rate \(now/);
    await step.release();
  });

  it('refuses state that lacks a tensor', async () => {
    const step = await makeStep();
    expect(() => step.restore(new Map(), 3)).toThrow(/The checkpoint lacks ema\//);
    await step.release();
  });
});
