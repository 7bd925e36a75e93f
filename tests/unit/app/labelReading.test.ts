// Labels that a child process reads for the host: the same as read here, and a child that dies, hangs or fills up harms nothing.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test, vi } from 'vitest';
import { inspectLabels, withLabels } from '../../../src/app/host/labelReading.ts';
import { readAnnotations, saveAnnotations } from '../../../src/app/tasks/projectImport.ts';
import { forkChild } from '../../../src/app/worker/forkChild.ts';
import { labelMethods } from '../../../src/app/worker/labels.ts';
import type { LabelMethods } from '../../../src/app/worker/methods.ts';
import type { FromWorker, ToWorker } from '../../../src/app/worker/protocol.ts';
import { serveWorker } from '../../../src/app/worker/serveWorker.ts';
import { WorkerClient, type Child } from '../../../src/app/worker/workerClient.ts';
import { createWorkers, type Workers } from '../../../src/app/worker/workers.ts';
import type { LabelledImage } from '../../../src/shared/labels.ts';
import { factsOf, newFolder, newProject } from '../store/support.ts';

const main = path.resolve(import.meta.dirname, '../../../src/app/worker/main.ts');
const quiet = { onProgress: () => undefined };
const facts = (file: string) => Promise.resolve(factsOf(file));

/** Workers whose reader lives in this process; `post` may look at, change or drop (null) what it says. */
function workersHere(post: (message: FromWorker, die: () => void) => FromWorker | null = (message) => message) {
  const children: { killed: boolean }[] = [];
  const labels: Workers['labels'] = async (use) => {
    const reader = new WorkerClient<LabelMethods>(
      'label',
      () => {
        const up: ((message: FromWorker) => void)[] = [];
        const down: ((message: ToWorker) => void)[] = [];
        const exits: ((reason: string) => void)[] = [];
        const die = () => exits.forEach((listen) => listen('SIGABRT'));
        const child: Child & { killed: boolean } = {
          killed: false,
          post: (message) => down.forEach((listen) => listen(structuredClone(message))),
          onMessage: (listener) => up.push(listener),
          onExit: (listener) => exits.push(listener),
          kill: () => (child.killed = true),
        };
        children.push(child);
        const send = (message: FromWorker) => {
          const sent = post(message, die);
          if (sent && !child.killed) up.forEach((listen) => listen(structuredClone(sent)));
        };
        serveWorker<LabelMethods>({ post: send, onMessage: (listener) => down.push(listener) }, labelMethods);
        return child;
      },
      () => undefined,
    );
    return use(reader).finally(() => reader.close());
  };
  return { workers: { labels } as Workers, children };
}

/** A folder with that many pictures, a box on each; every third box reaches outside of its picture. */
async function cocoFolder(count: number): Promise<string> {
  const folder = newFolder();
  const names = Array.from({ length: count }, (_, i) => `${i + 1}.jpg`);
  await mkdir(path.join(folder, 'images'));
  const grey = { width: 640, height: 480, channels: 3 as const, background: '#808080' };
  const picture = await sharp({ create: grey }).jpeg().toBuffer();
  for (const name of names) await writeFile(path.join(folder, 'images', name), picture);
  const images = names.map((name, id) => ({ id, file_name: name, width: 640, height: 480 }));
  const annotations = names.map((_, id) => ({
    image_id: id,
    category_id: 1 + (id % 2),
    bbox: [1, 2, id % 3 === 0 ? 700 : 30 + id / 8, 40],
  }));
  const categories = ['cat', 'dog'].map((name, i) => ({ id: i + 1, name }));
  await writeFile(path.join(folder, 'labels.json'), JSON.stringify({ images, categories, annotations }));
  return folder;
}

const readingOf = (folder: string) => ({
  ...{ folder, format: 'coco' as const, images: path.join(folder, 'images') },
  ...{ signal: new AbortController().signal, ...quiet },
});

test('images, classes and findings come as if they were read here, however many there are', async () => {
  const folder = await cocoFolder(1700);
  const reading = readingOf(folder);
  const here = await readAnnotations(reading, reading.images, { ...quiet });
  const expected: LabelledImage[] = [];
  for await (const image of here.images) expected.push(image);
  const { workers, children } = workersHere();
  const images: LabelledImage[] = [];
  const report = await withLabels(workers, reading, async (opened) => {
    expect([opened.classes, opened.count, opened.format, opened.imageRoot]).toEqual([
      ...[here.classes, here.count, here.format, here.imageRoot],
    ]);
    for await (const image of opened.images) images.push(image);
    return opened.report();
  });
  expect(images).toEqual(expected);
  expect(report).toEqual(here.report());
  expect(report.losses.length).toBeGreaterThan(500);
  expect(children).toEqual([expect.objectContaining({ killed: true })]);
});

test('only a few messages are on their way before one is taken', { timeout: 60_000 }, async () => {
  const folder = await cocoFolder(3000);
  let sent = 0;
  const { workers } = workersHere((message) => {
    if (message.type === 'event' && (message.event as { type: string }).type === 'images') sent++;
    return message;
  });
  await withLabels(workers, readingOf(folder), async (opened) => {
    const images = (opened.images as AsyncGenerator<LabelledImage>)[Symbol.asyncIterator]();
    await images.next();
    await vi.waitFor(() => {
      expect(sent).toBe(2);
    }, 30_000);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBe(2);
    while (!(await images.next()).done);
  });
  expect(sent).toBe(6);
});

test('a reader that dies in the middle: the sentence names the folder, and nothing of the import stays', async () => {
  const folder = await cocoFolder(3000);
  const project = newProject(3000, path.join(folder, 'images'));
  const before = [project.classes(), project.counts()];
  let parts = 0;
  const { workers } = workersHere((message, die) => {
    if (message.type === 'event' && (message.event as { type: string }).type === 'images' && ++parts === 4) {
      die();
      return null;
    }
    return message;
  });
  const reading = readingOf(folder);
  const importing = withLabels(workers, reading, (opened) => saveAnnotations(project, opened, reading, { facts }));
  await expect(importing).rejects.toMatchObject({
    code: 'annotation-invalid',
    message: expect.stringContaining(`The labels in ${folder} took more memory or time`) as string,
  });
  expect([project.classes(), project.counts()]).toEqual(before);
});

test('cancelling ends the reading', async () => {
  const folder = await cocoFolder(3000);
  const stop = new AbortController();
  const { workers } = workersHere();
  const reading = { ...readingOf(folder), signal: stop.signal };
  const cancelled = withLabels(workers, reading, async (opened) => {
    for await (const _image of opened.images) stop.abort();
  });
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
});

test(
  'a real process finds formats, passes errors on, and ends when its memory is used up',
  { timeout: 120_000 },
  async () => {
    const folder = await cocoFolder(3);
    const limit = ['--max-old-space-size=90'];
    const workers = createWorkers(
      (env) => forkChild(main, env, ['--import', 'tsx', ...limit]),
      () => 0,
      () => undefined,
    );
    const { signal } = new AbortController();
    const found = await inspectLabels(workers, folder, signal);
    expect(found).toMatchObject({ images: 3, found: [{ format: 'coco' }] });
    const nowhere = path.join(folder, 'nowhere');
    await expect(inspectLabels(workers, nowhere, signal)).rejects.toMatchObject({ code: 'file-missing' });
    await writeFile(path.join(folder, 'a.xml'), `<annotation>${'<x/>'.repeat(3_000_000)}</annotation>`);
    const reading = { ...readingOf(folder), format: 'voc' as const };
    const full = withLabels(workers, reading, () => Promise.resolve());
    await expect(full).rejects.toMatchObject({ code: 'annotation-invalid' });
    await expect(full).rejects.toThrow(`The labels in ${folder} took more memory`);
  },
);
