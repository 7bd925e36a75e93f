// Speeds of this machine: measured once for each kind of run, kept on disk, forgotten when what they depend on changes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TrainingSpeeds, type StepKind } from '../../../src/app/host/trainingSpeeds.ts';
import type { TrainingMethods } from '../../../src/app/worker/methods.ts';
import type { Workers } from '../../../src/app/worker/workers.ts';
import { makeConfig } from '../../../src/core/train/config.ts';

let folder: string;
let asked: TrainingMethods['stepSpeed']['input'][];
let threads: number;
let busy: boolean;
let atOnce: number;
let mostAtOnce: number;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-speeds-'));
  [asked, threads, busy, atOnce, mostAtOnce] = [[], 0, false, 0, 0];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Children that take a moment and say half a second a step, 0.1 s an image. */
const workers = {
  vision: {
    call: (method: string) =>
      Promise.resolve(method === 'measure' ? { milliseconds: 100 } : { processor: 'cpu', processorReasons: [] }),
  },
  training: {
    call: async (
      _method: string,
      input: TrainingMethods['stepSpeed']['input'],
      { signal }: { signal: AbortSignal },
    ) => {
      asked.push(input);
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 5));
      atOnce--;
      signal.throwIfAborted();
      return { secondsPerStep: 0.5 };
    },
  },
} as unknown as Workers;

const open = (version = '1') =>
  TrainingSpeeds.open(
    { dataFolder: folder, version },
    workers,
    () => threads,
    () => busy,
  );
const kind = (settings: object = {}, more: Partial<StepKind> = {}): StepKind => {
  const config = makeConfig({ start: 'base', epochs: 1, ...settings });
  return { start: 'base', network: 'net', classes: 3, config, ...more };
};
const never = new AbortController().signal;

test('a measured step is known from then on, also after a restart; another kind of step is not', async () => {
  const speeds = await open();
  expect(await speeds.knownStep(kind())).toBeNull();
  await speeds.measureStep(kind(), never);
  expect(await speeds.knownStep(kind())).toMatchObject({ seconds: 0.5 });
  const again = await open();
  expect(await again.knownStep(kind({ learningRate: 0.1, epochs: 9 }))).toMatchObject({ seconds: 0.5 });
  for (const other of [kind({ width: 256, height: 256 }), kind({ batch: 4 }), kind({ frozenStages: 1 })])
    expect(await again.knownStep(other)).toBeNull();
  expect(await again.knownStep(kind({}, { network: 'other' }))).toBeNull();
  expect(await again.knownStep(kind({}, { classes: 7 }))).not.toBeNull(); // a few more classes cost nothing
  expect(await again.knownStep(kind({}, { classes: 80 }))).toBeNull();
});

test('other threads, another version of the program or another machine make it unknown', async () => {
  await (await open()).measureStep(kind(), never);
  const speeds = await open();
  threads = 1;
  expect(await speeds.knownStep(kind())).toBeNull();
  threads = 0;
  expect(await speeds.knownStep(kind())).not.toBeNull();
  const newer = await open('2');
  expect(await newer.knownStep(kind())).toBeNull();
  await newer.measureImage('base', 'net', never);
  expect(await (await open('1')).knownStep(kind())).toBeNull(); // it has been replaced, not mixed
  expect(await (await open('2')).knownImage('net')).toMatchObject({ seconds: 0.1 });
});

test('a large batch is reckoned from one that is quick to measure', async () => {
  const speeds = await open();
  const large = kind({ width: 1024, height: 1024, batch: 32 });
  await speeds.measureStep(large, never);
  expect(asked.map(({ config }) => config.batch)).toEqual([2]);
  expect((await speeds.knownStep(large))!.seconds).toBeCloseTo(8);
  await speeds.measureStep(kind({ width: 2048, height: 2048, batch: 3 }), never);
  expect(asked.at(-1)!.config.batch).toBe(1);
});

test('measurements wait for each other; one that is cancelled or disturbed by a run is not kept', async () => {
  const speeds = await open();
  const stop = new AbortController();
  const first = speeds.measureStep(kind({ batch: 1 }), stop.signal);
  const second = speeds.measureStep(kind({ batch: 2 }), never);
  stop.abort();
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  await second;
  expect(mostAtOnce).toBe(1);
  expect(await speeds.knownStep(kind({ batch: 1 }))).toBeNull();
  expect(await speeds.knownStep(kind({ batch: 2 }))).not.toBeNull();
  busy = true;
  await speeds.measureStep(kind({ batch: 3 }), never);
  expect(await speeds.knownStep(kind({ batch: 3 }))).toBeNull();
});
