// Datasets as other tools write them (see tests/fixtures/dataset/README.md) are detected and read to the right boxes.
import path from 'node:path';
import { expect, it } from 'vitest';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { readSize } from './helpers.ts';

const fixtures = path.resolve(import.meta.dirname, '../../fixtures/dataset');

/** A fixture as one compact object: every image as `class x1 y1 x2 y2 flags` lines. */
async function read(name: string) {
  const opened = await openDataset(path.join(fixtures, name), { readSize, fractions: null });
  const { classes } = opened.dataset;
  const images = opened.dataset.images.map((image) => [
    [image.path, ...(image.splits ?? [])].join(' '),
    image.annotations.map(({ box, classId, crowd, ignore }) =>
      [
        classes[classId],
        box.x1,
        box.y1,
        box.x2,
        box.y2,
        ...(crowd ? ['crowd'] : []),
        ...(ignore ? ['ignore'] : []),
      ].join(' '),
    ),
  ]);
  const losses = opened.report.losses.map(({ kind, file }) => `${kind} ${file}`);
  return { format: opened.format, classes, images: Object.fromEntries(images) as Record<string, string[]>, losses };
}

const middle = '240 120 400 360';

const expected: Record<string, Awaited<ReturnType<typeof read>>> = {
  'labelimg-voc': {
    format: 'voc',
    classes: ['狗', 'dog & cat', 'unused'],
    images: { 'photos/IMG_0001.jpg': ['dog & cat 10 20 110 220 ignore', '狗 0 0 640 480'] },
    losses: ['detail-lost photos/IMG_0001.xml'],
  },
  'labelimg-yolo': {
    format: 'yolo',
    classes: ['dog', 'cat'],
    images: { 'IMG_0001.jpg': [`cat ${middle}`], 'IMG_0002.jpg': [] },
    losses: [],
  },
  'cvat-voc': {
    format: 'voc',
    classes: ['cell', 'other'],
    images: { 'sub/frame_000000.jpg': ['cell 9.53 19.2 110.4 220.04'] },
    losses: [],
  },
  'cvat-coco': {
    format: 'coco',
    classes: ['cell', 'other'],
    images: { 'default/frame_000000.jpg': ['other 10.5 20.25 110.5 220.25', 'cell 1 0 3 2 crowd'] },
    losses: ['detail-lost annotations/instances_default.json'],
  },
  'cvat-images': {
    format: 'cvat',
    classes: ['wbc', 'rbc'],
    images: {
      'a & b.jpg Train': [
        'rbc 10.5 20.25 110.5 220.75 ignore',
        'wbc 130 70 170 170',
        'wbc 300 300 400 400.5',
        'rbc 480 90 520 110',
        'rbc 20 400 24 403',
      ],
      'empty.jpg Validation': [],
    },
    losses: ['converted', 'converted', 'converted', 'converted', 'dropped', 'dropped'].map(
      (kind) => `${kind} a & b.jpg`,
    ),
  },
  'cvat-yolo': {
    format: 'yolo',
    classes: ['cell', 'other'],
    images: { 'obj_train_data/frame_000000.jpg train': [`other ${middle}`] },
    losses: [],
  },
  'roboflow-yolo': {
    format: 'yolo',
    classes: ['no', 'RBC'],
    images: {
      'test/images/c_jpg.rf.4e5f.jpg test': [],
      'train/images/a_jpg.rf.0a1b.jpg train': [`RBC ${middle}`, 'no 64 48 128 144'],
      'valid/images/b_jpg.rf.2c3d.jpg val': ['no 544 120 640 360'],
    },
    losses: ['converted train/labels/a_jpg.rf.0a1b.txt', 'clipped valid/labels/b_jpg.rf.2c3d.txt'],
  },
  'roboflow-coco': {
    format: 'coco',
    classes: ['RBC', 'WBC'],
    images: {
      'train/a_jpg.rf.0a1b.jpg train': ['WBC 100 50 120.5 80.25'],
      'valid/b_jpg.rf.2c3d.jpg valid': ['WBC 100 50 120.5 80.25'],
    },
    losses: [],
  },
  'roboflow-voc': {
    format: 'voc',
    classes: ['RBC'],
    images: { 'train/a_jpg.rf.0a1b.jpg train': ['RBC 100 50 221 81'], 'valid/b_jpg.rf.2c3d.jpg valid': [] },
    losses: [],
  },
  'coco-annotator': {
    format: 'coco',
    classes: ['cell'],
    images: { 'a.jpg': ['cell 10 20 110.5 220', 'cell 1 2 9 8 crowd'], 'b.jpg': [] },
    losses: ['detail-lost cells-1.json'],
  },
  'cvat-ultralytics': {
    format: 'yolo',
    classes: ['cell', 'other'],
    images: { 'Train/frame_000000.jpg Train': [`other ${middle}`], 'Validation/frame_000001.jpg Validation': [] },
    losses: [],
  },
  ultralytics: {
    format: 'yolo',
    classes: ['person', 'bicycle', 'car'],
    images: {
      'more/x.jpg val': [`person ${middle}`],
      'val2017/000000000139.jpg val': [`bicycle ${middle}`],
    },
    losses: [
      'detail-lost labels/more/x.txt',
      'guessed labels/more/x.txt',
      'missing-annotation images/train2017/000000000025.jpg',
      'unknown-class labels/train2017/000000000009.txt',
      'unreadable images/train2017/000000000009.jpg',
    ],
  },
  labelme5: {
    format: 'labelme',
    classes: ['nucleus', 'cell'],
    images: { 'p1.jpg': ['cell 10.25 20 110.5 220.75', 'nucleus 10 10 20 30.5', 'cell 95 95 105 105'] },
    losses: ['converted', 'converted', 'detail-lost'].map((kind) => `${kind} labels/p1.json`),
  },
  'labelstudio-coco': {
    format: 'coco',
    classes: ['Airplane', 'Car'],
    images: { '3f2a-cat.jpg': ['Car 10.123456789 20.5 110.123456789 220.5'] },
    losses: [],
  },
  'labelstudio-yolo': {
    format: 'yolo',
    classes: ['Airplane', 'Car'],
    images: { '3f2a-cat.jpg': ['Car 240.00000000000006 120 400.00000000000006 360'] },
    losses: [],
  },
  'tensorflow-csv': {
    format: 'csv',
    classes: ['cell', 'other'],
    images: { 'a.jpg train': ['cell 10 20 110 220', 'other 1 2 3 4'], 'b.jpg test': ['cell 10 20 110 220'] },
    losses: [],
  },
  'retinanet-csv': {
    format: 'csv',
    classes: ['other', 'cell'],
    images: { 'a.jpg': ['cell 10 20 110 220'], 'b.jpg': [] },
    losses: [],
  },
  'makesense-csv': {
    format: 'csv',
    classes: ['cell'],
    images: { 'a.jpg': ['cell 10 20 110 220'] },
    losses: [],
  },
};

it.each(Object.keys(expected))('%s', async (name) => {
  const actual = await read(name);
  expect({ ...actual, losses: actual.losses.sort() }).toEqual({
    ...expected[name]!,
    losses: expected[name]!.losses.sort(),
  });
});

it('CVAT colours are kept', async () => {
  const { dataset } = await openDataset(path.join(fixtures, 'cvat-images'), { readSize });
  expect(dataset.colours).toEqual({ wbc: '#fa3253', rbc: '#33ddff' });
});
