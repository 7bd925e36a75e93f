// What a project in an allowed folder may name: links, pipes and crafted files lead to nothing outside of it, and only pictures are answered.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Driver } from '../../src/core/store/driver.ts';
import { Project } from '../../src/core/store/project.ts';
import { mediaUrl } from '../../src/shared/media.ts';
import { startBuiltHost, type BuiltHost } from './builtHost.ts';
import { writePictures } from './contract/pictures.ts';
import { finish } from './contract/finish.ts';

const secret = 'root:x:0:0:this must not be read';
let outside: string;
let host: BuiltHost;
let images: string;
let project: string;
let ids: Map<string, string>;

beforeAll(async () => {
  outside = await mkdtemp(path.join(tmpdir(), 'ttfnet-outside-'));
  await writeFile(path.join(outside, 'secret.txt'), secret);
  await writePictures(outside, 1);
  host = await startBuiltHost();
  images = path.join(host.folder, 'images');
  await writePictures(images, 1);
  const link = (to: string, name: string) => symlink(to, path.join(images, name));
  await link(path.join(outside, 'secret.txt'), 'secret.png');
  await link(path.join(outside, 'picture 1.jpg'), 'private.jpg');
  await link(outside, 'folder.jpg');
  await link('loop.jpg', 'loop.jpg');
  await link('picture 1.jpg', 'within.jpg');
  await writeFile(path.join(images, 'text.png'), secret);
  await writeFile(path.join(images, 'page.gif'), '<script>alert(1)</script>');
  await writeFile(path.join(images, 'cut.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47]));
  if (process.platform !== 'win32')
    for (let n = 0; n < 6; n++) execFileSync('mkfifo', [path.join(images, `pipe ${n}.jpg`)]);
  const store = Project.create(images);
  const names = ['picture 1.jpg', 'secret.png', 'private.jpg', 'folder.jpg', 'loop.jpg', 'within.jpg', 'text.png'];
  const more = ['page.gif', 'cut.png', 'gone.jpg', ...[0, 1, 2, 3, 4, 5].map((n) => `pipe ${n}.jpg`)];
  store.addImages([...names, ...more].map((file) => ({ path: file })));
  store.addImages([{ path: '../../../../../../../../etc/hostname' }]);
  const ann = { author: 'person', who: 'Ann', tool: 'label' } as const;
  const [cat] = store.addClasses(ann, [{ name: 'cat' }]);
  const box = { x1: 1, y1: 1, x2: 50, y2: 50 };
  const image = store.imageByPath('private.jpg')!.id;
  // As a crafted file would have it: read, and dealt to the training images.
  const facts = { hash: 'f'.repeat(64), width: 160, height: 120, orientation: 1, bytes: 1, modified: 1 };
  store.setFacts([{ image, facts }]);
  store.edit(ann, [{ image, ops: [{ type: 'add', classId: cat!, box }] }], { action: 'draw' });
  await store.close();
  const opened = await host.client.project.open({ path: images });
  project = opened.id;
  const { items } = await host.client.images.list({ project, offset: 0, limit: 100 });
  ids = new Map(items.map(({ id, path: file }) => [file, id]));
});
afterAll(async () => {
  await host.close();
  await rm(outside, { recursive: true, force: true });
});

describe.each([
  ['as it is', (image: string) => mediaUrl.image(project, image)],
  ['as a thumbnail', (image: string) => mediaUrl.thumbnail(project, image, 64)],
])('a picture %s', (_how, address) => {
  test.each([
    ['picture 1.jpg', 200, ''],
    ['within.jpg', 200, ''],
    ['secret.png', 403, 'not-allowed'],
    ['private.jpg', 403, 'not-allowed'],
    ['folder.jpg', 403, 'not-allowed'],
    ['loop.jpg', 404, 'file-missing'],
    ['text.png', 415, 'image-unreadable'],
    ['page.gif', 415, 'image-unreadable'],
    ['gone.jpg', 404, 'file-missing'],
    ['../../../../../../../../etc/hostname', 403, 'not-allowed'],
  ])('%s is answered with %i', async (file, status, code) => {
    const answer = await host.media(address(ids.get(file)!));
    expect([answer.status, answer.headers.get('x-error-code') ?? '']).toEqual([status, code]);
    expect(await answer.text()).not.toContain('this must not be read');
  });
});

test.skipIf(process.platform === 'win32')('pipes are refused, however many, and hold nothing up', async () => {
  const pipes = [...ids].filter(([file]) => file.startsWith('pipe')).map(([, id]) => id);
  expect(pipes).toHaveLength(6);
  const answers = await Promise.all(pipes.map((id) => host.media(mediaUrl.image(project, id))));
  expect(answers.map(({ status }) => status)).toEqual(pipes.map(() => 403));
  expect((await host.media(mediaUrl.image(project, ids.get('picture 1.jpg')!))).status).toBe(200);
});

test('addresses that are malformed are 400, unknown ones 404, and nothing is logged', async () => {
  for (const malformed of ['/media/%', '/media/%ff/x/1', `/media/${project}/image/%e0%a4`])
    expect((await host.media(malformed)).status).toBe(400);
  for (const unknown of ['/media/', '/media/x', '/media/x/image/1', `/media/${project}/image/99999`])
    expect((await host.media(unknown)).status).toBe(404);
  expect(host.errors).toEqual([]);
});

test('no run, no sample and no measurement reads a labelled picture outside', async () => {
  const { client } = host;
  const refused = { code: 'not-allowed' };
  const samples = { project, settings: { preset: 'quick' as const }, seed: 1, heat: false, count: 12 };
  await expect(finish(client.training.samples(samples))).rejects.toMatchObject(refused);
  const config = { start: 'base', preset: 'quick' as const, seed: 1 };
  await expect(client.training.start({ project, config })).rejects.toMatchObject(refused);
  await expect(finish(client.evaluate.run({ project, model: 'base', split: null }))).rejects.toMatchObject(refused);
});

test('a suggestion for it fails alone', async () => {
  const [good, away] = [ids.get('picture 1.jpg')!, ids.get('private.jpg')!];
  const ask = { project, model: 'base', images: [away, good], minScore: 0.5, addClasses: false };
  const { result } = await finish(host.client.detect.suggest(ask));
  expect(result).toMatchObject({
    images: 1,
    failed: [{ image: away, reason: expect.stringContaining('root') as string }],
  });
});

test('a project whose file says that its images lie outside is refused', async () => {
  const folder = path.join(host.folder, 'crafted');
  await writePictures(folder, 1);
  const store = Project.create(folder);
  const { file } = store;
  await store.close();
  const db = new Driver(file);
  const away = path.relative(folder, outside);
  db.write((w) => w.run("UPDATE meta SET value = ? WHERE key = 'root-relative'", [away]));
  db.close();
  await expect(host.client.project.open({ path: folder })).rejects.toMatchObject({ code: 'not-allowed' });
});

test('what the program keeps is the person’s alone; a folder that was open is closed', async () => {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path.join(host.folder, 'data'));
  expect(mode & 0o077).toBe(0);
});

test('a project is renamed also where the list of recent projects can’t be written; a setting that isn’t kept isn’t shown', async () => {
  const { client } = host;
  const data = path.join(host.folder, 'data');
  await rm(path.join(data, 'recent.json'), { force: true });
  await mkdir(path.join(data, 'recent.json'));
  await client.project.rename({ project, name: 'Other' });
  expect((await client.project.info({ project })).name).toBe('Other');
  await mkdir(path.join(data, 'settings.json'));
  await expect(client.system.updateSettings({ theme: 'dark' })).rejects.toMatchObject({ code: 'file-permission' });
  expect((await client.system.settings()).theme).toBe('system');
});
