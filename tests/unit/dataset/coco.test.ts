// COCO as people have it: broken lists, masks without boxes, ids that stand for two images, numbers that are none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { opened, readSize, tempFolder, writeTree } from './helpers.ts';

const images = [
  { id: 1, file_name: 'a.jpg', width: 100, height: 80 },
  { id: 2, file_name: 'b.jpg', width: 100, height: 80 },
];
const categories = [
  { id: 1, name: 'cat' },
  { id: 2, name: 'dog' },
];
const label = (id: number, image: number, more: object = {}) => ({
  id,
  image_id: image,
  category_id: 1,
  bbox: [10, 20, 20, 20],
  ...more,
});
const pictures = { 'a.jpg': '100x80', 'b.jpg': '100x80' };
const coco = (annotations: unknown, more: object = {}) =>
  JSON.stringify({ images, annotations, categories, ...more }, null, 1);

const open = (json: string, tree: Record<string, string> = {}) => opened({ ...pictures, ...tree, 'labels.json': json });

/** The files of a folder that is refused, and why. */
async function refusal(json: string): Promise<string> {
  const folder = await tempFolder();
  await writeTree(folder, { ...pictures, 'labels.json': json });
  const result = await openDataset(folder, { readSize, format: 'coco' }).catch((error: unknown) => error);
  return result instanceof Error ? result.message : 'was read';
}

describe('a list of annotations that is none, or damaged, is no list of images without objects', () => {
  const good = coco([label(1, 1), label(2, 2)]);
  it.each([
    ['a list in the list', coco([[label(1, 1)]])],
    ['an object', coco({ 0: label(1, 1) })],
    ['null', coco(null)],
    ['absent', JSON.stringify({ images, categories })],
    ['misspelt', JSON.stringify({ images, anotations: [label(1, 1)], categories })],
    ['an element that is a text', coco(['x', label(1, 1)])],
    ['an element that is a number', coco([label(1, 1), 7])],
    ['an element that is null', coco([null])],
    ['an element without image', coco([{ id: 1, category_id: 1, bbox: [1, 2, 3, 4] }])],
    ['lost braces', good.replace(/\{(\s+"id": 1,\s+"image_id")/, '$1')],
    ['a missing comma', good.replace(/\},(\s+\{\s+"id": 2,\s+"image_id")/, '}$1')],
    ['a missing comma between the lists', good.replace(/\],(\s+"annotations")/, ']$1')],
    ['a missing colon', good.replace('"annotations":', '"annotations"')],
    ['garbage behind the end', `${good}{"annotations": []}`],
    ['a word behind the end', `${good} end`],
    ['two lists of annotations', good.replace('"categories"', '"annotations": [], "categories"')],
    ['cut off', good.slice(0, -80)],
    ['no categories', JSON.stringify({ images, annotations: [label(1, 1)] })],
  ])('%s', async (_, json) => {
    expect(await refusal(json)).toMatch(/labels\.json/);
  });

  it('reads the good one, with all that is around the lists', async () => {
    const more = { info: { description: 'x, "y": [z]' }, licenses: [1, 'two', [3]], version: 1.5, none: null };
    expect((await open(coco([label(1, 1), label(2, 2)], more))).losses).toEqual([]);
  });

  it('wherever the text is cut or a byte is lost, no image silently holds nothing', async () => {
    const full = coco([label(1, 1), label(2, 2)]);
    const change = fc.tuple(fc.nat(full.length - 1), fc.constantFrom('', ',', ':', '[', ']', '{', '}', '"', '0', ' '));
    await fc.assert(
      fc.asyncProperty(change, async ([at, by]) => {
        const folder = await tempFolder();
        await writeTree(folder, { ...pictures, 'labels.json': full.slice(0, at) + by + full.slice(at + 1) });
        const read = await openDataset(folder, { readSize, format: 'coco', fractions: null }).catch(() => null);
        const empty = read?.dataset.images.filter((image) => image.annotations.length === 0) ?? [];
        if (empty.length > 0) expect(read!.report.losses).not.toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('labels that can not be read', () => {
  it.each([
    ['NaN in the box', { bbox: ['NaN', 20, 20, 20] }],
    ['Infinity beside the box', { area: 'Infinity' }],
    ['three numbers', { bbox: [10, 20, 20] }],
    ['a text as box', { bbox: 'x' }],
    ['keypoints alone', { bbox: undefined, keypoints: [1, 2, 2] }],
    ['no category', { category_id: null }],
    ['an unknown category', { category_id: 9 }],
  ])('%s: the image is left out and said, the others stay', async (_, bad) => {
    const json = coco([label(1, 1), label(2, 2), label(3, 2, bad)]).replaceAll(/"(NaN|Infinity)"/g, '$1');
    const { labels, losses } = await open(json);
    expect(labels).toEqual({ 'a.jpg': ['cat 10 20 30 40'] });
    expect(losses.at(-1)).toMatch(/^unreadable b\.jpg: a part of its labels in labels\.json can't be read/);
  });

  it('an image entry that is no JSON: the image is left out and said', async () => {
    const { labels, losses } = await open(coco([label(1, 1), label(2, 2)]).replace('"width": 100', '"width": NaN'));
    expect(labels).toEqual({ 'b.jpg': ['cat 10 20 30 40'] });
    expect(losses.map((loss) => loss.split(':')[0])).toEqual(
      expect.arrayContaining(['unreadable labels.json', 'missing-image labels.json', 'missing-annotation a.jpg']),
    );
  });
});

it('an id of two images: nobody knows whose its labels are', async () => {
  const twins = [images[0], { ...images[1], id: 1 }, { id: 3, file_name: 'c.jpg', width: 100, height: 80 }];
  const { labels, losses } = await open(coco([label(1, 1), label(2, 3)], { images: twins }), { 'c.jpg': '100x80' });
  expect(labels).toEqual({ 'c.jpg': ['cat 10 20 30 40'] });
  expect(losses).toEqual([
    'ambiguous a.jpg: has the id 1, as another image has: nobody knows whose the labels are; left out',
    'ambiguous b.jpg: has the id 1, as another image has: nobody knows whose the labels are; left out',
  ]);
});

it('two categories of one name are one class, and it is said', async () => {
  const json = coco([label(1, 1), label(2, 2, { category_id: 2 })], {
    categories: [
      { id: 1, name: 'mouse', supercategory: 'animal' },
      { id: 2, name: 'mouse', supercategory: 'device' },
    ],
  });
  const { classes, losses } = await open(json);
  expect(classes).toEqual(['mouse']);
  expect(losses).toEqual([
    'guessed labels.json: the categories 1 and 2 are both called "mouse"; they are taken as one class',
  ]);
});

it('masks give the box where there is none; what marks nothing is said', async () => {
  const square = [60, 50, 90, 50, 90, 70, 60, 70];
  const { labels, losses } = await open(
    coco([
      label(1, 1, { bbox: [0, 0, 0, 0], segmentation: [square] }),
      label(2, 1, { bbox: null, segmentation: square, category_id: '2' }),
      label(3, 1, { bbox: [], segmentation: [] }),
      label(4, 1, { bbox: ['10', '20.5', '20', '20'] }),
      label(5, 2, { bbox: [0, 0, 0, 0] }),
    ]),
  );
  expect(labels).toEqual({ 'a.jpg': ['cat 60 50 90 70', 'dog 60 50 90 70', 'cat 10 20.5 30 40.5'], 'b.jpg': [] });
  expect(losses.map((loss) => loss.split(':')[0])).toEqual([
    'converted labels.json',
    'converted labels.json',
    'dropped labels.json',
    expect.stringMatching(/^zero-area/),
  ]);
});

it('masks, keypoints, attributes, scores and tracks are counted', async () => {
  const more = {
    segmentation: [[1, 2, 3, 4, 5, 6]],
    keypoints: [1, 2, 2],
    attributes: { occluded: true },
    score: 0.5,
    track_id: 3,
  };
  const silent = { segmentation: [], keypoints: [0, 0, 0], attributes: { occluded: false } };
  const { losses } = await open(
    coco([label(1, 1, more), label(2, 2, { ...more, bbox: [1, 1, 9, 9] }), label(3, 2, silent)]),
  );
  expect(losses).toEqual(
    ['masks', 'keypoints', 'attributes', 'a score', 'a track'].map(
      (what) => `detail-lost labels.json: 2 objects have ${what}, which a box can't hold; the box is kept`,
    ),
  );
});

it('coordinates from 0 to 1 are shares of the size, and it is said', async () => {
  const { labels, losses } = await open(
    coco([label(1, 1, { bbox: [0.1, 0.25, 0.2, 0.25] }), label(2, 2, { bbox: [0, 0, 1, 1] })]),
  );
  expect(labels).toEqual({
    'a.jpg': [expect.stringMatching(/^cat 10 20 30(\.0+4)? 40$/)],
    'b.jpg': ['cat 0 0 100 80'],
  });
  expect(losses).toEqual([expect.stringMatching(/^guessed labels\.json: all coordinates are from 0 to 1/)]);
});

it('a doubled label is one; the same box of another class, or on another image, is not', async () => {
  const { labels, losses } = await open(coco([label(1, 1), label(2, 1), label(3, 1, { category_id: 2 }), label(4, 2)]));
  expect(labels).toEqual({ 'a.jpg': ['cat 10 20 30 40', 'dog 10 20 30 40'], 'b.jpg': ['cat 10 20 30 40'] });
  expect(losses).toEqual(['duplicate a.jpg: box (10, 20, 30, 40) of "cat" is there twice; one is kept']);
});

it('the layout of COCO 2017: a list of annotations for each folder of images', async () => {
  const list = (id: number, name: string) =>
    coco([label(id, id)], { images: [{ id, file_name: name, width: 100, height: 80 }] });
  const { splits, losses } = await opened({
    ...{ 'train2017/1.jpg': '100x80', 'val2017/2.jpg': '100x80' },
    ...{
      'annotations/instances_train2017.json': list(1, '1.jpg'),
      'annotations/instances_val2017.json': list(2, '2.jpg'),
    },
  });
  expect(splits).toEqual({ 'train2017/1.jpg': ['train2017'], 'val2017/2.jpg': ['val2017'] });
  expect(losses).toEqual([]);
});
