// TTFNet-18, -34 and -53 at full size: the official checkpoints' names and shapes, published sizes, and training that learns an image.
import { describe, expect, it } from 'vitest';
import { makeConfig } from '../../../src/core/train/config.ts';
import { TrainingStep } from '../../../src/core/train/step.ts';
import { networkNamed } from '../../../src/core/ttfnet/networks/table.ts';
import { parameterShapes } from '../../../src/core/ttfnet/programs.ts';
import { createTargetMaps, defaultTargets, drawTargets } from '../../../src/core/ttfnet/targets.ts';
import { seeded } from '../../support/gradientCheck.ts';
import { backboneLayout, checkpointLayout, learnedCount, officialConfigs } from '../../support/officialLayout.ts';

const long = process.env['TTFNET_LONG'] === '1';
const names = Object.keys(officialConfigs) as (keyof typeof officialConfigs)[];

/** Learned values of the backbones: torchvision's published counts and DarkNet-53's, less their classifiers of 1000 classes. */
const backbones = {
  'ttfnet-18': 11_689_512 - 513_000,
  'ttfnet-34': 21_797_672 - 513_000,
  'ttfnet-53': 41_609_928 - 1_025_000,
};

/** Neck and heads for 80 classes, added up by hand: deformable layers, shortcuts, size head, heatmap head. */
const heads = {
  'ttfnet-18': 1_767_441 + 996_032 + 37_188 + 231_760,
  'ttfnet-34': 1_767_441 + 996_032 + 74_116 + 231_760,
  'ttfnet-53': 3_071_505 + 1_770_176 + 74_116 + 231_760,
};

describe.each(names)('%s', (name) => {
  it("has the official checkpoint's parameters, by name and shape, and as many as published", () => {
    const official = checkpointLayout(officialConfigs[name], 80);
    const ours = parameterShapes(networkNamed(name), 80);
    const counted = official.filter(([n]) => !n.endsWith('num_batches_tracked'));
    const sorted = (list: (readonly [string, readonly number[]])[]): string[] =>
      list.map(([n, s]) => `${n} ${s.join('x')}`).sort();
    expect(sorted(ours.map((p) => [p.name, p.shape]))).toEqual(sorted(counted));
    expect(learnedCount(backboneLayout(officialConfigs[name]))).toBe(backbones[name]);
    expect(learnedCount(official)).toBe(backbones[name] + heads[name]);
  });

  it('learns one image: finite losses that fall', async () => {
    const losses = await lossesOnOneImage(name, 64, 3);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)!).toBeLessThan(0.95 * losses[0]!);
  });

  it.skipIf(!long)('learns one image of 512 pixels (only with TTFNET_LONG=1)', { timeout: 600_000 }, async () => {
    const losses = await lossesOnOneImage(name, 512, 8);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!);
  });
});

/** Trains from random weights on one image with a few boxes, nothing frozen. @returns the sum of both losses, step by step */
async function lossesOnOneImage(name: string, side: number, steps: number): Promise<number[]> {
  const config = makeConfig({
    width: side,
    height: side,
    batch: 1,
    epochs: 1,
    frozenStages: 0,
    optimizer: 'adamw',
    averageDecay: 0,
    zeroInitResidual: false,
  });
  const classes = 3;
  const step = await TrainingStep.create(networkNamed(name), new Map(), classes, config);
  const random = seeded(5);
  step.buffers.image.forEach((_, i, a) => (a[i] = random() * 255));
  const maps = { ...createTargetMaps(1, { classes, height: side / 4, width: side / 4 }), ...step.buffers };
  const boxes = [0.1, 0.3, 0.5].map((from, classId) => ({
    classId,
    box: { x1: side * from, y1: side * from, x2: side * (from + 0.3), y2: side * (from + 0.4) },
  }));
  drawTargets(boxes, defaultTargets, maps, 0);
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { heatmapLoss, sizeLoss } = await step.run(1e-3);
    losses.push(heatmapLoss + sizeLoss);
  }
  await step.release();
  return losses;
}
