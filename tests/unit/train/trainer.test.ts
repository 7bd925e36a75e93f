// The training loop on tiny pictures: stopped anywhere it goes on with the same numbers, time limits are estimated, divergence keeps what was good.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCheckpoint } from '../../../src/core/model/checkpoint.ts';
import { makeConfig, type TrainConfig } from '../../../src/core/train/config.ts';
import type { TrainEvent } from '../../../src/core/train/events.ts';
import type { MetricsLine, RunFolder, RunLabels } from '../../../src/core/train/runFolder.ts';
import { resumeTraining, startTraining } from '../../../src/core/train/trainer.ts';
import { tinyLabels } from '../../support/tinyRun.ts';

let labels: RunLabels;
let work: string;
beforeAll(async () => {
  labels = await tinyLabels(4);
  work = await mkdtemp(path.join(tmpdir(), 'ttfnet-trainer-'));
});
afterAll(async () => {
  await rm(labels.imageRoot, { recursive: true, force: true });
  await rm(work, { recursive: true, force: true });
});

const config = (settings: Partial<TrainConfig> = {}): TrainConfig =>
  makeConfig({ width: 64, height: 64, batch: 2, frozenStages: 4, epochs: 2, ...settings });

/** Trains until `stop` says so, then to the end; all events. */
async function train(name: string, c: TrainConfig, stop: (event: TrainEvent) => boolean = () => false) {
  const events: TrainEvent[] = [];
  const controller = new AbortController();
  const onEvent = (event: TrainEvent): void => {
    events.push(event);
    if (stop(event)) controller.abort();
  };
  const run = await startTraining(path.join(work, name), c, labels, { onEvent, signal: controller.signal });
  if (controller.signal.aborted) await resumeTraining(run.root, { onEvent: (event) => events.push(event) });
  return { run, events };
}

const numbers = async (run: RunFolder): Promise<object[]> =>
  (await run.readMetrics()).map((line: MetricsLine) => ({ ...line, trainSeconds: 0, imagesPerSecond: 0 }));

describe('a run', () => {
  it('stopped at any step, the last of an epoch and of the run too, goes on with the same numbers', async () => {
    const whole = await numbers((await train('whole', config({ epochs: 2, evaluateEvery: 1 }))).run);
    expect(whole.filter((l) => 'split' in l)).toHaveLength(2);
    for (const at of [1, 2, 4]) {
      const { run, events } = await train(
        `stopped-${at}`,
        config({ epochs: 2, evaluateEvery: 1 }),
        (e) => e.type === 'step' && e.step === at,
      );
      expect(events.filter((e) => e.type === 'end').map((e) => e.reason)).toEqual(['stopped', 'finished']);
      expect(await numbers(run)).toEqual(whole);
    }
  });

  it('stopped in an evaluation makes up for it', async () => {
    const { run, events } = await train('in-evaluation', config({ epochs: 2 }), (e) => e.type === 'evaluating');
    expect(events.filter((e) => e.type === 'end').map((e) => e.reason)).toEqual(['stopped', 'finished']);
    expect((await run.readMetrics()).map((l) => (l.type === 'epoch' ? `epoch ${l.epoch}` : l.step))).toEqual([
      1,
      2,
      'epoch 1',
      3,
      4,
      'epoch 2',
    ]);
  });

  it('evaluates inside epochs too', async () => {
    const { run } = await train('often', config({ epochs: 1, evaluateEvery: 0.5 }));
    const at = (await run.readMetrics()).flatMap((l) => (l.type === 'epoch' ? [l.step] : []));
    expect(at).toEqual([1, 2]);
  });

  it('that time limits estimates its steps and epochs from the first step on', async () => {
    const c = config({ epochs: null, minutes: 0.02, evaluateEvery: 1000 });
    const { events } = await train('timed', c);
    const start = events.find((e) => e.type === 'start')!;
    expect(start).toMatchObject({ total: null, epochs: null, stepsPerEpoch: 2 });
    const steps = events.filter((e) => e.type === 'step');
    const end = events.find((e) => e.type === 'end')!;
    expect(steps.length).toBeGreaterThan(0);
    for (const e of steps) {
      expect(e.total).toBeGreaterThanOrEqual(e.step);
      expect(e.epochs).toBe(Math.ceil(e.total / 2));
      expect(e.trainSeconds).toBeGreaterThan(0);
    }
    expect(Math.abs(steps.at(-1)!.total - end.steps)).toBeLessThanOrEqual(1);
  });

  it('that diverges says what to lower and keeps a checkpoint that is good', async () => {
    const c = config({ optimizer: 'sgd', learningRate: 10, clipNorm: null, warmupSteps: 0, epochs: 40 });
    const message = /Lower the learning rate \(now 10\) or set a gradient clip, or use the adamw/;
    await expect(train('diverging', c)).rejects.toThrow(message);
    const file = path.join(work, 'diverging', 'checkpoints', 'last.safetensors');
    expect((await stat(file)).size).toBeGreaterThan(0);
    const { weights } = await loadCheckpoint(file); // refuses NaN
    for (const { data } of weights.values()) expect(data.every((v) => Number.isFinite(v))).toBe(true);
  });
});
