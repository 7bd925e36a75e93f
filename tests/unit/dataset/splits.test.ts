// Splits by content: stable, shared by equal images, never without validation from five images on; and the choice of named ones.
import { createHash } from 'node:crypto';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assignSplits,
  choiceFindings,
  chooseSplits,
  contentHash,
  imagesOfSplit,
} from '../../../src/core/dataset/splits.ts';
import type { Dataset } from '../../../src/shared/labels.ts';
import { opened, tempFolder, writeTree } from './helpers.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const hashes = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 60 }).map((texts) => texts.map(sha));
const fractions = { train: 0.7, val: 0.2, test: 0.1 };

describe('assignSplits', () => {
  it('moves nothing when images are added, except a stand-in', () => {
    fc.assert(
      fc.property(hashes, hashes, (first, more) => {
        const before = assignSplits(first, fractions);
        const after = assignSplits([...more, ...first], fractions);
        const moved = first.filter((hash) => before.get(hash) !== after.get(hash));
        // A part that had a single image, of which there are more now, may have been a stand-in's.
        const parts = [...before.values()];
        const isOnly = (hash: string) => parts.filter((part) => part === before.get(hash)).length === 1;
        const enough = first.length < 5 && first.length + more.length >= 5; // now there is a val to fill
        if (enough) expect(moved.length).toBeLessThanOrEqual(2);
        else expect(moved.every(isOnly)).toBe(true);
      }),
    );
  });

  it('moves nothing at all with the earlier result given', () => {
    fc.assert(
      fc.property(hashes, hashes, (first, more) => {
        const before = assignSplits(first, fractions);
        const after = assignSplits([...first, ...more], fractions, before);
        expect(first.map((hash) => after.get(hash))).toEqual(first.map((hash) => before.get(hash)));
      }),
    );
  });

  it('never leaves train or val empty from five images on', () => {
    fc.assert(
      fc.property(hashes, (all) => {
        const parts = new Set(assignSplits(all, { train: 0.98, val: 0.02, test: 0 }).values());
        if (all.length >= 5) expect([...parts].sort()).toEqual(['train', 'val']);
        expect(parts).toContain('train');
      }),
    );
    const none = assignSplits(['a', 'b', 'c', 'd', 'e'].map(sha), { train: 1, val: 0, test: 0 });
    expect([...none.values()]).toEqual(Array(5).fill('train'));
  });

  it('keeps to the shares', () => {
    const parts = [
      ...assignSplits(
        Array.from({ length: 5000 }, (_, i) => sha(`${i}`)),
        fractions,
      ).values(),
    ];
    const share = (part: string) => parts.filter((p) => p === part).length / 5000;
    expect(share('val')).toBeCloseTo(0.2, 1);
    expect(share('test')).toBeCloseTo(0.1, 1);
  });

  it('refuses shares that are none', () => {
    expect(() => assignSplits([], { train: 0.8, val: 0.3, test: 0 })).toThrow(/sum 1/);
    expect(() => assignSplits([], { train: 1.2, val: -0.2, test: 0 })).toThrow(/from 0 to 1/);
  });
});

it('contentHash is the SHA-256 of the bytes', async () => {
  const folder = await tempFolder();
  await writeTree(folder, { a: 'abc' });
  expect(await contentHash(path.join(folder, 'a'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  await expect(contentHash(path.join(folder, 'b'))).rejects.toMatchObject({ code: 'file-missing' });
});

describe('chooseSplits', () => {
  const image = (name: string, ...splits: string[]) => ({ path: name, width: 1, height: 1, annotations: [], splits });
  const dataset: Dataset = {
    classes: [],
    imageRoot: '/',
    images: [image('a', 'train2017'), image('b', 'valid'), image('c', 'trainval', 'train2017')],
  };

  it('knows the parts by the names they go by', () => {
    const { train, val } = chooseSplits(dataset);
    expect([train.map((i) => i.path), val?.map((i) => i.path)]).toEqual([['a', 'c'], ['b']]);
  });

  it('takes named ones, and none', () => {
    const { train, val } = chooseSplits(dataset, { train: 'trainval', val: 'none' });
    expect([train.map((i) => i.path), val]).toEqual([['c'], null]);
  });

  it('takes all that play a part, and says so; says made splits and images that are in none', () => {
    const two = { ...dataset, images: [...dataset.images, image('d', 'train2014'), image('e', 'dev'), image('f')] };
    const { train, val } = chooseSplits(two);
    expect([train.map((i) => i.path), val?.map((i) => i.path)]).toEqual([
      ['a', 'c', 'd'],
      ['b', 'e'],
    ]);
    const keys = (...given: Parameters<typeof choiceFindings>) => choiceFindings(...given).map(({ said }) => said?.key);
    expect(keys(two)).toEqual(['loss.splitsUnited', 'loss.splitsUnited', 'loss.inNoSplit']);
    expect(choiceFindings(two)[0]!.reason).toContain('train2017, train2014 all play training');
    expect(keys(two, { train: 'train2014', val: 'none' })).toEqual(['loss.inNoSplit']);
    expect(keys(dataset)).toEqual([]);
    expect(keys(dataset, {}, 'all')).toEqual(['loss.splitsMade']);
    expect(choiceFindings(dataset, {}, 'val')[0]!.reason).toContain('1 of its 3 training images');
  });

  it('says which there are', () => {
    expect(() => imagesOfSplit(dataset, 'nope')).toThrow(
      /"nope".*train2017 \(2 images\).*valid \(1 images\).*trainval/,
    );
  });
});

describe('splits that a dataset names', () => {
  it.each(['train', 'Training', 'val', 'validation', 'dev', 'test', 'testing', 'train2017', 'trainval'])(
    'by a folder called %s',
    async (name) => {
      const tree = { [`${name}/images/a.jpg`]: '100x80', [`${name}/labels/a.txt`]: '0 0.5 0.5 0.2 0.25' };
      const { splits } = await opened({ ...tree, 'classes.txt': 'cat\n' });
      expect(splits).toEqual({ [`${name}/images/a.jpg`]: [name] });
    },
  );

  const xml =
    '<annotation><object><name>cat</name><bndbox><xmin>11</xmin><ymin>21</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object></annotation>';
  const voc = {
    'JPEGImages/a.jpg': '100x80',
    'JPEGImages/b.jpg': '100x80',
    'Annotations/a.xml': xml,
    'Annotations/b.xml': xml,
  };
  const right = { 'a.jpg': ['train'], 'b.jpg': ['test'] };

  it.each([
    ['under ImageSets/Main', { 'ImageSets/Main/train.txt': 'a\n', 'ImageSets/Main/test.txt': 'b\n' }],
    ['under ImageSets', { 'ImageSets/train.txt': 'a\n', 'ImageSets/test.txt': 'b\n' }],
    ['in its folder', { 'train.txt': 'a\n', 'test.txt': 'b\n', 'notes.txt': 'a\n' }],
    ['as paths', { 'train.txt': '/data/VOC/JPEGImages/a.jpg\n', 'test.txt': 'JPEGImages/b.jpg\n' }],
    [
      'in several places, the usual one first',
      {
        'ImageSets/Main/train.txt': 'a\n',
        'ImageSets/Main/test.txt': 'b\n',
        'ImageSets/Segmentation/val.txt': 'a\n',
        'train.txt': 'b\n',
      },
    ],
  ])('by lists of Pascal VOC %s', async (_, lists) => {
    const { splits, losses } = await opened({ ...voc, ...lists });
    expect(splits).toEqual(right);
    expect(losses).toEqual([]);
  });
});
