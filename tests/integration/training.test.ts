// Training behind the contract with the real child processes: watched images, the estimate, samples, and a run's life from note to deletion.
import { existsSync } from 'node:fs';
import { readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProjectInfo, StudioClient, TrainingEvent } from '../../src/shared/contract/index.ts';
import { mediaUrl } from '../../src/shared/media.ts';
import { startBuiltHost, type BuiltHost } from './builtHost.ts';
import { finish } from './contract/finish.ts';

let host: BuiltHost;
let client: StudioClient;
let project: ProjectInfo;

beforeAll(async () => {
  host = await startBuiltHost();
  ({ client } = host);
  project = (await finish(client.project.sample())).result.project;
});
afterAll(() => host.close());

const labelledVal = async () => {
  const filter = { splits: ['val' as const], statuses: ['labelled' as const, 'reviewed' as const] };
  return (await client.images.list({ project: project.id, filter, offset: 0, limit: 100 })).items;
};
const idsOf = (images: readonly { id: string }[]) => images.map(({ id }) => id);
const small = { start: 'base', preset: 'quick' as const, inputSize: 128, batch: 8, seed: 1 };
const fileOf = (image: { path: string }) => path.join(host.folder, 'data', 'Sample project', image.path);

/** Follows a run; `hear` may act on what it hears, and ends it by returning true. */
async function follow(run: string, hear: (event: TrainingEvent) => Promise<boolean> | boolean): Promise<void> {
  for await (const event of await client.training.events({ project: project.id, run })) if (await hear(event)) break;
}

test('an estimate is measured once, then known at once, and measured anew when asked', async () => {
  const ask = { project: project.id, start: 'base', settings: { inputSize: 128, batch: 4 } };
  const first = await finish(client.training.estimate(ask));
  expect(first.progress).toBeGreaterThan(0);
  const { presets, measuredAt, trainImages, valImages, processor } = first.result;
  expect(processor).not.toBe('');
  expect(trainImages + valImages).toBeGreaterThan(40);
  expect(presets.map(({ preset, batch, inputSize }) => [preset, batch, inputSize])).toEqual([
    ['quick', 4, 128],
    ['standard', 4, 128],
    ['thorough', 4, 128],
  ]);
  for (const plan of presets) {
    expect(plan.imagesPerSecond).toBeGreaterThan(0);
    expect(plan.seconds).toBeGreaterThan(0);
  }
  expect(presets[0]!.seconds).toBeGreaterThanOrEqual(180); // three minutes of training, and the evaluations
  const second = await finish(client.training.estimate(ask));
  expect(second).toEqual({ progress: 0, result: first.result }); // not measured again
  const fewer = await finish(
    client.training.estimate({ ...ask, settings: { ...ask.settings, epochs: 2, minutes: 100 } }),
  );
  expect(fewer.progress).toBe(0); // the same steps, fewer of them
  expect(fewer.result.presets.map(({ epochs }) => epochs)).toEqual([2, 2, 2]);
  expect(fewer.result.presets[1]!.seconds).toBeLessThan(presets[1]!.seconds! / 8);
  const again = await finish(client.training.estimate({ ...ask, again: true }));
  expect(again.progress).toBeGreaterThan(0);
  expect(again.result.measuredAt).toBeGreaterThan(measuredAt!);
  const kept = JSON.parse(await readFile(path.join(host.folder, 'data', 'speeds.json'), 'utf8')) as { speeds: object };
  expect(Object.keys(kept.speeds)).toHaveLength(3); // an image, a step with two frozen stages, one with one
});

test('a measurement that nobody waits for any more ends', async () => {
  const stop = new AbortController();
  const settings = { inputSize: 256, batch: 2 };
  const stream = await client.training.estimate(
    { project: project.id, start: 'base', settings },
    { signal: stop.signal },
  );
  const read = (async () => {
    for await (const _event of stream) stop.abort();
  })();
  await read.catch((error: unknown) => expect(error).toMatchObject({ code: 'cancelled' }));
});

test('samples are the person’s own training images, changed by the settings, as pictures of the input’s shape', async () => {
  const ask = { project: project.id, seed: 5, heat: true, count: 3 };
  const { result } = await finish(
    client.training.samples({ ...ask, settings: { preset: 'quick', augment: 'ssd', inputSize: 160 } }),
  );
  expect(result).toHaveLength(3);
  const train = await client.images.list({ project: project.id, filter: { splits: ['train'] }, offset: 0, limit: 100 });
  for (const sample of result) {
    expect(train.items.map((item) => item.path)).toContain(sample.path);
    const bytes = await (await host.media(mediaUrl.sample(project.id, sample.id))).arrayBuffer();
    expect(await sharp(Buffer.from(bytes)).metadata()).toMatchObject({ format: 'webp', width: 160, height: 160 });
  }
  const other = await finish(client.training.samples({ ...ask, seed: 6, settings: { preset: 'quick' } }));
  expect(other.result.map((s) => s.path)).not.toEqual(result.map((s) => s.path));
  expect((await host.media(mediaUrl.sample(project.id, 'nothing'))).status).toBe(404);
});

test('watched images: the program’s choice, a person’s, and what can’t be watched', async () => {
  const ask = { project: project.id };
  const own = await client.training.watched(ask);
  const val = await labelledVal();
  expect(own).toMatchObject({ chosen: false, split: 'val', most: 6 });
  expect(own.images).toHaveLength(4);
  const busiest = [...val].sort((a, b) => b.boxes - a.boxes)[0]!;
  expect(val.find(({ id }) => id === own.images[0]!.id)!.boxes).toBe(busiest.boxes);
  const wanted = idsOf(val).slice(-2);
  const mine = await client.training.watch({ ...ask, images: wanted });
  expect(mine).toMatchObject({ chosen: true, images: wanted.map((id) => ({ id, gone: false, painted: null })) });
  expect(await client.training.watched(ask)).toEqual(mine);
  const [train] = (await client.images.list({ ...ask, filter: { splits: ['train'] }, offset: 0, limit: 1 })).items;
  for (const images of [[train!.id], ['999999'], ['x'], [], idsOf(val).slice(0, 7)])
    await expect(client.training.watch({ ...ask, images })).rejects.toMatchObject({ code: 'argument-invalid' });
  expect(await client.training.watched(ask)).toEqual(mine);
  await client.project.close(ask);
  const { project: again } = await finishOpen();
  expect(await client.training.watched({ project: again.id })).toEqual(mine); // remembered with the project
});

const finishOpen = async () => ({ project: await client.project.open({ path: project.path }) });

test('other images are watched while a run goes on, and one that is deleted does not stop it', async () => {
  const ref = { project: project.id };
  const val = await labelledVal();
  const before = idsOf((await client.training.watched(ref)).images);
  const others = idsOf(val.filter(({ id }) => !before.includes(id))).slice(0, 3);
  const gone = val.find(({ id }) => id === others[1])!;
  const { id: run } = await client.training.start({ ...ref, config: { ...small, epochs: 6 } });
  expect(idsOf((await client.training.run({ ...ref, run })).previews)).toEqual(before);
  let epochs = 0;
  const seen: Extract<TrainingEvent, { type: 'previews' }>[] = [];
  await follow(run, async (event) => {
    if (event.type === 'previews') seen.push(event);
    if (event.type !== 'epoch') return false;
    if (++epochs === 1) {
      await client.training.watch({ ...ref, run, images: others });
      await rename(fileOf(gone), `${fileOf(gone)}.away`);
    }
    return false;
  });
  const { run: info, previews, metrics } = await client.training.run({ ...ref, run });
  expect(info).toMatchObject({ status: 'finished', epochsDone: 6, error: null });
  expect(metrics).toHaveLength(6);
  expect(idsOf(previews)).toEqual(others);
  expect(previews.map((image) => image.gone)).toEqual([false, true, false]);
  expect(previews.filter((image) => image.painted !== null).map(({ id }) => id)).toEqual(
    expect.arrayContaining([others[0], others[2]]),
  );
  expect(seen.some(({ images }) => idsOf(images).join() === others.join())).toBe(true);
  expect(seen.at(-1)!.images[1]).toMatchObject({ gone: true });
  expect((await client.training.watched(ref)).chosen).toBe(true); // and for the next run too
  await rename(`${fileOf(gone)}.away`, fileOf(gone));
  await expect(client.training.watch({ ...ref, run, images: before })).rejects.toMatchObject({
    code: 'argument-invalid',
  });
  const back = await client.training.watch({ ...ref, images: null });
  expect(back.chosen).toBe(false);
});

test('nothing is measured beside a run; it can be stopped and keeps its weights', async () => {
  const ref = { project: project.id };
  const { id: run } = await client.training.start({ ...ref, config: { ...small, epochs: 200 } });
  await follow(run, (event) => event.type === 'step');
  const beside = await finish(client.training.estimate({ ...ref, start: 'base', settings: { inputSize: 192 } }));
  expect(beside.progress).toBe(0);
  expect(beside.result.presets.map(({ seconds }) => seconds)).toEqual([null, null, null]);
  await follow(run, (event) => event.type === 'epoch');
  await client.training.stop({ ...ref, run });
  await expect
    .poll(async () => (await client.training.run({ ...ref, run })).run.status, { timeout: 60_000 })
    .toBe('stopped');
  const { run: info } = await client.training.run({ ...ref, run });
  expect(info).toMatchObject({ error: null, epochsDone: expect.any(Number) as number });
  expect((await client.models.list(ref)).map(({ id }) => id)).toContain(info.model);
  await client.models.setCurrent({ ...ref, model: info.model! });
  expect(await client.models.current(ref)).toEqual({ model: info.model });
});

test('a run waits its turn, and can be stopped before it has begun', async () => {
  const ref = { project: project.id };
  const { id: first } = await client.training.start({ ...ref, config: { ...small, epochs: 200 } });
  const { id: second } = await client.training.start({ ...ref, config: { ...small, epochs: 200 } });
  expect((await client.training.run({ ...ref, run: second })).run.status).toBe('waiting');
  await client.training.stop({ ...ref, run: second });
  await client.training.stop({ ...ref, run: first });
  for (const run of [first, second])
    await expect
      .poll(async () => (await client.training.run({ ...ref, run })).run.status, { timeout: 60_000 })
      .toBe('stopped');
  expect((await client.training.run({ ...ref, run: second })).run).toMatchObject({ model: null, error: null });
  for (const run of [first, second]) await client.training.delete({ ...ref, run });
});

test('name and note are kept, a model is exported from a run, and a deleted run takes its folder with it', async () => {
  const ref = { project: project.id };
  const [latest] = await client.training.runs(ref);
  const run = latest!.id;
  const note = 'Zweite Linse.\nMorning light — 早上的光。';
  await client.training.update({ ...ref, run, name: '  Night shift ', note });
  await expect(client.training.update({ ...ref, run, name: '   ' })).rejects.toMatchObject({
    code: 'argument-invalid',
  });
  await client.project.close(ref);
  await finishOpen();
  expect((await client.training.run({ ...ref, run })).run).toMatchObject({ name: 'Night shift', note });
  const model = (await client.models.list(ref)).find(({ id }) => id === latest!.model);
  expect(model).toMatchObject({ name: 'Night shift', note, run });

  const file = path.join(host.folder, 'night.onnx');
  const made = await finish(client.models.export({ ...ref, model: latest!.model!, file, outputs: 'boxes' }));
  expect((await stat(file)).size).toBe(made.result.bytes);
  expect(await readFile(made.result.readme, 'utf8')).toContain('coin');
  const imported = await client.models.import({ ...ref, file });
  expect(imported).toMatchObject({ classes: ['coin', 'key', 'mug'], inputSize: 128 });

  const live = await client.training.start({ ...ref, config: { ...small, epochs: 200 } });
  await expect(client.training.delete({ ...ref, run: live.id })).rejects.toMatchObject({ code: 'argument-invalid' });
  await client.training.stop({ ...ref, run: live.id });
  await expect
    .poll(async () => (await client.training.run({ ...ref, run: live.id })).run.status, { timeout: 60_000 })
    .toBe('stopped');
  await client.models.setCurrent({ ...ref, model: latest!.model! });
  await client.training.delete({ ...ref, run });
  expect((await client.training.runs(ref)).map(({ id }) => id)).not.toContain(run);
  expect(await client.models.current(ref)).toEqual({ model: 'base' });
  await expect(client.training.run({ ...ref, run })).rejects.toMatchObject({ code: 'argument-invalid' });
  expect(existsSync(file)).toBe(true); // what was exported stays
});

test('nothing unexpected was logged', () => expect(host.errors).toEqual([]));
