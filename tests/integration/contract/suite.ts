// The contract suite: what a client may rely on, whatever the transport. Run over both by contract.test.ts.
import { randomUUID } from 'node:crypto';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProjectInfo, StudioClient } from '../../../src/shared/contract/index.ts';
import { StudioError } from '../../../src/shared/errors.ts';
import { mediaUrl } from '../../../src/shared/media.ts';
import { finish } from './finish.ts';
import { writePictures } from './pictures.ts';
import type { Transport } from './transport.ts';

const refusal = (promise: Promise<unknown>): Promise<StudioError> =>
  promise.then(
    () => Promise.reject(new Error('it was allowed')),
    (error: unknown) => error as StudioError,
  );

async function first<T>(stream: AsyncIterable<T>, fits: (event: T) => boolean): Promise<T | null> {
  for await (const event of stream) if (fits(event)) return event;
  return null;
}

/** Registers the suite's tests. */
export function contractSuite(open: () => Promise<Transport>): void {
  let transport: Transport;
  let client: StudioClient;
  let project: ProjectInfo;

  beforeAll(async () => {
    transport = await open();
    client = transport.connection.client;
    await writePictures(transport.root, 4);
    await transport.allow(transport.root);
  });
  afterAll(() => transport.close());

  const images = async () => (await client.images.list({ project: project.id, offset: 0, limit: 100 })).items;
  const labelsOf = (image: string) => client.labels.get({ project: project.id, image });

  test('a folder is looked into before it becomes a project', async () => {
    const report = await client.project.inspectFolder({ path: transport.root });
    expect(report).toMatchObject({ images: 5, isProject: false, annotations: [] });
  });

  test('a project is made with progress, and its images are there at once', async () => {
    const { result, progress } = await finish(client.project.create({ path: transport.root, classes: ['cat', 'dog'] }));
    project = result.project;
    expect(progress).toBeGreaterThan(0);
    expect(await client.project.inspectFolder({ path: transport.root })).toMatchObject({ isProject: true });
    expect(project.counts.images).toBe(5);
    expect((await images()).map(({ path: file }) => file)).toEqual([
      'broken.jpg',
      'picture 1.jpg',
      'picture 2.jpg',
      'picture 3.jpg',
      'picture 4.jpg',
    ]);
  });

  test('an input against the schema is refused with the field and the reason', async () => {
    const wrong = { project: project.id, offset: -1, limit: 10 };
    const error = await refusal(client.images.list(wrong));
    expect(error).toBeInstanceOf(StudioError);
    expect(error.code).toBe('argument-invalid');
    expect(error.message).toMatch(/images\.list.*"offset"/);
  });

  test('an unknown id, and a path that nobody chose, are refused with their codes', async () => {
    expect((await refusal(client.project.info({ project: 'nothing' }))).code).toBe('file-missing');
    expect((await refusal(client.project.inspectFolder({ path: '/etc' }))).code).toBe('not-allowed');
    const outside = path.join(transport.root, '..', '..', '..', 'etc');
    expect((await refusal(client.project.open({ path: outside }))).code).toBe('not-allowed');
  });

  test('an edit is saved when it returns, keeps the id that the caller made, and can be undone and redone', async () => {
    const image = (await images())[1]!.id;
    const [cat] = await client.labels.classes({ project: project.id });
    const id = randomUUID();
    const box = { x1: 10, y1: 20, x2: 500, y2: 100 };
    const edited = await client.labels.edit({
      project: project.id,
      image,
      action: 'draw',
      changes: [{ type: 'add', id, classId: cat!.id, box }],
    });
    expect(edited.image).toMatchObject({ width: 160, height: 120, status: 'labelled', boxes: 1 });
    expect(edited.objects).toMatchObject([{ id, box: { ...box, x2: 160 }, state: 'confirmed' }]);
    const undone = await client.labels.undo({ project: project.id });
    expect(undone.entry).toMatchObject({ action: 'draw', images: [image], undone: true });
    expect((await labelsOf(image)).objects).toEqual([]);
    await client.labels.redo({ project: project.id });
    expect((await labelsOf(image)).objects).toMatchObject([{ id }]);
    const history = await client.labels.history({ project: project.id, image, limit: 10 });
    expect(history.map(({ action }) => action)).toContain('draw');
    const drawn = history.find(({ action }) => action === 'draw')!;
    expect(await client.labels.at({ project: project.id, image, entry: drawn.id })).toMatchObject([{ id }]);
  });

  test('a box without area is refused and changes nothing', async () => {
    const image = (await images())[2]!.id;
    const [cat] = await client.labels.classes({ project: project.id });
    const box = { x1: 5, y1: 5, x2: 5, y2: 50 };
    const changes = [{ type: 'add' as const, id: randomUUID(), classId: cat!.id, box }];
    const error = await refusal(client.labels.edit({ project: project.id, image, action: 'draw', changes }));
    expect(error.code).toBe('argument-invalid');
    expect((await labelsOf(image)).objects).toEqual([]);
  });

  test('two windows see each other’s changes', async () => {
    const other = transport.second.client;
    const same = await other.project.open({ path: transport.root });
    expect(same.id).toBe(project.id);
    const stop = new AbortController();
    const stream = await other.project.events({ project: project.id }, { signal: stop.signal });
    const heard = first(stream, (event) => event.type === 'classes');
    await client.labels.addClass({ project: project.id, name: '鸟 "bird" 🐦' });
    expect(await heard).toMatchObject({ type: 'classes' });
    stop.abort();
    expect((await other.labels.classes({ project: project.id })).map(({ name }) => name)).toContain('鸟 "bird" 🐦');
  });

  test('work is cancelled by its signal', async () => {
    const stop = new AbortController();
    const stream = await client.images.duplicates({ project: project.id }, { signal: stop.signal });
    stop.abort();
    const events: unknown[] = [];
    await refusalOrEnd(stream, events);
    expect(events.some((event) => (event as { type: string }).type === 'done')).toBe(false);
  });

  test('pixels come by id, thumbnails small, bad files with a sentence, other paths not at all', async () => {
    const [broken, good] = await images();
    const thumbnail = await transport.media(mediaUrl.thumbnail(project.id, good!.id, 64));
    expect(thumbnail.status).toBe(200);
    expect(thumbnail.headers.get('content-type')).toBe('image/webp');
    expect((await thumbnail.arrayBuffer()).byteLength).toBeGreaterThan(100);
    const whole = await transport.media(mediaUrl.image(project.id, good!.id));
    expect(whole.headers.get('content-type')).toBe('image/jpeg');
    const bad = await transport.media(mediaUrl.thumbnail(project.id, broken!.id));
    expect(bad.status).toBe(415);
    expect(await bad.text()).toContain('broken.jpg');
    expect((await transport.media(`/media/${project.id}/image/..%2F..%2Fetc%2Fpasswd`)).status).toBe(404);
    expect((await transport.media('/media/nothing/image/1')).status).toBe(404);
  });

  test('labels go out in a format and come back, with a report', async () => {
    const to = path.join(transport.root, '..', 'exported');
    await mkdir(to, { recursive: true });
    await transport.allow(to);
    const out = await finish(client.dataset.export({ project: project.id, format: 'coco', to }));
    expect(out.result).toMatchObject({ images: 1, boxes: 1 });
    expect(await client.dataset.find({ path: to })).toMatchObject([{ format: 'coco' }]);
    const error = await refusal(finish(client.dataset.export({ project: project.id, format: 'coco', to })));
    expect(error.code).toBe('argument-invalid'); // nothing is overwritten
    const back = await finish(client.dataset.import({ project: project.id, path: to, format: 'coco' }));
    expect(back.result).toMatchObject({ boxes: 1 });
    const [, first] = await images();
    expect((await labelsOf(first!.id)).objects).toHaveLength(1); // the same box isn't doubled
  });

  test('settings are kept and told to every window', async () => {
    const other = transport.second.client;
    const stop = new AbortController();
    const stream = await other.system.events(undefined, { signal: stop.signal });
    const heard = first(stream, (event) => event.type === 'settings');
    await client.system.updateSettings({ theme: 'dark' });
    expect(await heard).toMatchObject({ settings: { theme: 'dark' } });
    stop.abort();
    expect((await client.system.settings()).theme).toBe('dark');
  });

  test('a lost connection comes back, running calls say so, streams are followed on', async () => {
    const seen: string[] = [];
    const states: string[] = [];
    const stopStatus = transport.connection.onStatus((status) => states.push(status));
    const stop = transport.connection.follow(
      (c, signal) => c.project.events({ project: project.id }, { signal }),
      (event) => seen.push(event.type),
    );
    await client.project.info({ project: project.id });
    await transport.breakWire();
    await expect.poll(() => states, { timeout: 10_000 }).toEqual(['lost', 'open']);
    expect((await client.project.info({ project: project.id })).counts.boxes).toBe(1);
    await expect
      .poll(
        async () => {
          await client.project.rename({ project: project.id, name: 'After the break' });
          return seen;
        },
        { timeout: 10_000 },
      )
      .toContain('project');
    stop();
    stopStatus();
  });

  test('an image deleted under the program is missing after a rescan, and its labels stay', async () => {
    await rm(path.join(transport.root, 'picture 1.jpg'));
    await writeFile(path.join(transport.root, 'readme.txt'), 'not an image');
    const { result } = await finish(client.project.rescan({ project: project.id }));
    expect(result.missing).toBe(1);
    const gone = (await images()).find(({ path: file }) => file === 'picture 1.jpg')!;
    expect(gone).toMatchObject({ missing: true, boxes: 1 });
    expect((await transport.media(mediaUrl.image(project.id, gone.id))).status).toBe(404);
  });

  test('a new name is told to every window and to Home', async () => {
    const other = transport.second.client;
    const stop = new AbortController();
    const heard = first(
      await other.project.events({ project: project.id }, { signal: stop.signal }),
      (event) => event.type === 'project',
    );
    await client.project.rename({ project: project.id, name: '  水果 fruit ' });
    await heard;
    stop.abort();
    expect((await other.project.info({ project: project.id })).name).toBe('水果 fruit');
    expect((await client.project.recent()).map(({ name }) => name)).toContain('水果 fruit');
    expect((await refusal(client.project.rename({ project: project.id, name: '   ' }))).code).toBe('argument-invalid');
  });

  /** Draws one box with the first class. */
  const draw = async (to: string, image: string, x1: number) => {
    const [cat] = await client.labels.classes({ project: to });
    const box = { x1, y1: 5, x2: x1 + 20, y2: 25 };
    const changes = [{ type: 'add' as const, id: randomUUID(), classId: cat!.id, box }];
    return client.labels.edit({ project: to, image, action: 'draw', changes });
  };

  test('a named state is brought back as a step that can itself be undone', async () => {
    const image = (await images())[2]!.id;
    const kept = await client.project.makeCheckpoint({ project: project.id, name: 'Before lunch' });
    await draw(project.id, image, 40);
    await client.project.restoreCheckpoint({ project: project.id, checkpoint: kept.id });
    expect((await labelsOf(image)).objects).toEqual([]);
    expect((await client.project.checkpoints({ project: project.id }))[0]).toMatchObject({ name: 'Before lunch' });
    await client.labels.undo({ project: project.id });
    expect((await labelsOf(image)).objects).toHaveLength(1);
  });

  test('another person’s copy is merged in one step for undo', async () => {
    const copy = path.join(transport.root, '..', 'copy');
    await cp(transport.root, copy, { recursive: true });
    await transport.allow(copy);
    const theirs = await client.project.open({ path: copy });
    expect(theirs.id).not.toBe(project.id);
    const image = (await images())[3]!;
    await draw(theirs.id, image.id, 70); // the same row in both copies
    await draw(project.id, image.id, 10);
    await client.project.close({ project: theirs.id });
    const preview = await client.project.mergePreview({ project: project.id, from: copy });
    expect(preview).toMatchObject({ added: 1, removed: 0, conflicts: [] });
    const merged = await client.project.merge({ project: project.id, from: copy });
    expect(merged).toMatchObject({ added: 1, removed: 0, conflicts: 0 });
    const boxes = async () => (await labelsOf(image.id)).objects.map(({ box }) => box.x1).sort((a, b) => a - b);
    expect(await boxes()).toEqual([10, 70]);
    await client.labels.undo({ project: project.id });
    expect(await boxes()).toEqual([10]);
    const wrong = client.project.merge({ project: project.id, from: path.join(transport.root, '..') });
    expect((await refusal(wrong)).code).toMatch(/file-missing|not-allowed/);
  });

  test('watched images and samples: chosen by id within the schema, refused outside it, pictures by id', async () => {
    const ask = { project: project.id };
    const wanted = (await images()).slice(3, 5).map(({ id }) => id);
    for (const image of wanted) await draw(project.id, image, 90);
    await client.images.setSplit({ ...ask, images: wanted, split: 'val' });
    const own = await client.training.watched(ask);
    expect(own).toMatchObject({ chosen: false, split: 'val', most: 6 });
    const mine = await client.training.watch({ ...ask, images: [wanted[1]!] });
    expect(mine).toMatchObject({ chosen: true, images: [{ id: wanted[1], gone: false, painted: null }] });
    expect(await transport.second.client.training.watched(ask)).toEqual(mine);
    const seven = Array.from({ length: 7 }, () => wanted[0]!);
    for (const bad of [[], seven, ['no such image'], ['123456']])
      expect((await refusal(client.training.watch({ ...ask, images: bad }))).code).toBe('argument-invalid');
    expect((await refusal(client.training.watched({ ...ask, run: '99' }))).code).toBe('argument-invalid');
    expect(await client.training.watch({ ...ask, images: null })).toMatchObject({ chosen: false });
    await client.images.setSplit({ ...ask, images: wanted, split: 'train' });
    const query = { ...ask, settings: { preset: 'thorough' as const, inputSize: 128 }, seed: 3, heat: true, count: 2 };
    const { result, progress } = await finish(client.training.samples(query));
    expect(progress).toBeGreaterThan(0);
    expect(result).toHaveLength(2);
    const picture = await transport.media(mediaUrl.sample(project.id, result[0]!.id));
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/webp']);
    const stop = new AbortController();
    const stream = await client.training.samples({ ...query, seed: 4, count: 12 }, { signal: stop.signal });
    stop.abort();
    const events: unknown[] = [];
    await refusalOrEnd(stream, events);
    expect(events.some((event) => (event as { type: string }).type === 'done')).toBe(false);
    const wrong = client.training.samples({ ...query, settings: { preset: 'quick', inputSize: 100 } });
    expect((await refusal(wrong)).code).toBe('argument-invalid');
  });

  test('a folder job is paused, goes on, survives a killed process, and does no file twice', async () => {
    const many = path.join(transport.root, '..', 'many');
    await writePictures(many, 24);
    await transport.allow(many);
    const started = await client.detect.start({
      ...{ project: project.id, model: 'base', paths: [many], recursive: true, patterns: [], score: 0.3 },
    });
    const ref = { job: started.id };
    const status = async () => (await client.detect.jobs()).find(({ id }) => id === started.id)!;
    const slow = { timeout: 120_000 };
    const oneFile = async () => first(await client.detect.events(ref), (event) => event.type === 'file');
    await oneFile();
    await client.detect.pause(ref);
    await expect.poll(async () => (await status()).status, slow).toBe('paused');
    const before = (await status()).done;
    expect(before).toBeLessThan(25);
    await client.detect.resume(ref);
    await first(await client.detect.events(ref), (event) => event.type === 'progress' && event.done > before);
    await transport.killChildren();
    await expect.poll(async () => (await status()).status, slow).toBe('failed');
    expect((await status()).error).toMatch(/detection process stopped/);
    await client.detect.resume(ref);
    await expect.poll(async () => (await status()).status, slow).toBe('finished');
    expect(await status()).toMatchObject({ images: 25, done: 25, failed: 1 });
    const { total, items } = await client.detect.results({ ...ref, offset: 0, limit: 100 });
    expect([total, new Set(items.map(({ file }) => file)).size]).toEqual([25, 25]);
    expect(items.filter((item) => item.status === 'failed').map(({ error }) => error)).toEqual([
      expect.stringContaining('broken.jpg'),
    ]);
    await client.detect.delete(ref);
  });

  test('nothing unexpected was logged', () => {
    for (const error of transport.errors) expect(String(error)).toMatch(/The \w+ process stopped/); // those that were killed
  });
}

async function refusalOrEnd(stream: AsyncIterable<unknown>, events: unknown[]): Promise<void> {
  try {
    for await (const event of stream) events.push(event);
  } catch (error) {
    expect((error as StudioError).code).toBe('cancelled');
  }
}
