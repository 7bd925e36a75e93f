// What a detector found, as other tools read it: with scores, to the last bit.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { FormatName } from '../../../src/core/dataset/adapter.ts';
import { writeDetections } from '../../../src/core/dataset/detections.ts';
import { listFolder } from '../../../src/core/dataset/folderFiles.ts';
import { formatOf } from '../../../src/core/dataset/formats.ts';
import { readSize, tempFolder, writeTree } from './helpers.ts';

const box = { x1: 1 / 3, y1: 2.5, x2: 70.1, y2: 80 };
const classes = ['猫 "x"', 'dog, or /cat'];
const images = [
  { path: 'a.jpg', width: 100, height: 80, detections: [{ box, classId: 1, score: 0.8999999761581421 }] },
  { path: 'sub/b.jpg', width: 100, height: 80, detections: [] },
];

const scoresIn: Record<string, string> = {
  coco: 'detections.json',
  voc: 'Annotations/a.xml',
  yolo: 'labels/a.txt',
  csv: 'detections.csv',
  labelme: 'a.json',
};

it.each(['coco', 'voc', 'yolo', 'csv', 'labelme'] as const)('%s', async (format) => {
  const folder = await tempFolder();
  const [out, source] = [path.join(folder, 'out'), path.join(folder, 'images')];
  await writeTree(source, { 'a.jpg': '100x80', 'sub/b.jpg': '100x80' });
  const report = await writeDetections(format, out, classes, images);
  expect(report).toMatchObject({ format, images: 2, boxes: 1, negatives: 1, losses: [] });
  expect(await readFile(path.join(out, scoresIn[format]!), 'utf8')).toContain('0.8999999761581421');
  const options = { readSize, images: source };
  const { dataset } = await formatOf(format satisfies FormatName).read(await listFolder(out, options), options);
  const found = dataset.images.find((image) => image.path === 'a.jpg')!.annotations;
  expect(found.map((a) => [a.box, dataset.classes[a.classId]])).toEqual([[box, classes[1]]]);
  expect(dataset.images).toHaveLength(2);
});

it('COCO results are a list with ids of the dataset written beside', async () => {
  const folder = await tempFolder();
  await writeDetections('coco', folder, classes, images);
  const results = JSON.parse(await readFile(path.join(folder, 'detections.json'), 'utf8')) as unknown;
  expect(results).toEqual([
    { image_id: 1, category_id: 2, bbox: [box.x1, 2.5, expect.closeTo(70.1 - 1 / 3), 77.5], score: 0.8999999761581421 },
  ]);
  const full = JSON.parse(await readFile(path.join(folder, 'instances.json'), 'utf8')) as {
    images: unknown[];
    categories: unknown[];
  };
  expect([full.images.length, full.categories.length]).toEqual([2, 2]);
});

it('pictures of one stem, and names that are too long, get files of their own, and the report says so', async () => {
  const folder = await tempFolder();
  const found = images[0]!.detections;
  const names = ['a.jpg', 'a.png', `${'x'.repeat(251)}.jpg`];
  const alike = names.map((name) => ({ path: name, width: 100, height: 80, detections: found }));
  for (const format of ['voc', 'yolo', 'labelme'] as const) {
    const { files, losses } = await writeDetections(format, path.join(folder, format), classes, alike);
    expect(files).toBe(3);
    const said = losses.map((loss) => loss.said!.key);
    expect(said).toEqual(format === 'labelme' ? ['loss.notePlaced', 'loss.shortened'] : ['loss.notePlaced']);
  }
  expect(await readFile(path.join(folder, 'voc/Annotations/a_png.xml'), 'utf8')).toContain('<filename>a.png<');
});

it('a file that cannot be written leaves the others; an image that could not be read leaves no old file', async () => {
  const folder = await tempFolder();
  await writeTree(folder, { 'a.json/in-its-place': '' });
  const three = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => ({ ...images[0]!, path: name }));
  const { files, losses } = await writeDetections('labelme', folder, classes, three);
  expect(files).toBe(2);
  expect(losses).toMatchObject([
    { file: 'a.jpg', kind: 'dropped', reason: expect.stringContaining('a.json') as string },
  ]);
  await writeDetections('labelme', folder, classes, [three[1]!, { ...three[2]!, detections: null }]);
  expect((await readdir(folder)).sort()).toEqual(['a.json', 'b.json']);
  await expect(writeDetections('labelme', folder, classes, [three[0]!])).rejects.toThrow(/a\.json/);
});

it('a class that the model has not is refused', async () => {
  const bad = [{ ...images[0]!, detections: [{ box, classId: 7, score: 1 }] }];
  await expect(writeDetections('csv', await tempFolder(), classes, bad)).rejects.toThrow(/class 7.*2 classes/);
});
