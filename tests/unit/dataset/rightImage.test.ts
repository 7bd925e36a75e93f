// A label belongs to the picture that its path names, in every format: pictures that are gone never lend their labels to others.
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writtenFormatNames } from '../../../src/core/dataset/adapter.ts';
import { formatOf } from '../../../src/core/dataset/formats.ts';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import type { Dataset } from '../../../src/shared/labels.ts';
import { readSize, tempFolder, writeImages, writeTree } from './helpers.ts';

/** Pictures of a few names in a few folders; the n-th has a box that no other has. */
const datasetOf = (imageRoot: string, paths: readonly string[]): Dataset => ({
  classes: ['cat'],
  imageRoot,
  images: paths.map((name, n) => ({
    ...{ path: name, width: 100, height: 80 },
    annotations: [{ box: { x1: 0, y1: 0, x2: n + 2, y2: 10 }, classId: 0 }],
  })),
});

const picture = fc
  .tuple(fc.constantFrom('vidA', 'vidB', 'vidC/deep', 'x/vidA'), fc.constantFrom('1.jpg', '2.jpg', '1.png'))
  .map((parts) => parts.join('/'));

describe.each(writtenFormatNames)('%s', (format) => {
  it('gives no picture the labels of another that is gone', async () => {
    const folder = await tempFolder();
    const many = fc.uniqueArray(picture, { minLength: 2, maxLength: 7, selector: (p) => p.replace(/\.\w+$/, '') });
    await fc.assert(
      fc.asyncProperty(many, fc.integer({ min: 1, max: 6 }), async (paths, gone) => {
        await rm(folder, { recursive: true, force: true });
        const source = datasetOf(path.join(folder, 'source'), paths);
        await writeImages(source);
        const out = path.join(folder, 'out');
        await formatOf(format).write(source, out, { images: 'copy' });
        const copied = (await openDataset(out, { readSize, fractions: null, format })).dataset;
        const left = Math.min(gone, paths.length - 1);
        for (const { path: file } of source.images.slice(0, left)) await rm(path.join(copied.imageRoot, file));
        const { dataset } = await openDataset(out, { readSize, fractions: null, format });
        for (const image of dataset.images) {
          const file = path.relative(copied.imageRoot, path.resolve(dataset.imageRoot, image.path));
          const own = source.images.find((one) => one.path === file.replaceAll(path.sep, '/'));
          expect(image.annotations.map(({ box }) => box.x2)).toEqual(own!.annotations.map(({ box }) => box.x2));
        }
        expect(dataset.images).toHaveLength(paths.length - left);
      }),
      { numRuns: 25 },
    );
  });
});

describe('tables of boxes', () => {
  const rows = (...names: string[]) =>
    ['filename,class,xmin,ymin,xmax,ymax', ...names.map((name, n) => `${name},cat,0,0,${n + 2},10`)].join('\n');

  async function read(tree: Record<string, string>) {
    const folder = await tempFolder();
    await writeTree(folder, tree);
    const { dataset, report } = await openDataset(folder, { readSize, fractions: null });
    const images = dataset.images.map((image) => [image.path, image.annotations.map(({ box }) => box.x2)]);
    return { images, losses: report.losses.map(({ kind, file }) => `${kind} ${file}`) };
  }

  it('believe somebody else’s folders in front of the dataset’s', async () => {
    const table = rows('C:\\Users\\Jo\\set\\vidA\\1.jpg', 'C:\\Users\\Jo\\set\\vidB\\1.jpg');
    const { images, losses } = await read({ 'vidA/1.jpg': '100x80', 'vidB/1.jpg': '100x80', 'labels.csv': table });
    expect(images).toEqual([
      ['vidA/1.jpg', [2]],
      ['vidB/1.jpg', [3]],
    ]);
    expect(losses).toEqual([]);
  });

  it('say which folder was renamed, where all labels agree on it', async () => {
    const table = rows('old/1.jpg', 'old/2.jpg');
    const { images, losses } = await read({ 'new/1.jpg': '100x80', 'new/2.jpg': '100x80', 'labels.csv': table });
    expect(images).toEqual([
      ['new/1.jpg', [2]],
      ['new/2.jpg', [3]],
    ]);
    expect(losses).toEqual(['guessed old']);
  });

  it('believe no renaming that leads to two folders, to a folder with labels of its own, or away from one that is there', async () => {
    const apart = await read({
      'a/1.jpg': '100x80',
      'b/2.jpg': '100x80',
      'c/3.jpg': '100x80',
      'labels.csv': rows('old/1.jpg', 'old/2.jpg', 'c/3.jpg'),
    });
    expect(apart.images).toEqual([['c/3.jpg', [4]]]);
    expect(apart.losses.filter((loss) => loss.startsWith('missing-image'))).toHaveLength(2);
    const taken = await read({
      'vidB/1.jpg': '100x80',
      'vidB/2.jpg': '100x80',
      'labels.csv': rows('vidA/1.jpg', 'vidB/2.jpg'),
    });
    expect(taken.images).toEqual([['vidB/2.jpg', [3]]]);
    const there = await read({
      'vidA/2.jpg': '100x80',
      'vidB/1.jpg': '100x80',
      'vidB/3.jpg': '100x80',
      'labels.csv': rows('vidA/1.jpg', '3.jpg'),
    });
    expect(there.images).toEqual([['vidB/3.jpg', [3]]]);
  });

  it('say what fits several pictures', async () => {
    const tree = {
      'a/1.jpg': '100x80',
      'b/1.jpg': '100x80',
      'b/2.jpg': '100x80',
      'labels.csv': rows('1.jpg', '2.jpg'),
    };
    const { images, losses } = await read(tree);
    expect(images).toEqual([['b/2.jpg', [3]]]);
    expect(losses).toContain('ambiguous 1.jpg');
  });

  it('find a picture that was moved deeper into the folder that they name', async () => {
    const table = rows('images/1.jpg', 'images/2.jpg');
    const { images, losses } = await read({
      'images/train/1.jpg': '100x80',
      'images/val/2.jpg': '100x80',
      'labels.csv': table,
    });
    expect(images).toEqual([
      ['train/1.jpg', [2]],
      ['val/2.jpg', [3]],
    ]);
    expect(losses).toEqual([]);
  });

  it('take names in either normal form of accents', async () => {
    const { images } = await read({ 'cafe\u0301/e\u0301.jpg': '100x80', 'labels.csv': rows('caf\u00e9/\u00e9.jpg') });
    expect(images).toHaveLength(1);
  });
});

describe('VOC', () => {
  const xml = (name: string, x2: number) =>
    `<annotation><filename>${name}</filename><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>${x2}</xmax><ymax>9</ymax></bndbox></object></annotation>`;

  it('means the ending that the file name has, and says when only another is there', async () => {
    const folder = await tempFolder();
    await writeTree(folder, { 'a.jpg': '50x40', 'a.png': '100x80', 'a.xml': xml('a.png', 9) });
    const both = await openDataset(folder, { readSize, fractions: null });
    expect(both.dataset.images.map((image) => image.path)).toEqual(['a.png']);
    await rm(path.join(folder, 'a.png'));
    const one = await openDataset(folder, { readSize, fractions: null });
    expect(one.dataset.images.map((image) => image.path)).toEqual(['a.jpg']);
    expect(one.report.losses.map(({ kind, file }) => `${kind} ${file}`)).toEqual(['guessed a.jpg']);
  });

  it('says when an XML lies where the labels of another picture lie', async () => {
    const folder = await tempFolder();
    await writeTree(folder, { 'a.jpg': '100x80', 'b.jpg': '100x80', 'a.xml': xml('b.jpg', 9) });
    const { dataset, report } = await openDataset(folder, { readSize, fractions: null });
    expect(dataset.images.map((image) => image.path)).toEqual(['a.jpg']);
    expect(report.losses.map(({ kind, file }) => `${kind} ${file}`)).toContain('conflict a.xml');
  });

  it('finds pictures in a folder of any name, and one for each of several sets', async () => {
    const folder = await tempFolder();
    await writeTree(folder, { 'pics/1.jpg': '100x80', 'notes/1.xml': xml('1.jpg', 9) });
    expect((await openDataset(folder, { readSize, fractions: null })).dataset.images).toHaveLength(1);
    await mkdir(path.join(folder, 'VOC2007'));
    for (const name of ['pics', 'notes'])
      await rename(
        path.join(folder, name),
        path.join(folder, 'VOC2007', name === 'pics' ? 'JPEGImages' : 'Annotations'),
      );
    await writeTree(folder, { 'VOC2012/JPEGImages/1.jpg': '100x80', 'VOC2012/Annotations/1.xml': xml('1.jpg', 7) });
    const { dataset } = await openDataset(folder, { readSize, fractions: null });
    expect(dataset.images.map((image) => [image.path, image.annotations[0]!.box.x2])).toEqual([
      ['VOC2007/JPEGImages/1.jpg', 9],
      ['VOC2012/JPEGImages/1.jpg', 7],
    ]);
  });
});
