// The training loop on tiny pictures: stopped anywhere it goes on with the same numbers, time limits are estimated, divergence keeps what was good.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../../src/core/model/checkpoint.ts';
import { makeConfig, type TrainConfig } from '../../../src/core/train/config.ts';
import { folderLockName } from '../../../src/core/store/folderLock.ts';
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

/** Trains, stopping at each of `stops` in turn and going on, to the end; all events. */
async function train(name: string, c: TrainConfig, l: RunLabels, stops: ((event: TrainEvent) => boolean)[] = []) {
  const events: TrainEvent[] = [];
  for (let part = 0; ; part++) {
    const controller = new AbortController();
    const onEvent = (event: TrainEvent): void => {
      events.push(event);
      if (stops[part]?.(event)) controller.abort();
    };
    const options = { onEvent, signal: controller.signal };
    const root = path.join(work, name);
    const run = part === 0 ? await startTraining(root, c, l, options) : await resumeTraining(root, options);
    if (!controller.signal.aborted) return { run, events };
  }
}

const numbers = async (run: RunFolder): Promise<object[]> =>
  (await run.readMetrics()).map((line: MetricsLine) => ({ ...line, trainSeconds: 0, imagesPerSecond: 0 }));

describe('a run', () => {
  it('stopped at the end of an epoch, before an evaluation and inside one goes on with the same numbers', async () => {
    const c = config({ epochs: 2, evaluateEvery: 2 });
    const whole = await numbers((await train('whole', c, labels)).run);
    expect(whole.map((l) => ('split' in l ? 'evaluation' : 'step'))).toEqual([
      'step',
      'step',
      'step',
      'step',
      'evaluation',
    ]);
    const { run, events } = await train('stopped', c, labels, [
      (e) => e.type === 'step' && e.step === 2,
      (e) => e.type === 'step' && e.step === 4,
      (e) => e.type === 'evaluating',
    ]);
    const endings = events.flatMap((e) => (e.type === 'end' ? [e.reason] : []));
    expect(endings).toEqual(['stopped', 'stopped', 'stopped', 'finished']);
    expect(await numbers(run)).toEqual(whole);
  });

  it.each([
    ['its epochs', config({ epochs: 2 }), 'finished'],
    ['patience', config({ epochs: 40, learningRate: 1e-6, patience: 1 }), 'early-stop'],
    ['its time', config({ epochs: null, minutes: 0.001, evaluateEvery: 1000 }), 'time'],
  ])(
    'killed between its last evaluation and the note that it ended by %s trains no step more',
    async (name, c, reason) => {
      const { run } = await train(`killed ${name}`, c, labels);
      const before = await numbers(run);
      const last = await loadCheckpoint(run.file('last'));
      await saveCheckpoint(run.file('last'), { ...last, state: { ...(last.state as object), finished: false } });
      const events: TrainEvent[] = [];
      await resumeTraining(run.root, { onEvent: (e) => events.push(e) });
      expect(events.filter(({ type }) => type === 'step')).toEqual([]);
      expect(events.at(-1)).toMatchObject({ type: 'end', reason });
      expect(await numbers(run)).toEqual(before);
      expect((await loadCheckpoint(run.file('last'))).state).toEqual(last.state);
    },
  );

  it('with a damaged last checkpoint says how to go on from the best one', async () => {
    const { run } = await train('damaged', config({ epochs: 1 }), labels);
    await appendFile(run.file('metrics'), 'null\n{"type":"step"}\n');
    expect(await run.readMetrics()).toHaveLength(3);
    await truncate(run.file('last'), 5000);
    await expect(resumeTraining(run.root)).rejects.toMatchObject({
      code: 'run-invalid',
      message: expect.stringContaining(`start a new run from ${run.file('best')}`) as string,
    });
    await truncate(run.file('best'), 5000);
    await expect(resumeTraining(run.root)).rejects.toMatchObject({ code: 'model-invalid' });
  });

  it('is written by one program at a time, and by the next one when that was killed', async () => {
    const { run } = await train('held', config({ epochs: 1 }), { ...labels, val: null });
    const child = path.resolve(import.meta.dirname, '../../support/holdFolderChild.ts');
    const holder = spawn(process.execPath, ['--import', 'tsx', child, run.root], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const refusal = { code: 'folder-in-use', message: expect.stringContaining(`process ${holder.pid}`) as string };
    await expect(resumeTraining(run.root)).rejects.toMatchObject(refusal);
    await expect(startTraining(run.root, config(), labels)).rejects.toMatchObject(refusal);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await resumeTraining(run.root);
    expect(await readdir(run.root)).not.toContain(folderLockName);
  });

  it('that time limits estimates its steps and epochs from the first step on', async () => {
    const c = config({ epochs: null, minutes: 0.02, evaluateEvery: 1000 });
    const { events } = await train('timed', c, { ...labels, val: null });
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
    await expect(train('diverging', c, { ...labels, val: null })).rejects.toThrow(message);
    const file = path.join(work, 'diverging', 'checkpoints', 'last.safetensors');
    expect((await stat(file)).size).toBeGreaterThan(0);
    const { weights } = await loadCheckpoint(file); // refuses NaN
    for (const { data } of weights.values()) expect(data.every((v) => Number.isFinite(v))).toBe(true);
  });
});
