import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findImages, type FoundImage } from '../../../src/core/detect/findImages.ts';
import { SweepJournal, type SweptImage } from '../../../src/core/detect/journal.ts';

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
  it('says where nothing was found', async () => {
    await mkdir(path.join(work, 'empty'), { recursive: true });
    await expect(findImages([path.join(work, 'empty')], false)).rejects.toThrow(/No pictures .*empty.*--recursive/);
    await expect(findImages([path.join(work, 'gone')], false)).rejects.toThrow(/gone does not exist/);
  });
});

describe('sweep journal', () => {
  it('gives back what was done, not what failed or changed', async () => {
    const file = path.join(work, 'j1.jsonl');
    const first = await SweepJournal.open(file, 'key');
    await first.record(done('a.jpg'));
    await first.record({ ...done('b.jpg'), status: 'failed', detections: [], reason: 'torn' });
    const second = await SweepJournal.open(file, 'key');
    expect(second.earlier(image('a.jpg'))).toEqual(done('a.jpg'));
    expect(second.earlier(image('b.jpg'))).toBeNull();
    expect(second.earlier({ ...image('a.jpg'), modified: 8 })).toBeNull();
  });
  it('survives a line cut by a kill, and goes on behind it', async () => {
    const file = path.join(work, 'j2.jsonl');
    await (await SweepJournal.open(file, 'key')).record(done('a.jpg'));
    await appendFile(file, '{"path":"b.j');
    await (await SweepJournal.open(file, 'key')).record(done('c.jpg'));
    expect([...(await SweepJournal.open(file, 'key')).known.keys()]).toEqual(['/x/a.jpg', '/x/c.jpg']);
  });
  it('begins anew for another model or threshold', async () => {
    const file = path.join(work, 'j3.jsonl');
    await (await SweepJournal.open(file, 'one')).record(done('a.jpg'));
    expect((await SweepJournal.open(file, 'two')).known.size).toBe(0);
    expect((await readFile(file, 'utf8')).trim()).toBe('{"sweep":"two"}');
  });
});
