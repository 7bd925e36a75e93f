import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findImages, type FoundImage } from '../../../src/core/detect/findImages.ts';
import { readJournal, SweepJournal, type SweptImage } from '../../../src/core/detect/journal.ts';

let work: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'ttfnet-sweep-'));
  await mkdir(path.join(work, 'in', 'sub'), { recursive: true });
  for (const name of ['img10.jpg', 'img9.JPG', 'notes.txt', '.hidden.png', 'sub/a.webp'])
    await writeFile(path.join(work, 'in', name), 'x');
});
afterAll(() => rm(work, { recursive: true, force: true }));

const image = (name: string): FoundImage => ({ file: `/x/${name}`, path: name, size: 5, modified: 7 });
const done = (name: string): SweptImage => ({
  ...image(name),
  status: 'done',
  width: 10,
  height: 20,
  detections: [{ box: { x1: 0.125, y1: 1, x2: 2, y2: 3 }, classId: 1, score: 0.5 }],
  reason: null,
  said: null,
  code: null,
});

describe('finding pictures', () => {
  it('takes natural order, and sub-folders only when told', async () => {
    expect((await findImages([path.join(work, 'in')], false)).images.map((i) => i.path)).toEqual([
      'img9.JPG',
      'img10.jpg',
    ]);
    expect((await findImages([path.join(work, 'in')], true)).images.map((i) => i.path)).toEqual([
      'img9.JPG',
      'img10.jpg',
      'sub/a.webp',
    ]);
  });
  it('takes a picture once, and keeps equal names of two folders apart', async () => {
    const inside = path.join(work, 'in', 'img10.jpg');
    await mkdir(path.join(work, 'other'), { recursive: true });
    await writeFile(path.join(work, 'other', 'img10.jpg'), 'y');
    const { images: found } = await findImages([inside, path.join(work, 'in'), path.join(work, 'other')], false);
    expect(found.map((i) => i.path)).toEqual(['img10.jpg', 'img9.JPG', '2/img10.jpg']);
  });
  it.skipIf(process.platform !== 'linux')('says what it can not look at: a name that is no UTF-8', async () => {
    const folder = path.join(work, 'odd');
    await mkdir(folder);
    await writeFile(path.join(folder, 'good.jpg'), 'x');
    await writeFile(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9]), Buffer.from('.jpg')]), 'x');
    const { images, passedOver } = await findImages([folder], false);
    expect(images.map((i) => i.path)).toEqual(['good.jpg']);
    expect(passedOver).toMatchObject([{ said: { key: 'walk.unseen' } }]);
  });
  it('says where nothing was found', async () => {
    await mkdir(path.join(work, 'empty'), { recursive: true });
    await expect(findImages([path.join(work, 'empty')], false)).rejects.toThrow(/No pictures .*empty.*--recursive/);
    await expect(findImages([path.join(work, 'gone')], false)).rejects.toThrow(/gone does not exist/);
  });
});

describe('journal', () => {
  const settings = { model: { name: 'tiny', sha256: 'ab' }, score: 0.25 };
  const reopen = async (file: string): Promise<SweepJournal> =>
    SweepJournal.open(file, settings, await readJournal(file));

  it('gives back what was done, not what failed or changed', async () => {
    const file = path.join(work, 'j1.jsonl');
    const first = await reopen(file);
    await first.record(done('a.jpg'));
    await first.record({
      ...done('b.jpg'),
      status: 'failed',
      detections: [],
      reason: 'torn',
      code: 'image-unreadable',
    });
    const second = await reopen(file);
    expect(second.earlier(image('a.jpg'))).toEqual(done('a.jpg'));
    expect(second.earlier(image('b.jpg'))).toBeNull();
    expect(second.earlier({ ...image('a.jpg'), modified: 8 })).toBeNull();
  });

  it('knows the weights and the threshold that made it', async () => {
    const file = path.join(work, 'j2.jsonl');
    await reopen(file);
    expect((await readJournal(file))!.settings).toMatchObject(settings);
    const [head] = (await readFile(file, 'utf8')).split('\n');
    expect(JSON.parse(head!)).toEqual({ format: 'ttfnet-studio-detections', version: 2, ...settings });
    await writeFile(file, `${head!.replace('"version":2', '"version":3')}\n`);
    expect((await readJournal(file))!.settings).toBeNull();
    await writeFile(file, '{"sweep":"key"}\n');
    expect((await readJournal(file))!.settings).toBeNull();
  });

  it('survives a line cut by a kill, or damaged in the middle, and goes on behind it', async () => {
    const file = path.join(work, 'j3.jsonl');
    await (await reopen(file)).record(done('a.jpg'));
    await appendFile(file, '\u0000\u0000{"path":\n{"path":"b.j');
    await (await reopen(file)).record(done('c.jpg'));
    expect([...(await readJournal(file))!.images.keys()]).toEqual(['/x/a.jpg', '/x/c.jpg']);
  });

  it('cut inside its first line is begun again', async () => {
    const file = path.join(work, 'j4.jsonl');
    await writeFile(file, '{"format":"ttf');
    expect(await readJournal(file)).toBeNull();
    await (await reopen(file)).record(done('a.jpg'));
    expect((await readJournal(file))!.images.size).toBe(1);
    expect(await readJournal(path.join(work, 'none.jsonl'))).toBeNull();
  });
});
