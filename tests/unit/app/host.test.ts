// Small parts of the host: events to many readers, JSON files, progress, wire errors, heatmap read-out.
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { keepPrivate } from '../../../src/app/host/folders.ts';
import { JsonFile } from '../../../src/app/host/jsonFile.ts';
import { Topic } from '../../../src/app/host/topic.ts';
import { Meter, streamWork } from '../../../src/app/host/work.ts';
import { toWireError } from '../../../src/app/host/wireErrors.ts';
import { readHeat } from '../../../src/app/worker/heat.ts';
import { differenceHash } from '../../../src/app/worker/pixels.ts';
import { revive, serialise } from '../../../src/app/worker/protocol.ts';
import { fromFileError, StudioError } from '../../../src/shared/errors.ts';
import { toSaid } from '../../../src/shared/said.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-host-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('topics', () => {
  test('a subscription starts at the call, ends at once when its signal aborts, and leaves nothing behind', async () => {
    const topic = new Topic<number>();
    const stop = new AbortController();
    const events = topic.subscribe(stop.signal, [0]);
    topic.publish(1);
    expect([(await events.next()).value, (await events.next()).value]).toEqual([0, 1]);
    topic.publish(2);
    stop.abort();
    expect((await events.next()).done).toBe(true);
    expect(topic.size).toBe(0);
  });

  test('ending a topic still delivers what is queued', async () => {
    const topic = new Topic<number>();
    const events = topic.subscribe(undefined);
    topic.publish(1);
    topic.end();
    expect(await events.next()).toEqual({ done: false, value: 1 });
    expect((await events.next()).done).toBe(true);
  });
});

describe('JSON files', () => {
  const schema = z.object({ n: z.number() });

  test('are written whole, read back, and the last write wins', async () => {
    const file = path.join(folder, 'a', 'x.json');
    const opened = await JsonFile.open(file, schema, { n: 0 });
    await Promise.all([1, 2, 3].map((n) => opened.set({ n })));
    expect((await JsonFile.open(file, schema, { n: 0 })).value).toEqual({ n: 3 });
    expect(await readdir(path.dirname(file))).toEqual(['x.json']);
  });

  test('one that can’t be written holds what is on disk', async () => {
    const file = path.join(folder, 'refused.json');
    const opened = await JsonFile.open(file, schema, { n: 0 });
    await opened.set({ n: 1 });
    await rm(file);
    await mkdir(file);
    await expect(opened.set({ n: 2 })).rejects.toMatchObject({ code: 'file-permission' });
    expect(opened.value).toEqual({ n: 1 });
  });

  test('a damaged one is set aside', async () => {
    const file = path.join(folder, 'damaged.json');
    await writeFile(file, '{"n": "not a number"}');
    expect((await JsonFile.open(file, schema, { n: 7 })).value).toEqual({ n: 7 });
    expect(await readFile(`${file}.damaged`, 'utf8')).toContain('not a number');
  });
});

test.skipIf(process.platform === 'win32')(
  'the program’s folder is closed to others, and so are files that lay open in it',
  async () => {
    const data = path.join(folder, 'open');
    await mkdir(path.join(data, 'covers'), { recursive: true, mode: 0o755 });
    await writeFile(path.join(data, 'settings.json'), '{}', { mode: 0o644 });
    await keepPrivate(data);
    const modes = ['.', 'settings.json'].map(async (name) => (await stat(path.join(data, name))).mode & 0o777);
    expect(await Promise.all(modes)).toEqual([0o700, 0o600]);
    await keepPrivate(path.join(data, 'settings.json', 'nowhere')); // can't be made: whoever writes there says so
  },
);

describe('work as a stream', () => {
  const call = (signal = new AbortController().signal) => ({ connection: 1, signal });

  test('progress, then the result', async () => {
    const events = [];
    const work = streamWork(call(), ({ report }) => {
      report({ phase: 'a', done: 1, total: 1 });
      return Promise.resolve('made');
    });
    for await (const event of work) events.push(event);
    expect(events).toMatchObject([
      { type: 'progress', phase: 'a', done: 1 },
      { type: 'done', result: 'made' },
    ]);
  });

  test('leaving the stream cancels the work', async () => {
    let aborted = false;
    const work = streamWork(call(), ({ report, signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      report({ phase: 'a', done: 1, total: 1 });
      return new Promise(() => undefined);
    });
    await work.next();
    await work.return();
    expect(aborted).toBe(true);
  });

  test('a cancelled call is told as cancelled whatever the work threw', async () => {
    const stop = new AbortController();
    const work = streamWork(
      call(stop.signal),
      ({ signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('odd')))),
    );
    const next = work.next();
    stop.abort();
    await expect(next).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('rate and time left come from the last seconds of a phase', () => {
    const meter = new Meter();
    meter.measure({ phase: 'a', done: 0, total: 100 }, 0);
    expect(meter.measure({ phase: 'a', done: 20, total: 100 }, 2000)).toMatchObject({ rate: 10, secondsLeft: 8 });
    expect(meter.measure({ phase: 'b', done: 0, total: 5 }, 2100)).toMatchObject({ rate: null, secondsLeft: null });
  });
});

test('errors cross the contract with code and sentence; only unexpected ones are logged', () => {
  const logged: string[] = [];
  const log = (where: string) => logged.push(where);
  const known = toWireError(new StudioError('disk-full', 'The disk is full.'), 'labels.edit', log);
  expect([known.code, known.message]).toEqual(['disk-full', 'The disk is full.']);
  expect(toWireError(new DOMException('x', 'AbortError'), 'a.b', log).code).toBe('cancelled');
  expect(logged).toEqual([]);
  expect(toWireError(new TypeError('oops'), 'a.b', log)).toMatchObject({ code: 'internal', status: 500 });
  expect(logged).toEqual(['a.b']);
});

test('a sentence goes by key from a child process through the wire to the client, and an unknown key is none', () => {
  const there = fromFileError(Object.assign(new Error('x'), { code: 'ENOSPC' }), '/full/labels');
  const here = revive(structuredClone(serialise(there)));
  expect(here.said).toEqual({ key: 'disk.full', values: { file: '/full/labels' } });
  const sent = toWireError(here, 'labels.edit', () => undefined);
  expect(toSaid(JSON.parse(JSON.stringify(sent.data)))).toEqual(here.said);
  expect(toSaid(undefined)).toBeNull();
  expect(toSaid({ key: 'of.a.newer.version', values: {} })).toBeNull();
});

test('the heatmap’s distances span the same box in image pixels as the network’s own decoding', () => {
  // One class, 2 x 2 cells of a network input of 8 x 8, an image of 16 x 24: scales 2 and 3.
  const logits = Float32Array.of(-9, -9, -9, 2);
  const distances = Float32Array.of(0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1);
  const tensors = {
    heatmap_logits: { type: 'float32' as const, dims: [1, 1, 2, 2], data: logits },
    distances: { type: 'float32' as const, dims: [1, 4, 2, 2], data: distances },
  };
  const heat = readHeat(tensors, { width: 8, height: 8 }, { width: 16, height: 24 });
  expect(heat.peaks).toMatchObject([{ x: 12, y: 18, classId: 0 }]);
  const side = (plane: number) => heat.distances[plane * 4 + 3]!;
  const [peak] = heat.peaks;
  // Network: cell (1, 1) is at input pixel (4, 4); box 3, 2 to 6, 5 with its far pixel inclusive, so 3, 2 to 7, 6.
  expect([peak!.x - side(0), peak!.y - side(1), peak!.x + side(2), peak!.y + side(3)]).toEqual([6, 6, 14, 18]);
  expect([...heat.scores]).toEqual([0, 0, 0, 225]);
  expect([...heat.strongest]).toEqual([0, 0, 0, 225]);
});

test('the strongest plane has the highest score of all classes in each cell', () => {
  const tensors = {
    heatmap_logits: { type: 'float32' as const, dims: [1, 2, 1, 3], data: Float32Array.of(-9, 2, -9, 2, -9, -9) },
    distances: { type: 'float32' as const, dims: [1, 4, 1, 3], data: new Float32Array(12) },
  };
  const heat = readHeat(tensors, { width: 12, height: 4 }, { width: 12, height: 4 });
  expect([...heat.strongest]).toEqual([225, 225, 0]);
});

test('the perceptual hash has a bit for each rise in brightness', () => {
  const rising = {
    width: 9,
    height: 8,
    data: Uint8Array.from({ length: 9 * 8 * 3 }, (_, i) => (Math.floor(i / 3) % 9) * 20),
  };
  expect(differenceHash(rising)).toBe('f'.repeat(16));
  expect(differenceHash({ ...rising, data: new Uint8Array(9 * 8 * 3) })).toBe('0'.repeat(16));
});
