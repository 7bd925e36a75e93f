// The catalogue: scanning folders, images found again after a move, splits that stay, duplicates, statistics.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { Project } from '../../../src/core/store/project.ts';
import type { ImageFacts } from '../../../src/core/store/types.ts';
import { splitByHash } from '../../../src/shared/splits.ts';
import { ann, factsOf, keep, newFolder, newProject, sha, square, writeFiles } from './support.ts';

const factsIn =
  (folder: string) =>
  async (file: string): Promise<ImageFacts> => {
    const content = await readFile(path.join(folder, file), 'utf8');
    if (content.startsWith('broken')) throw new Error('not an image');
    const info = await stat(path.join(folder, file));
    return { ...factsOf(file), hash: sha(content), bytes: info.size, modified: Math.round(info.mtimeMs) };
  };

it('scans a folder: new, renamed, changed, missing and unreadable files', async () => {
  const folder = newFolder();
  mkdirSync(path.join(folder, 'sub'));
  mkdirSync(path.join(folder, '.hidden'));
  writeFiles(folder, ['a.jpg', 'b.PNG', 'sub/c.webp', 'notes.txt', 'broken.jpg', '.hidden/d.jpg']);
  const p = keep(Project.create(folder));
  const first = await p.scan(factsIn(folder));
  expect(first).toMatchObject({
    added: 3,
    moved: [],
    missing: 0,
    unreadable: [{ file: 'broken.jpg', reason: 'not an image' }],
  });
  p.addClasses(ann, [{ name: 'cat' }]);
  const a = p.imageByPath('a.jpg')!.id;
  p.edit(ann, [{ image: a, ops: [{ type: 'add', classId: 1, box: square(1) }] }], { action: 'draw' });
  renameSync(path.join(folder, 'a.jpg'), path.join(folder, 'sub', 'renamed.jpg'));
  writeFileSync(path.join(folder, 'b.PNG'), 'other content');
  rmSync(path.join(folder, 'sub', 'c.webp'));
  const second = await p.scan(factsIn(folder));
  expect(second).toMatchObject({
    added: 0,
    moved: [{ from: 'a.jpg', to: 'sub/renamed.jpg' }],
    changed: ['b.PNG'],
    missing: 1,
  });
  expect(p.imageByPath('sub/renamed.jpg')).toMatchObject({ id: a, boxes: 1 });
  expect(p.counts()).toMatchObject({ images: 3, missing: 1 });
  writeFileSync(path.join(folder, 'sub', 'c.webp'), 'sub/c.webp');
  await p.scan(factsIn(folder));
  expect(p.counts()).toMatchObject({ images: 3, missing: 0 });
});

it('works on when the whole folder has moved', async () => {
  const folder = newFolder();
  const inside = path.join(folder, 'photos');
  mkdirSync(inside);
  writeFiles(inside, ['a.jpg']);
  const p = keep(Project.create(inside));
  await p.scan(factsIn(inside));
  await p.close();
  renameSync(inside, path.join(folder, 'moved'));
  const again = keep(Project.open(path.join(folder, 'moved')));
  expect(again.root).toBe(path.join(folder, 'moved'));
  expect(await again.scan(factsIn(again.root))).toMatchObject({ added: 0, missing: 0, moved: [] });
});

it('deals splits by content: stable when images come, changeable by hand', () => {
  const p = newProject(200);
  const before = p.images([...p.find.ids()]).map((r) => [r.id, r.split]);
  p.addImages(Array.from({ length: 200 }, (_, i) => ({ path: `more ${i}.jpg`, facts: factsOf(`more ${i}.jpg`) })));
  expect(p.images(before.map(([id]) => id as number)).map((r) => [r.id, r.split])).toEqual(before);
  const count = (split: 'train' | 'val' | 'test'): number => p.find.ids({ splits: [split] }).length;
  expect(count('train') + count('val') + count('test')).toBe(400);
  expect(count('val')).toBeGreaterThan(20);
  p.edit(ann, [{ image: 1, ops: [{ type: 'split', split: 'test' }] }], { action: 'split' });
  p.assignSplits({ val: 0, test: 0 });
  expect([count('train'), count('test')]).toEqual([399, 1]);
  p.edit(ann, [{ image: 1, ops: [{ type: 'split', split: null }] }], { action: 'split' });
  expect(count('train')).toBe(400);
  p.undo(ann);
  expect(p.images([1])[0]).toMatchObject({ split: 'test', splitChosen: true });
  expect(() => p.assignSplits({ val: 0.7, test: 0.5 })).toThrow(/together at most 1/);
});

it('splitByHash moves only border images when a share grows', () => {
  const hashes = Array.from({ length: 500 }, (_, i) => sha(String(i)));
  const small = hashes.map((h) => splitByHash(h, { val: 0.1, test: 0.1 }));
  const large = hashes.map((h) => splitByHash(h, { val: 0.2, test: 0.1 }));
  expect(small.every((s, i) => s === large[i] || (s === 'train' && large[i] === 'val'))).toBe(true);
  expect(small.filter((s) => s === 'test').length).toBeGreaterThan(25);
});

it('points out exact and near duplicates, and those across splits', () => {
  const p = newProject(0);
  const image = (name: string, hash: string, perceptualHash: string) => ({
    path: name,
    facts: { ...factsOf(name), hash, perceptualHash },
  });
  const [x, y] = [sha('x'), sha('y')];
  p.addImages([
    image('1', x, 'ffff0000ffff0000'),
    image('2', x, 'ffff0000ffff0000'),
    image('3', y, 'ffff0000ffff000f'),
    image('4', sha('z'), '0123456789abcdef'),
  ]);
  p.edit(
    ann,
    [
      { image: 2, ops: [{ type: 'split', split: 'test' }] },
      { image: 1, ops: [{ type: 'split', split: 'val' }] },
    ],
    { action: 's' },
  );
  expect(p.exactDuplicates()).toEqual([{ kind: 'exact', images: [1, 2], acrossSplits: true }]);
  expect(p.nearDuplicates()).toEqual([{ kind: 'near', images: [1, 2, 3], acrossSplits: true }]);
  expect(p.nearDuplicates(3)[0]!.images).toEqual([1, 2]);
});

it('finds every pair within the distance, as a plain comparison does', () => {
  const p = newProject(0);
  const hashes = Array.from({ length: 150 }, (_, i) => {
    const base = BigInt(`0x${sha(String(i % 30)).slice(0, 16)}`);
    const flips = [0n, 1n << 3n, (1n << 40n) | 1n, (1n << 63n) | (7n << 20n), 0xffn << 8n][i % 5]!;
    return base ^ flips;
  });
  p.addImages(
    hashes.map((h, i) => ({
      path: `${i}`,
      facts: { ...factsOf(`${i}`), perceptualHash: h.toString(16).padStart(16, '0') },
    })),
  );
  const bits = (v: bigint): number => v.toString(2).replaceAll('0', '').length;
  const linked = (i: number, j: number): boolean => bits(hashes[i]! ^ hashes[j]!) <= 4;
  const groups = p.nearDuplicates(4);
  const groupOf = new Map(groups.flatMap((g, n) => g.images.map((id) => [id - 1, n] as const)));
  for (let i = 0; i < 150; i++) {
    for (let j = 0; j < i; j++) if (linked(i, j)) expect(groupOf.get(i)).toBe(groupOf.get(j));
    expect(groupOf.has(i)).toBe(hashes.some((_, j) => j !== i && linked(i, j)));
  }
});

it('counts what charts need', () => {
  const p = newProject(4);
  const add = (x: number, w: number, h: number, classId = 1) =>
    ({ type: 'add', classId, box: { x1: x, y1: 0, x2: x + w, y2: h } }) as const;
  p.edit(
    ann,
    [
      { image: 1, ops: [add(0, 16, 16), add(0, 64, 16, 2)] },
      { image: 2, ops: [add(600, 40, 480)] },
    ],
    { action: 'draw' },
  );
  const s = p.statistics();
  expect(s.classes.map((c) => [c.name, c.boxes, c.images])).toEqual([
    ['cat', 2, 2],
    ['dog', 1, 1],
  ]);
  expect(s.sizes.filter((b) => b.count).map((b) => [b.from, b.count])).toEqual([
    [16, 1],
    [32, 1],
    [128, 1],
  ]);
  expect(s.ratios.filter((b) => b.count).map((b) => [b.from, b.count])).toEqual([
    [1 / 16, 1],
    [1, 1],
    [4, 1],
  ]);
  expect(s.perImage.slice(0, 3).map((b) => b.count)).toEqual([2, 1, 1]);
  expect(s.unlabelled).toBe(2);
  expect(s.centres.counts.reduce((a, b) => a + b)).toBe(3);
  expect(s.centres.counts[16 * 32 + 31]).toBe(1); // centre (620, 240) of 640 x 480
});
