// Ids of COCO files as tools write them: numbers and texts mixed, labels of images that no entry lists, categories that only group.
import { describe, expect, it } from 'vitest';
import { opened } from './helpers.ts';

const image = (id: unknown, name: string) => ({ id, file_name: `${name}.jpg`, width: 100, height: 80 });
const label = (imageId: unknown, category: unknown = 1) => ({
  image_id: imageId,
  category_id: category,
  bbox: [10, 20, 20, 20],
});
const coco = (images: unknown[], annotations: unknown[], categories: unknown[] = [{ id: 1, name: 'cat' }]) =>
  JSON.stringify({ images, annotations, categories });
const pictures = (...names: string[]) => Object.fromEntries(names.map((name) => [`${name}.jpg`, '100x80']));
const [a, b, c] = [image(1, 'a'), image(2, 'b'), image(3, 'c')];
const box = ['cat 10 20 30 40'];
const unsure = (name: string, list = 'labels.json') =>
  `ambiguous ${name}.jpg: has no label in ${list}, but labels there have image ids that aren't listed and may be its own; left out ` +
  '(list those images or remove those labels to keep it)';
const unlisted = (id: string) =>
  `missing-image labels.json: 1 label belongs to image id ${id}, which isn't listed; left out`;

describe('an id is its text', () => {
  it.each([
    ['texts and numbers', '0', 0, 1, '1'],
    ['numbers and texts', 0, '0', '1', 1],
    ['below zero', -1, '-1', '-2', -2],
  ])('%s', async (_, imageId, labelled, categoryId, used) => {
    const json = coco([image(imageId, 'a')], [label(labelled, used)], [{ id: categoryId, name: 'cat' }]);
    const { labels, losses } = await opened({ ...pictures('a'), 'labels.json': json });
    expect(labels).toEqual({ 'a.jpg': box });
    expect(losses).toEqual([]);
  });

  it('two images with one id in two ways share it', async () => {
    const json = coco([image('1', 'a'), image(1, 'b'), c], [label(1), label(3)]);
    const { labels, losses } = await opened({ ...pictures('a', 'b', 'c'), 'labels.json': json });
    expect(labels).toEqual({ 'c.jpg': box });
    expect(losses.map((loss) => loss.split(':')[0])).toEqual(['ambiguous a.jpg', 'ambiguous b.jpg']);
  });
});

describe('labels of images that are not listed', () => {
  it('may be those of a picture without labels: it is no background', async () => {
    const { labels, losses } = await opened({
      ...pictures('a', 'b'),
      'labels.json': coco([a, b], [label(1), label(22)]),
    });
    expect(labels).toEqual({ 'a.jpg': box });
    expect(losses).toEqual([unlisted('22'), unsure('b')]);
  });

  it('of which no id is listed at all, however many they are', async () => {
    const json = coco([a, b], [label('a.jpg'), label('b.jpg'), label('c.jpg')]);
    const other = { 'c.jpg': '100x80', 'other.json': coco([c], [label(3)]) };
    const { labels, losses } = await opened({ ...pictures('a', 'b'), 'labels.json': json, ...other });
    expect(labels).toEqual({ 'c.jpg': box });
    expect(losses.slice(3)).toEqual([unsure('a'), unsure('b')]);
  });

  it('whose own label is broken are lost as well', async () => {
    const { labels } = await opened({
      ...pictures('a', 'b'),
      'labels.json': coco([a, b], [label(1), { ...label(22), bbox: 'x' }]),
    });
    expect(labels).toEqual({ 'a.jpg': box });
  });

  it('more than there are pictures without labels: the list of images is a part, and those hold nothing', async () => {
    const json = coco([a, b], [label(1), label(7), label(8), label(9)]);
    const { labels, losses } = await opened({ ...pictures('a', 'b'), 'labels.json': json });
    expect(labels).toEqual({ 'a.jpg': box, 'b.jpg': [] });
    expect(losses).toEqual(['7', '8', '9'].map(unlisted));
  });

  it('whose images could not be read are theirs', async () => {
    const json = coco([a, b, { id: 3 }], [label(1), label(3)]);
    const { labels } = await opened({ ...pictures('a', 'b', 'c'), 'labels.json': json });
    expect(labels).toEqual({ 'a.jpg': box, 'b.jpg': [] });
  });

  it('that another file lists with the same labels are its own: each list has all labels of both', async () => {
    const all = [label(1), label(3)];
    const { labels, losses } = await opened({
      ...pictures('a', 'b', 'c'),
      'train.json': coco([a, b], all),
      'val.json': coco([c], all),
    });
    expect(labels).toEqual({ 'a.jpg': box, 'b.jpg': [], 'c.jpg': box });
    expect(losses.filter((loss) => loss.startsWith('ambiguous'))).toEqual([]);
  });

  it('an id that another file has for another image explains nothing', async () => {
    const { labels, losses } = await opened({
      ...pictures('a', 'b', 'c'),
      'train.json': coco([a, b], [label(1), label(3)]),
      'val.json': coco([c], [{ ...label(3), bbox: [1, 2, 3, 4] }]),
    });
    expect(labels).toEqual({ 'a.jpg': box, 'c.jpg': ['cat 1 2 4 6'] });
    expect(losses.at(-1)).toBe(unsure('b', 'train.json'));
  });
});

it('a category that only groups others is no class and no loss', async () => {
  const categories = [
    { id: 0, name: 'cells', supercategory: 'none' },
    { id: 1, name: 'cat', supercategory: 'cells' },
  ];
  const { classes, losses } = await opened({ ...pictures('a'), 'labels.json': coco([a], [label(1)], categories) });
  expect(classes).toEqual(['cat']);
  expect(losses).toEqual([]);
});
