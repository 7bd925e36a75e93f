// The paper's networks through the trainer: an official .pth goes on where it stood, and a size head per class learns.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { WeightsModel } from '../../../src/core/model/openModel.ts';
import { loadCheckpoint, type Checkpoint } from '../../../src/core/model/checkpoint.ts';
import { makeConfig, type TrainConfig } from '../../../src/core/train/config.ts';
import type { TrainEvent } from '../../../src/core/train/events.ts';
import { officialSettings } from '../../../src/core/train/officialSchedules.ts';
import type { MetricsLine, RunFolder, RunLabels } from '../../../src/core/train/runFolder.ts';
import { continuedPlace } from '../../../src/core/train/startModel.ts';
import { resumeTraining, startTraining } from '../../../src/core/train/trainer.ts';
import { tinyLabels } from '../../support/tinyRun.ts';
import { bytes, dict, int, list, tensor, text, zipCheckpoint, type Part } from '../weights/pickleBytes.ts';

let labels: RunLabels;
let work: string;
beforeAll(async () => {
  labels = { ...(await tinyLabels(4)), val: null };
  work = await mkdtemp(path.join(tmpdir(), 'ttfnet-official-'));
});
afterAll(async () => {
  await rm(labels.imageRoot, { recursive: true, force: true });
  await rm(work, { recursive: true, force: true });
});

const config = (settings: Partial<TrainConfig> = {}): TrainConfig =>
  makeConfig({
    ...officialSettings('scratch', 'ttfnet-18'),
    ...{ start: 'ttfnet-18', width: 64, height: 64, batch: 2, epochs: 2, frozenStages: 5, augment: 'flip' },
    ...settings,
  });

type Numbers = Record<'step' | 'heatmap' | 'size' | 'norm' | 'rate', number>;

const losses = async (run: RunFolder): Promise<Numbers[]> =>
  (await run.readMetrics()).flatMap((l: MetricsLine) => {
    if (l.type !== 'step') return [];
    const { step, heatmapLoss: heatmap, sizeLoss: size, gradientNorm: norm, rate } = l;
    return [{ step, heatmap, size, norm, rate }];
  });

/** A checkpoint of ours as the official code would have written it, optimizer included. */
function officialFile({ weights, extra }: Checkpoint, meta: Record<string, Part>): Buffer {
  const storages: Record<string, Uint8Array> = {};
  const store = (data: Float32Array, shape: readonly number[]): Buffer => {
    const key = String(Object.keys(storages).length);
    storages[key] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    return tensor({ key, numel: data.length, shape: [...shape], stride });
  };
  const entries = Object.fromEntries([...weights].map(([name, w]) => [name, store(w.data, w.shape)]));
  const parameters = [...weights.keys()].filter((name) => !name.includes('running_'));
  const state = parameters.flatMap((name, i) => {
    const momentum = extra.get(`optimizer/momentum/${name}`);
    const slot = momentum && dict({ momentum_buffer: store(momentum, weights.get(name)!.shape) });
    return slot ? [bytes(int(i), slot)] : [];
  });
  const groups = parameters.map((_, i) => dict({ params: list(int(i)) }));
  const optimizer = dict({ state: bytes('}', '(', ...state, 'u'), param_groups: list(...groups) });
  return zipCheckpoint(dict({ meta: dict(meta), state_dict: dict(entries), optimizer }), storages);
}

describe('a checkpoint of the official code', () => {
  it('goes on in its schedule with the numbers of the run that was not interrupted', async () => {
    // With more threads the runtime's ScatterND may lose an addition where two of them meet, so that no two runs are the very same.
    vi.stubEnv('TTFNET_THREADS', '1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const whole = await losses(await startTraining(path.join(work, 'whole'), config(), labels));
    const controller = new AbortController();
    const half = await startTraining(path.join(work, 'half'), config(), labels, {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'step' && event.step === 2) controller.abort();
      },
    });
    const file = path.join(work, 'epoch_1.pth');
    const meta = { epoch: int(1), iter: int(2), CLASSES: list(text('red'), text('yellow')) };
    await writeFile(file, officialFile(await loadCheckpoint(half.file('last')), meta));

    expect(await losses(await resumeTraining(half.root))).toEqual(whole);

    const events: TrainEvent[] = [];
    const settings = config({ start: file, continueSchedule: true });
    const on = await startTraining(path.join(work, 'on'), settings, labels, { onEvent: (event) => events.push(event) });
    expect(events.find((e) => e.type === 'start')).toMatchObject({ resumedFrom: 2, initialized: [], epochs: 2 });
    expect(await losses(on)).toEqual(whole.slice(2));
  });

  it('goes on by its epochs where a step is another number of images, and says what it lacks', () => {
    const sgd = { optimizer: 'sgd', epochs: 12 } as const;
    const model = (progress: WeightsModel['progress']): WeightsModel => ({
      kind: 'weights',
      source: 'epoch_3.pth',
      description: { version: 1, network: 'ttfnet-18', classes: [], width: 64, height: 64, createdBy: '' },
      weights: new Map(),
      progress,
    });
    expect(continuedPlace(model({ epoch: 3, iteration: 320 }), true, 100, sgd)).toEqual({ step: 320, epoch: 3 });
    expect(continuedPlace(model({ epoch: 3, iteration: 320 }), true, 50, sgd)).toEqual({ step: 150, epoch: 3 });
    expect(continuedPlace(model({ epoch: null, iteration: 320 }), true, 100, sgd)).toEqual({ step: 320, epoch: 3 });
    const refused = (
      progress: WeightsModel['progress'],
      adopted: boolean,
      c: Parameters<typeof continuedPlace>[3],
    ): (() => unknown) => {
      return () => continuedPlace(model(progress), adopted, 100, c);
    };
    const there = { epoch: 12, iteration: null };
    expect(refused(there, true, sgd)).toThrow(/epoch_3\.pth has 12 epochs behind it.*ends after 12.*--epochs/);
    expect(refused(there, false, sgd)).toThrow(/no momentum for all that this run trains/);
    expect(refused(undefined, true, sgd)).toThrow(/says neither epoch nor iteration/);
    expect(refused(there, true, { optimizer: 'sgd', epochs: null })).toThrow(/sgd and a number of epochs/);
    expect(refused(there, true, { optimizer: 'adamw', epochs: 3 })).toThrow(/--schedule 1x/);
  });
});

it('a size head per class learns: four distances for each, the loss falls', async () => {
  const settings = { sizeHead: 'per-class', optimizer: 'adamw', learningRate: 2e-3, epochs: 6 } as const;
  const run = await startTraining(path.join(work, 'per-class'), config(settings), labels);
  const { description, weights } = await loadCheckpoint(run.file('last'));
  expect(description.network).toBe('ttfnet-18:shortcuts=1-2-3,size=per-class');
  expect(weights.get('bbox_head.wh.1.weight')!.shape).toEqual([4 * labels.classes.length, 64, 1, 1]);
  const sizes = (await run.readMetrics()).flatMap((l) => (l.type === 'step' ? [l.sizeLoss] : []));
  const mean = (a: number[]): number => a.reduce((x, y) => x + y, 0) / a.length;
  expect(mean(sizes.slice(-4))).toBeLessThan(0.95 * mean(sizes.slice(0, 4)));
});
