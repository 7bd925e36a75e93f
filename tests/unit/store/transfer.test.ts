// Imports and exports: what goes in comes out to the last bit; runs again without doubling; cancels without a trace.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Dataset, LabelledImage } from '../../../src/shared/labels.ts';
import { ann, factsOf, importer, newFolder, newProject, square } from './support.ts';

const coordinate = fc.double({ min: 0, max: 400, noNaN: true });
const annotation = fc
  .record({
    x: coordinate,
    y: coordinate,
    w: fc.double({ min: 0.001, max: 99, noNaN: true }),
    classId: fc.nat(2),
    crowd: fc.boolean(),
    ignore: fc.boolean(),
  })
  .map(({ x, y, w, classId, crowd, ignore }) => ({
    box: { x1: x, y1: y, x2: x + w, y2: y + w },
    classId,
    ...(crowd ? { crowd: true } : {}),
    ...(ignore ? { ignore: true } : {}),
  }));

it('any dataset comes out as it went in', async () => {
  const name = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
  const dataset = fc.record({
    classes: fc.uniqueArray(name, { minLength: 3, maxLength: 3 }),
    images: fc.array(
      fc.record({
        annotations: fc.uniqueArray(annotation, { maxLength: 6, selector: (a) => JSON.stringify(a) }),
        split: fc.constantFrom('train', 'val', 'test'),
      }),
      { maxLength: 8 },
    ),
  });
  await fc.assert(
    fc.asyncProperty(dataset, async ({ classes, images }) => {
      const root = newFolder();
      const p = newProject(0, root);
      p.deleteClasses(ann, [1, 2]);
      const given: Dataset = {
        classes,
        imageRoot: root,
        images: images.map(({ annotations, split }, i): LabelledImage => ({
          path: `ü/${i}.jpg`,
          width: 640,
          height: 480,
          annotations,
          splits: [split],
        })),
      };
      await p.import(given, { actor: importer, facts: factsOf });
      expect(p.toDataset()).toEqual(given);
      expect(asPlain(p.view())).toEqual(given);
    }),
    { numRuns: 25 },
  );
});

/** A view as the plain object that it stands for. */
const asPlain = (view: Dataset): Dataset => ({
  ...view,
  images: view.images.map((image) => ({ ...image, annotations: image.annotations })),
});

const many = (root: string, count: number): Dataset => ({
  classes: ['dog', 'bird'],
  colours: { bird: '#abcdef' },
  imageRoot: root,
  images: Array.from({ length: count }, (_, i) => ({
    path: `${i}.jpg`,
    width: 640,
    height: 480,
    annotations: [{ box: square(i % 400), classId: i % 2 }],
  })),
});

it('joins classes by name, keeps existing images, and doubles nothing when run again', async () => {
  const p = newProject(3);
  const progress: number[][] = [];
  const options = { actor: importer, facts: factsOf, onProgress: (...now: number[]) => void progress.push(now) };
  const first = await p.import(many(p.root, 2500), options);
  expect(first).toMatchObject({
    images: 2500,
    newImages: 2497,
    newClasses: 1,
    boxes: 2500,
    duplicates: 0,
    unreadable: [],
  });
  expect(progress).toEqual([
    [1000, 2500],
    [2000, 2500],
    [2500, 2500],
  ]);
  expect(await p.import(many(p.root, 2500), options)).toMatchObject({ newImages: 0, boxes: 0, duplicates: 2500 });
  expect(p.classes().map((c) => [c.name, c.boxes])).toEqual([
    ['cat', 0],
    ['dog', 1250],
    ['bird', 1250],
  ]);
  expect(p.classes()[2]!.color).toBe('#abcdef');
  p.undo(ann);
  expect(p.counts().boxes).toBe(0);
  expect(p.classes()).toHaveLength(2);
  p.redo(ann);
  expect(p.counts().boxes).toBe(2500);
});

it('takes everything back when cancelled', async () => {
  const p = newProject(1);
  const stop = new AbortController();
  const options = { actor: importer, facts: factsOf, signal: stop.signal, onProgress: () => stop.abort() };
  await expect(p.import(many(p.root, 2500), options)).rejects.toThrow(/abort/i);
  expect(p.counts()).toMatchObject({ boxes: 0, byStatus: { labelled: 0 } });
  expect(p.classes().map((c) => c.name)).toEqual(['cat', 'dog']);
  p.undo(ann); // the classes of the beginning, not the import
  expect(p.classes()).toEqual([]);
});

it('notes unreadable files and goes on, and knows negative images', async () => {
  const p = newProject(0);
  const facts = (file: string) => {
    if (file === '1.jpg') throw new Error('truncated');
    return factsOf(file);
  };
  const data = many(p.root, 3);
  data.images[2]!.annotations = [];
  const result = await p.import(data, { actor: importer, facts });
  expect(result.unreadable).toEqual([{ file: '1.jpg', reason: 'truncated', said: null }]);
  expect(p.toDataset().images.map((i) => i.annotations.length)).toEqual([1, 1, 0]);
  expect(p.unreadImages(10).map((i) => i.path)).toEqual(['1.jpg']);
});

it('exports a filtered part, without suggestions, and stops when told', () => {
  const p = newProject(3);
  p.edit(
    ann,
    [1, 2].map((image) => ({ image, ops: [{ type: 'add', classId: image, box: square(1) }] })),
    { action: 'draw' },
  );
  p.suggest(importer, [{ image: 3, detections: [{ box: square(1), classId: 1, score: 1 }] }]);
  expect(p.toDataset({ filter: { classes: [2] } }).images.map((i) => i.path)).toEqual(['2.jpg']);
  expect(p.toDataset().images).toHaveLength(2);
  expect(() => p.toDataset({ signal: AbortSignal.abort() })).toThrow(/abort/i);
});

it('takes a dataset that lists an image twice', async () => {
  const p = newProject(1);
  const data = many(p.root, 1);
  data.images.push({ ...data.images[0]!, annotations: [{ box: square(99), classId: 1 }] });
  await p.import(data, { actor: importer, facts: factsOf });
  const image = p.imageByPath('0.jpg')!.id;
  expect(p.boxes(image).map((b) => b.box.x1)).toEqual([0, 99]);
  p.undo(ann);
  expect(p.boxes(image)).toEqual([]);
  p.redo(ann);
  expect(p.boxes(image)).toHaveLength(2);
});

it('a view shows one moment, however it is gone through and whatever is edited meanwhile', async () => {
  const p = newProject(0);
  await p.import(many(p.root, 1300), { actor: importer, facts: factsOf });
  p.edit(ann, [{ image: 5, ops: [{ type: 'status', status: 'skipped' }] }], { action: 'status' });
  const before = p.toDataset();
  const view = p.view();
  expect(view.images).toHaveLength(1299);
  expect(view.images[1200]!.annotations).toEqual(before.images[1200]!.annotations);
  const ids = p.find.ids({}, { by: 'name' });
  p.addClasses(ann, [{ name: 'late' }]);
  for (const place of [0, 700, 1299]) {
    const image = ids[place]!;
    p.edit(ann, [{ image, ops: [{ type: 'add', classId: 3, box: square(3) }] }], { action: 'draw' });
  }
  p.deleteClasses(ann, [1]);
  expect(asPlain(view)).toEqual(before);
  expect(view.images.map((i) => i.annotations).reverse()).toEqual(before.images.map((i) => i.annotations).reverse());
});

it('undo and redo of an import of many images bring back the same state', async () => {
  const p = newProject(0);
  await p.import(many(p.root, 1300), { actor: importer, facts: factsOf });
  const before = p.toDataset();
  const made = p.boxes(1).map((b) => b.made);
  p.undo(ann);
  expect([p.counts().boxes, p.classes().length]).toEqual([0, 2]);
  p.redo(ann);
  expect(p.toDataset()).toEqual(before);
  expect(p.boxes(1).map((b) => b.made)).toEqual(made);
});

it('lists are the splits that their names mean; what names none or several is counted', async () => {
  const root = newFolder();
  const p = newProject(0, root);
  const lists = [
    ['train2017'],
    ['val_2014'],
    ['dev'],
    ['Test'],
    ['Validation', 'extra'],
    ['extra'],
    ['train', 'val'],
    [],
  ];
  const images = lists.map((splits, i): LabelledImage => ({
    path: `${i}.jpg`,
    width: 9,
    height: 9,
    annotations: [],
    splits,
  }));
  const result = await p.import({ classes: [], imageRoot: root, images }, { actor: importer, facts: factsOf });
  const chosen = p.toDataset().images.map(({ splits }) => splits?.[0]);
  expect(chosen.slice(0, 5)).toEqual(['train', 'val', 'val', 'test', 'val']);
  expect([...result.unplaced]).toEqual([
    ['extra', 1],
    ['train, val', 1],
  ]);
});
