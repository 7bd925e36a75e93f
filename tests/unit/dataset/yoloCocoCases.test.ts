// The collected inputs that once went wrong in YOLO and COCO, read as they are: what comes out, and what is said.
import path from 'node:path';
import { expect, it } from 'vitest';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { describeWithShared } from '../../support/shared.ts';
import { readImageInfo } from '../../../src/core/image/source.ts';

interface Expected {
  /** Labels by image as `class x1 y1 x2 y2`. */
  images: Record<string, string[]>;
  kinds: string[];
  splits?: Record<string, string[]>;
}

const cases: Record<string, Expected> = {
  'yolo-two-classes-txt': {
    images: { 'folder_a/a_01.jpg': ['alfa 10 20 30 40'], 'folder_b/b_01.jpg': ['gamma 10 20 30 40'] },
    kinds: ['conflict'],
  },
  'yolo-two-yaml': {
    images: { 'a.jpg': ['cat 10 20 30 40'] },
    splits: { 'a.jpg': ['train', 'val'] },
    kinds: ['conflict'],
  },
  'yolo-blank-line-in-names': {
    images: { 'a.jpg': ['cat 10 20 30 40', 'dog 50 20 70 40', 'bird 75 60 85 68'] },
    kinds: ['guessed'],
  },
  'yolo-list-other-folder': {
    images: { 'b/1.jpg': ['cat 40 32 60 48'] },
    splits: { 'b/1.jpg': ['val'] },
    kinds: ['missing-image'],
  },
  'yolo-nfd': {
    images: Object.fromEntries(
      ['IMG_1.JPG', 'b.jpg', 'c.jpg', 'cafe\u0301.jpg'].map((name) => [name, ['cat 40 32 60 48']]),
    ),
    kinds: [],
  },
  'yolo-track-conf': { images: { 'a.jpg': ['cat 40 30 60 50', 'dog 10 20 30 40'] }, kinds: ['detail-lost', 'guessed'] },
  'coco-dup-image-id': { images: {}, kinds: ['ambiguous'] },
  'coco-same-name-categories': { images: { 'a.jpg': ['mouse 10 20 30 40', 'mouse 50 20 70 40'] }, kinds: ['guessed'] },
  'coco-nan': { images: {}, kinds: ['missing-annotation', 'missing-image', 'unreadable'] },
  'coco-2017-layout': {
    images: Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [
        `${i < 6 ? 'train2017' : 'val2017'}/${i}.jpg`,
        [`${i % 2 ? 'dog' : 'cat'} 10 20 30 40`],
      ]),
    ),
    kinds: [],
  },
  'yolo-yaml-gap': { images: {}, kinds: ['unknown-class', 'unreadable'] },
  'yolo-flat-labels-two-folders': { images: {}, kinds: ['ambiguous'] },
};

describeWithShared('collected inputs', ['cases'], (folder) => {
  const read = (name: string) =>
    openDataset(path.join(folder, name), { readSize: (file) => readImageInfo(file), fractions: null });

  it.each(Object.entries(cases))('%s', async (name, { images, kinds, splits }) => {
    if (Object.keys(images).length === 0) {
      await expect(read(name)).rejects.toMatchObject({
        code: expect.stringMatching(/dataset-empty|annotation-invalid/) as string,
      });
      return;
    }
    const { dataset, report } = await read(name);
    const text = (a: (typeof dataset.images)[number]['annotations'][number]) =>
      [dataset.classes[a.classId], ...Object.values(a.box).map((v) => Math.round(v * 1e6) / 1e6)].join(' ');
    expect(Object.fromEntries(dataset.images.map((image) => [image.path, image.annotations.map(text)]))).toEqual(
      images,
    );
    expect([...new Set(report.losses.map(({ kind }) => kind))].sort()).toEqual(kinds);
    if (splits) expect(Object.fromEntries(dataset.images.map((image) => [image.path, image.splits]))).toEqual(splits);
  });

  it('coco-seg-only: masks give the boxes', async () => {
    const { dataset, report } = await read('coco-seg-only');
    expect(dataset.images[0]!.annotations).toHaveLength(6);
    expect(report.losses.filter(({ kind }) => kind === 'converted')).toHaveLength(5);
    expect(report.losses.filter(({ kind }) => kind === 'dropped')).toHaveLength(1);
  });

  it('yolo-comma-set: what can not be read is left out, not background', async () => {
    const { dataset, report } = await read('yolo-comma-set');
    expect(dataset.images.map((image) => image.path).sort()).toEqual(['sample005.jpg', 'sample006.jpg']);
    expect(report.negatives).toBe(0);
    expect(report.losses.filter(({ file }) => file.startsWith('images/'))).toHaveLength(4);
  });

  it('yolo-duplicate-rows: each row once', async () => {
    const { report } = await read('yolo-duplicate-rows');
    expect(report.boxes).toBe(report.losses.filter(({ kind }) => kind === 'duplicate').length);
  });

  it('convert-unsaid-losses/coco: mask, keypoints and attributes are counted', async () => {
    const { report } = await read('convert-unsaid-losses/coco');
    expect(report.losses.map(({ kind }) => kind)).toEqual(['detail-lost', 'detail-lost', 'detail-lost']);
  });
});
