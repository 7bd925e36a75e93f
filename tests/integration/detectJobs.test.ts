// Detection jobs of the window over the built program: paused and trained further, left by version 0.1.0, saved beside gone pictures.
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DetectEvent, DetectJob, DetectResult, StudioClient } from '../../src/shared/contract/index.ts';
import { drawPictures, outputs, tinyRun } from '../support/detections.ts';
import { unpack010 } from '../support/version010.ts';
import { startBuiltHost, type BuiltHost } from './builtHost.ts';
import { finish } from './contract/finish.ts';

let host: BuiltHost;
let client: StudioClient;
let project: string;
let model: string;
const at = (...parts: string[]): string => path.join(host.folder, ...parts);

beforeAll(async () => {
  host = await startBuiltHost();
  ({ client } = host);
  await drawPictures(at('mine'), ['0.jpg']);
  project = (await finish(client.project.create({ path: at('mine'), classes: ['red'] }))).result.project.id;
  const run = await tinyRun(host.folder);
  ({ id: model } = await client.models.import({ project, file: path.join(run, 'checkpoints/best.safetensors') }));
  await drawPictures(
    at('in'),
    Array.from({ length: 40 }, (_, i) => `${i}.jpg`),
  );
  await symlink(at('nowhere'), at('in/dead.jpg'));
});
afterAll(() => host.close());

const start = (): Promise<DetectJob> =>
  client.detect.start({ project, model, paths: [at('in')], recursive: true, patterns: [], score: 0.1 });

/** Follows a job to its end, or to the event that `until` waits for. */
async function follow(job: string, until: (event: DetectEvent) => boolean = () => false): Promise<void> {
  for await (const event of await client.detect.events({ job })) if (until(event)) return;
}

const jobNow = async (id: string): Promise<DetectJob> => (await client.detect.jobs()).find((job) => job.id === id)!;
const results = async (job: string): Promise<DetectResult[]> =>
  (await client.detect.results({ job, offset: 0, limit: 100 })).items;
const found = (items: DetectResult[]): unknown =>
  Object.fromEntries(items.map(({ file, detections }) => [file, detections]));

/** Changes a weight of the imported model, as if it had been trained further. */
async function changeModel(): Promise<void> {
  const side = at('mine', '.ttfnet-studio');
  const name = (await readdir(side, { recursive: true })).find((entry) => entry.endsWith('.safetensors'))!;
  const bytes = await readFile(path.join(side, name));
  bytes.writeFloatLE(bytes.readFloatLE(bytes.length - 4) + 0.5, bytes.length - 4);
  await writeFile(path.join(side, name), bytes);
}

test('a job that is paused and goes on under changed weights begins anew, and says so', async () => {
  const { id } = await start();
  await follow(id, (event) => event.type === 'file');
  await client.detect.pause({ job: id });
  await follow(id);
  expect(await jobNow(id)).toMatchObject({ status: 'paused', notices: [], passedOver: { count: 1 } });
  const [early] = await results(id);
  await client.detect.resume({ job: id });
  await follow(id);
  expect(await jobNow(id)).toMatchObject({ status: 'finished', done: 40, images: 40, notices: [] });
  const before = await results(id);
  expect(before[0]).toEqual(early);

  const second = await start();
  await follow(second.id, (event) => event.type === 'file');
  await client.detect.pause({ job: second.id });
  await follow(second.id);
  await changeModel();
  await client.detect.resume({ job: second.id });
  await follow(second.id);
  const ended = await jobNow(second.id);
  expect(ended).toMatchObject({ status: 'finished', done: 40 });
  expect(ended.notices.map(({ said }) => said!.key)).toEqual(['detect.anewTrained']);
  expect(ended.passedOver.first).toMatchObject([{ path: at('in/dead.jpg'), said: { key: 'walk.deadLink' } }]);
  const whole = await start();
  await follow(whole.id);
  expect(found(await results(second.id))).toEqual(found(await results(whole.id)));
  expect(found(await results(second.id))).not.toEqual(found(before));
});

test('saving again goes on in the folder, beside a picture that is gone; another folder is refused', async () => {
  const [job] = await client.detect.jobs();
  await rm(at('in/7.jpg'));
  const save = (formats: string[], to = at('saved')) =>
    finish(client.detect.export({ job: job!.id, to, formats, score: 0.1 })).then(({ result }) => result);
  expect(await save(['csv', 'overlay'])).toMatchObject({ files: 40, changes: 1, notices: [] });
  expect(JSON.parse(await readFile(at('saved/changes.json'), 'utf8'))).toMatchObject([{ file: '7.jpg' }]);
  const before = await outputs(at('saved'));
  expect(await save(['csv', 'overlay'])).toMatchObject({ files: 40, changes: 1 });
  expect(await outputs(at('saved'))).toEqual(before);
  await expect(save(['csv'], at('in'))).rejects.toMatchObject({ code: 'argument-invalid' });
  await expect(save(['kitti'], at('new'))).rejects.toMatchObject({ code: 'argument-invalid' });
});

test('a job of version 0.1.0 keeps its results; going on with it begins anew, and says so', async () => {
  await host.close();
  const id = '7d1f0c9e-0000-4000-8000-000000000010';
  host = await startBuiltHost();
  ({ client } = host);
  const old = await unpack010();
  const folder = at('data/detections', id);
  await mkdir(folder, { recursive: true });
  await drawPictures(at('pictures'), ['0.png', '1.png']);
  const journal = await readFile(path.join(old, 'detections/journal.jsonl'), 'utf8');
  const lines = journal.replaceAll('/home/someone/pictures', at('pictures')).split('\n');
  await writeFile(path.join(folder, 'results.jsonl'), ['{"sweep":"some model 0.1"}', ...lines.slice(1)].join('\n'));
  const job = {
    ...{ id, status: 'paused', model: 'm', modelName: 'Old', classes: ['red', 'yellow'], score: 0.1 },
    ...{ paths: [at('pictures')], createdAt: 1, images: 1, done: 1, failed: 0, detections: 100, perClass: [50, 50] },
    error: null,
  };
  const reference = path.join(old, 'exported.onnx');
  await writeFile(path.join(folder, 'job.json'), JSON.stringify({ job, reference, recursive: false, patterns: [] }));
  expect(await results(id)).toHaveLength(1);
  const made = await finish(client.detect.export({ job: id, to: at('old'), formats: ['csv'], score: 0.1 }));
  expect(made.result).toMatchObject({ files: 1, changes: 0 });
  await client.detect.resume({ job: id });
  await follow(id);
  expect(await jobNow(id)).toMatchObject({
    status: 'finished',
    done: 2,
    notices: [{ said: { key: 'detect.anewVersion' } }],
  });
  expect((await readdir(folder)).sort()).toEqual(expect.arrayContaining(['earlier-1', 'journal.jsonl']));
  await rm(old, { recursive: true });
});
