import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultConfig, makeConfig, presets } from '../../../src/core/train/config.ts';
import { labelsHash, RunFolder, type MetricsLine, type RunLabels } from '../../../src/core/train/runFolder.ts';

let work: string;
beforeAll(async () => void (work = await mkdtemp(path.join(tmpdir(), 'ttfnet-run-'))));
afterAll(() => rm(work, { recursive: true, force: true }));

const labels: RunLabels = {
  classes: ['a "b" / 猫 🐱'],
  imageRoot: '/images',
  train: [
    {
      path: 'a.jpg',
      width: 10,
      height: 20,
      annotations: [{ box: { x1: 0.1, y1: 0.2, x2: 3.3, y2: 4.4 }, classId: 0, crowd: true }],
    },
  ],
  val: null,
  monitor: null,
  findings: [],
};
const step = (n: number): MetricsLine => ({
  type: 'step',
  step: n,
  epoch: 0,
  heatmapLoss: 1,
  sizeLoss: 1,
  gradientNorm: 1,
  rate: 1,
  imagesPerSecond: 1,
  trainSeconds: n,
});

describe('run folder', () => {
  it('gives back config and labels as they were', async () => {
    const config = makeConfig({ epochs: 3 });
    await RunFolder.create(path.join(work, 'a'), config, labels);
    const opened = await RunFolder.open(path.join(work, 'a'));
    expect(opened.config).toEqual(config);
    expect(opened.labels).toEqual(labels);
    expect(labelsHash(opened.labels)).toBe(labelsHash(labels));
  });

  it('cuts the metrics back to a checkpoint, and a torn last line with it', async () => {
    const run = await RunFolder.create(path.join(work, 'b'), defaultConfig, labels);
    for (const n of [1, 2, 3]) await run.appendMetrics(step(n));
    await appendFile(run.file('metrics'), '{"type":"step","st');
    expect((await run.readMetrics()).map((m) => m.step)).toEqual([1, 2, 3]);
    await run.truncateMetrics(2);
    await run.appendMetrics(step(3));
    expect((await run.readMetrics()).map((m) => m.step)).toEqual([1, 2, 3]);
  });

  it('says what is wrong with a folder that is no run, or a damaged one', async () => {
    await expect(RunFolder.open(work)).rejects.toThrow(/is no run: it has no config\.json/);
    const run = await RunFolder.create(path.join(work, 'c'), defaultConfig, labels);
    await writeFile(run.file('labels'), '{"classes":');
    await expect(RunFolder.open(run.root)).rejects.toThrow(/labels\.json is damaged/);
  });
});

describe('config', () => {
  it.each(Object.entries(presets))('the preset %s is valid and has an end', (_, preset) => {
    const config = makeConfig(preset);
    expect(config.epochs !== null || config.minutes !== null).toBe(true);
  });
  it('names the setting that is out of range', () => {
    expect(() => makeConfig({ batch: 0 })).toThrow(/The setting batch can't be 0/);
    expect(() => makeConfig({ epochs: null, minutes: null })).toThrow(/needs an end/);
  });
  it('gives each optimizer a rate that suits it', () => {
    expect(makeConfig({ optimizer: 'sgd' }).learningRate).not.toBe(makeConfig({ optimizer: 'adamw' }).learningRate);
    expect(makeConfig({ optimizer: 'sgd', learningRate: 0.01 }).learningRate).toBe(0.01);
  });
});
