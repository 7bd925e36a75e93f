import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabelledImage } from '../../../src/shared/labels.ts';
import { makeConfig } from '../../../src/core/train/config.ts';
import {
  fillBatch,
  SampleSource,
  sampleTargets,
  targetMapsOf,
  trainableAnnotations,
} from '../../../src/core/train/samples.ts';

let root: string;
const images: LabelledImage[] = Array.from({ length: 5 }, (_, i) => ({
  path: `${i}.png`,
  width: 80,
  height: 40,
  annotations: [{ box: { x1: 10 * i, y1: 5, x2: 10 * i + 20, y2: 25 }, classId: i % 2 }],
}));

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ttfnet-samples-'));
  for (const [i, image] of images.entries())
    await sharp({ create: { width: 80, height: 40, channels: 3, background: { r: 50 * i, g: 9, b: 200 } } })
      .png()
      .toFile(path.join(root, image.path));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const config = makeConfig({ width: 64, height: 64, batch: 2, seed: 5, augment: 'standard', epochs: 1 });
const collect = async (source: SampleSource, epoch: number, from = 0): Promise<string[]> => {
  const seen: string[] = [];
  for await (const { image, boxes } of source.epoch(epoch, from))
    seen.push(`${image.data.slice(0, 3).join()} ${JSON.stringify(boxes)}`);
  return seen;
};

describe('training samples', () => {
  it('come in an order of their own each epoch, the last batch filled up', async () => {
    const source = new SampleSource(images, root, config);
    const [first, second] = [await collect(source, 0), await collect(source, 1)];
    expect(source.stepsPerEpoch).toBe(3);
    expect(first).toHaveLength(6);
    expect(first).not.toEqual(second);
  });

  it('are the same for a seed, from the middle of an epoch too', async () => {
    const whole = await collect(new SampleSource(images, root, config), 3);
    expect(await collect(new SampleSource(images, root, config), 3)).toEqual(whole);
    expect(await collect(new SampleSource(images, root, config), 3, 2)).toEqual(whole.slice(4));
    expect(await collect(new SampleSource(images, root, { ...config, seed: 6 }), 3)).not.toEqual(whole);
  });

  it('pass over an image that cannot be read, and name it', async () => {
    await writeFile(path.join(root, 'broken.png'), 'no picture');
    const source = new SampleSource([...images, { ...images[0]!, path: 'broken.png' }], root, config);
    expect(await collect(source, 0)).toHaveLength(6);
    expect([...source.failed.keys()]).toEqual(['broken.png']);
    expect(source.failed.get('broken.png')!.message).toContain('broken.png');
  });

  it('are an error when no image can be read', async () => {
    const source = new SampleSource([{ ...images[0]!, path: 'broken.png' }], root, config);
    await expect(collect(source, 0)).rejects.toThrow(/None of the 1 training images can be read/);
  });

  it('leave out crowds and ignored labels', () => {
    const [a] = images[0]!.annotations;
    expect(
      trainableAnnotations({ ...images[0]!, annotations: [a!, { ...a!, crowd: true }, { ...a!, ignore: true }] }),
    ).toEqual([a]);
  });

  it('fill their place in the batch: pixels, peaks and boxes', async () => {
    const plain = { ...config, augment: 'none' } as const;
    const buffers = {
      image: new Uint8Array(2 * 64 * 64 * 3),
      heatmap: new Float32Array(2 * 2 * 256),
      boxTarget: new Float32Array(2 * 4 * 256),
      regWeight: new Float32Array(2 * 256),
    };
    const maps = targetMapsOf(buffers, plain, 2);
    const source = new SampleSource([images[1]!], root, plain);
    for await (const sample of source.epoch(0, 0)) {
      fillBatch(buffers, 1, sample, maps);
      // What a person is shown of one sample is what the batch got.
      expect(sampleTargets(sample, plain, 2).heatmap).toEqual(buffers.heatmap.slice(512));
    }
    expect(buffers.image.subarray(0, 3)).toEqual(new Uint8Array(3));
    expect([...buffers.image.subarray(64 * 64 * 3, 64 * 64 * 3 + 3)]).toEqual([50, 9, 200]);
    // The box 10..30 x 5..25 of 80x40 is 8..24 x 8..40 of 64x64: centre of the inclusive corners (15.5, 23.5), cell (3, 5), class 1.
    const peak = buffers.heatmap.indexOf(1);
    expect(peak).toBe((1 * 2 + 1) * 256 + 5 * 16 + 3);
    expect(buffers.regWeight.subarray(0, 256).some((w) => w !== 0)).toBe(false);
    expect([0, 1, 2, 3].map((c) => buffers.boxTarget[(4 + c) * 256 + 5 * 16 + 3])).toEqual([8, 8, 23, 39]);
  });
});
