// The work behind the contract on the sample project: suggestions, heatmap, click-to-box, training with pause and a killed process, folder detection, export.
import { readdir } from 'node:fs/promises';
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
});
afterAll(() => host.close());

const resultOf = async <T>(stream: Parameters<typeof finish<T>>[0]): Promise<T> => (await finish(stream)).result;
const list = async () => (await client.images.list({ project: project.id, offset: 0, limit: 100 })).items;

test('the sample opens with its labels and its splits, ready to train', async () => {
  const { project: opened, imported } = await resultOf(client.project.sample());
  project = opened;
  expect(imported).toMatchObject({ format: 'voc', images: 60 });
  expect(opened.counts.boxes).toBeGreaterThan(100);
  expect((await client.labels.classes({ project: opened.id })).map(({ name }) => name)).toEqual(['coin', 'key', 'mug']);
  const blocking = (await client.training.readiness({ project: opened.id })).filter((i) => i.severity === 'blocking');
  expect(blocking).toEqual([]);
  expect((await client.project.recent()).map(({ name }) => name)).toEqual(['Sample']);
});

test('the base model lists itself and says what it sees: heatmap planes, peaks, a box at a click', async () => {
  const models = await client.models.list({ project: project.id });
  expect(models).toMatchObject([{ id: 'base', kind: 'base', inputSize: 512 }]);
  const [image] = await list();
  const ask = { project: project.id, image: image!.id, model: 'base' };
  const heat = await client.detect.heatmap(ask);
  expect(heat).toMatchObject({ columns: 128, rows: 128, cellWidth: 5, cellHeight: 3.75 });
  const scores = new Uint8Array(await (await host.media(mediaUrl.heatmap(project.id, heat.id))).arrayBuffer());
  expect(scores.length).toBe(heat.classes.length * 128 * 128);
  const highest = new Uint8Array(128 * 128);
  scores.forEach((score, i) => (highest[i % highest.length] = Math.max(highest[i % highest.length]!, score)));
  expect(Buffer.from(heat.strongest, 'base64').equals(highest)).toBe(true);
  const distances = new Float32Array(await (await host.media(mediaUrl.distances(project.id, heat.id))).arrayBuffer());
  expect(distances.length).toBe(4 * 128 * 128);
  const [peak] = heat.peaks;
  if (peak && peak.score > 0.2) {
    const clicked = await client.detect.clickBox({ ...ask, x: peak.x, y: peak.y });
    expect(clicked).toMatchObject({ className: heat.classes[peak.classId] });
    expect(scores.reduce((most, v) => Math.max(most, v), 0) / 255).toBeCloseTo(peak.score, 1);
  }
});

test('suggestions arrive as suggestions, never over a person’s box, and can be accepted', async () => {
  const [image] = await list();
  const before = (await client.labels.get({ project: project.id, image: image!.id })).objects.length;
  const result = await resultOf(
    client.detect.suggest({
      project: project.id,
      model: 'base',
      images: [image!.id],
      minScore: 0.05,
      addClasses: true,
    }),
  );
  expect(result).toMatchObject({ images: 1, failed: [] });
  const { objects } = await client.labels.get({ project: project.id, image: image!.id });
  expect(objects.filter(({ state }) => state === 'confirmed')).toHaveLength(before);
  const suggested = objects.filter(({ state }) => state === 'suggested');
  expect(suggested).toHaveLength(result.boxes);
  for (const { author, score } of suggested) expect([author.kind, score !== null]).toEqual(['model', true]);
  if (suggested.length === 0) return;
  const changes = [{ type: 'accept' as const, id: suggested[0]!.id }];
  const after = await client.labels.edit({ project: project.id, image: image!.id, action: 'accept', changes });
  expect(after.objects.find(({ id }) => id === suggested[0]!.id)!.state).toBe('confirmed');
  await client.labels.undo({ project: project.id });
});

async function follow(run: string, until: (event: TrainingEvent) => boolean): Promise<TrainingEvent[]> {
  const seen: TrainingEvent[] = [];
  for await (const event of await client.training.events({ project: project.id, run })) {
    seen.push(event);
    if (until(event)) break;
  }
  return seen;
}

test('a run trains, pauses, survives a killed process, goes on, and its model can be used', async () => {
  const config = { start: 'base', preset: 'quick' as const, epochs: 2, inputSize: 128, batch: 8, seed: 1 };
  const { id: run } = await client.training.start({ project: project.id, config });
  const ref = { project: project.id, run };
  const seen = await follow(run, (event) => event.type === 'step');
  expect(seen[0]).toMatchObject({ type: 'snapshot' });
  await client.training.pause(ref);
  await expect.poll(async () => (await client.training.run(ref)).run.status, { timeout: 60_000 }).toBe('paused');
  await client.training.resume(ref);
  await follow(run, (event) => event.type === 'step');
  host.children.at(-1)!.kill(); // as a native crash would
  await expect.poll(async () => (await client.training.run(ref)).run.status, { timeout: 60_000 }).toBe('interrupted');
  expect((await client.training.run(ref)).run.error).toContain('stopped unexpectedly');
  await client.training.resume(ref);
  const rest = await follow(run, () => false); // to the end of the stream: the last pictures come after the last status
  const statuses = rest.filter((event) => event.type === 'status');
  expect(statuses.at(-1)).toMatchObject({ run: { status: 'finished', epochsDone: 2, error: null } });
  const { run: info, metrics, previews } = await client.training.run(ref);
  const painted = [...seen, ...rest].findLast((event) => event.type === 'previews');
  expect(painted?.images.length).toBeGreaterThan(0);
  expect(previews.map(({ id }) => id)).toEqual(painted!.images.map(({ id }) => id));
  const shown = previews.find(({ painted: at }) => at !== null)!;
  const picture = await host.media(mediaUrl.preview(project.id, run, shown.id, shown.painted!));
  expect(await sharp(Buffer.from(await picture.arrayBuffer())).metadata()).toMatchObject({ format: 'webp' });
  expect(metrics.map(({ epoch }) => epoch)).toEqual([1, 2]);
  expect(metrics.every(({ losses }) => losses.total > 0 && Number.isFinite(losses.total))).toBe(true);
  await client.models.setCurrent({ project: project.id, model: info.model! });
  const [image] = await list();
  const heat = await client.detect.heatmap({ project: project.id, image: image!.id, model: info.model! });
  expect(heat).toMatchObject({ classes: expect.arrayContaining(['coin', 'key', 'mug']) as string[], columns: 32 });
});

test('a model is measured: numbers, curves, confusion at any threshold, mistakes with their images, kept until run again', async () => {
  const [run] = await client.training.runs({ project: project.id });
  const ask = { project: project.id, model: run!.model!, split: 'val' as const };
  const report = await resultOf(client.evaluate.run(ask));
  expect(report).toMatchObject({ split: 'val', stale: false, failed: [], unknownToModel: [] });
  expect(report.classes.slice(0, 3).map(({ name }) => name)).toEqual(['coin', 'key', 'mug']); // suggestions have added more
  expect(report.curves.map(({ classId }) => classId)).toEqual([null, ...report.classes.keys()]);
  const { counts } = await client.evaluate.confusion({ project: project.id, evaluation: report.id, score: 0.1 });
  const labelled = counts.slice(0, -1).map((row) => row.reduce((sum, n) => sum + n, 0));
  expect(labelled).toEqual(report.perClass.map(({ labels }) => labels)); // every label is counted once
  const at = { project: project.id, evaluation: report.id, score: 0.99 };
  const missed = await client.evaluate.errors({ ...at, kind: 'missed', offset: 0, limit: 3 });
  expect(missed.total).toBeGreaterThan(0);
  const { image, path: file } = missed.items[0]!;
  expect((await client.images.get({ project: project.id, images: [image!] }))[0]!.path).toBe(file);
  await client.evaluate.labelMistakes({ project: project.id, evaluation: report.id, offset: 0, limit: 3 });
  await resultOf(client.evaluate.run(ask));
  expect(await client.evaluate.list({ project: project.id })).toMatchObject([{ model: run!.model, ap: report.ap }]);
  await expect(client.evaluate.get({ project: project.id, evaluation: report.id })).rejects.toMatchObject({
    code: 'file-missing', // the second run took its place
  });
});

test('measuring can be cancelled and keeps nothing; a model that is gone is refused', async () => {
  const before = await client.evaluate.list({ project: project.id });
  const stop = new AbortController();
  const model = (await client.training.runs({ project: project.id }))[0]!.model!;
  const stream = await client.evaluate.run({ project: project.id, model, split: null }, { signal: stop.signal });
  const read = (async () => {
    for await (const _event of stream) stop.abort();
  })();
  await read.catch((error: unknown) => expect(error).toMatchObject({ code: 'cancelled' }));
  const gone = finish(client.evaluate.run({ project: project.id, model: 'run-gone', split: 'val' }));
  await expect(gone).rejects.toMatchObject({ code: 'model-invalid' });
  expect(await client.evaluate.list({ project: project.id })).toEqual(before);
});

test('a folder job tells of each file, pages its results, can be exported, and is remembered', async () => {
  const images = path.join(host.folder, 'data', 'Sample project', 'JPEGImages');
  const job = await client.detect.start({
    ...{ project: project.id, model: 'base', paths: [images], recursive: false, patterns: ['*1.jpg'], score: 0.1 },
  });
  let files = 0;
  for await (const event of await client.detect.events({ job: job.id })) if (event.type === 'file') files += 1;
  const [done] = await client.detect.jobs();
  expect(done).toMatchObject({ status: 'finished', done: done!.images, failed: 0 });
  expect(done!.images).toBe((await readdir(images)).filter((name) => name.endsWith('1.jpg')).length);
  expect(files).toBeLessThanOrEqual(done!.images);
  const page = await client.detect.results({ job: job.id, offset: 1, limit: 2 });
  expect(page.items.map(({ index }) => index)).toEqual([1, 2]);
  expect((await host.media(mediaUrl.result(job.id, 1, 256))).headers.get('content-type')).toBe('image/webp');
  const to = path.join(host.folder, 'out');
  const made = await resultOf(client.detect.export({ job: job.id, to, formats: ['coco', 'overlay'], score: 0.2 }));
  expect(made.files).toBe(2 + done!.images);
  expect((await readdir(path.join(to, 'coco'))).sort()).toEqual(['detections.json', 'instances.json']);
  await client.detect.resume({ job: job.id }); // finished: nothing to do
  await client.detect.delete({ job: job.id });
  expect(await client.detect.jobs()).toEqual([]);
});

test('a model is exported with its readme', async () => {
  const file = path.join(host.folder, 'model.onnx');
  const made = await resultOf(client.models.export({ project: project.id, model: 'base', file, outputs: 'boxes' }));
  expect(made).toMatchObject({ file, readme: path.join(host.folder, 'model.md') });
  expect(made.bytes).toBeGreaterThan(1_000_000);
  const imported = await client.models.import({ project: project.id, file });
  expect(imported).toMatchObject({ kind: 'import', name: 'model', inputSize: 512 });
});

test('the threads that a person set compute from the next request on', async () => {
  await client.system.updateSettings({ threads: 1 });
  expect(await client.system.measure()).toMatchObject({ threads: 1 });
  await client.system.updateSettings({ threads: 2 });
  expect(await client.system.measure()).toMatchObject({ threads: 2 });
  await client.system.updateSettings({ threads: 0 });
  const { threads } = await client.system.measure();
  expect(threads).toBeGreaterThan(0);
});

test('a run limited by time says how much of it is spent and how many epochs it will have', async () => {
  const config = { start: 'base', preset: 'quick' as const, minutes: 0.1, inputSize: 128, batch: 8, seed: 1 };
  const { id: run } = await client.training.start({ project: project.id, config });
  const events = await follow(run, (event) => event.type === 'status' && event.run.status === 'finished');
  const steps = events.filter((event) => event.type === 'step');
  expect(steps.length).toBeGreaterThan(2);
  for (const step of steps) {
    expect(step.secondsBudget).toBe(6);
    expect(step.epochs).toBeGreaterThan(0);
  }
  const [first, last] = [steps[0]!, steps.at(-1)!];
  expect(last.secondsSpent).toBeGreaterThan(first.secondsSpent);
  expect(last.share).toBeGreaterThan(first.share);
  const { run: info } = await client.training.run({ project: project.id, run });
  expect(info.epochs).toBe(info.epochsDone); // what time allowed is all there was
  await client.training.delete({ project: project.id, run });
});

test('the machine says which processors it has', async () => {
  const providers = await client.system.providers();
  expect(await client.system.info()).toMatchObject({ shell: 'browser', providers });
  expect(providers.find(({ name }) => name === 'cpu')).toMatchObject({ available: true });
});

test('only the killed process was logged', () => {
  expect(host.errors.map((error) => (error as Error).message)).toEqual([
    expect.stringContaining('The training process stopped'),
  ]);
});
