// A real dataset: BCCD's counts must be those of its README, its two boxes without size reported.
import path from 'node:path';
import { expect, it } from 'vitest';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { countSplits, imagesOfSplit } from '../../../src/core/dataset/splits.ts';
import { readImageInfo } from '../../../src/core/image/source.ts';
import { describeWithShared } from '../../support/shared.ts';

const readSize = (file: string) => readImageInfo(file);

describeWithShared('BCCD', ['datasets', 'bccd'], (folder) => {
  it('has the counts of its README', async () => {
    const { dataset, report, format, splitsMade, alsoFound } = await openDataset(folder, { readSize });
    expect([format, splitsMade, alsoFound]).toEqual(['voc', 'nothing', []]);
    expect(dataset.classes).toEqual(['Platelets', 'RBC', 'WBC']);
    expect(dataset.imageRoot).toBe(path.join(folder, 'JPEGImages'));
    expect(Object.fromEntries(countSplits(dataset))).toEqual({ train: 205, val: 87, trainval: 292, test: 72 });
    const table = Object.fromEntries(
      ['train', 'val', 'trainval', 'test'].map((split) => {
        const ids = imagesOfSplit(dataset, split).flatMap((image) => image.annotations.map((a) => a.classId));
        return [split, [1, 2, 0].map((id) => ids.filter((other) => other === id).length)];
      }),
    );
    expect(table).toEqual({
      train: [2382, 214, 209],
      val: [968, 87, 83],
      trainval: [3350, 301, 292],
      test: [805, 71, 69],
    });
    expect(report).toMatchObject({ files: 364, images: 364, boxes: 4888, negatives: 0 });
    expect(report.losses.map((loss) => [loss.kind, loss.file])).toEqual([
      ['zero-area', 'Annotations/BloodImage_00338.xml'],
      ['zero-area', 'Annotations/BloodImage_00343.xml'],
      ['detail-lost', 'Annotations/BloodImage_00000.xml'], // marks as truncated
    ]);
  });

  it('has continuous boxes: one-based inclusive corners shifted', async () => {
    const { dataset } = await openDataset(folder, { readSize });
    const first = dataset.images.find((image) => image.path === 'BloodImage_00000.jpg')!;
    expect(first).toMatchObject({ width: 640, height: 480 });
    expect(first.annotations[0]).toEqual({ box: { x1: 259, y1: 176, x2: 491, y2: 376 }, classId: 2 });
  });

  it('is read from its parts, with folders of any name', async () => {
    const parts = { images: path.join(folder, 'JPEGImages'), annotations: path.join(folder, 'Annotations') };
    const { dataset, splitsMade } = await openDataset(parts.annotations, { ...parts, readSize });
    expect(dataset.images).toHaveLength(364);
    expect(splitsMade).toBe('all');
    const counts = countSplits(dataset);
    expect(counts.get('val')).toBeGreaterThan(45);
    expect(counts.get('val')! + counts.get('train')!).toBe(364);
  });
});
