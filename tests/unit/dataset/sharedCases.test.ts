// Small datasets rebuilt from bug reports about tools of this field: each is read to the right boxes, and what was changed is said.
import path from 'node:path';
import { expect, it } from 'vitest';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { readImageInfo } from '../../../src/core/image/source.ts';
import type { LossKind } from '../../../src/shared/lossReport.ts';
import { describeWithShared } from '../../support/shared.ts';

const right = 'cat 10,20,30,40';

/** By case: the boxes of each picture, and the kinds of what is said. */
const cases: Record<string, [boxes: Record<string, string[]>, said: LossKind[]]> = {
  'voc-two-videos-one-missing': [{ 'vidB/0001.jpg': ['dog 50,40,90,70'] }, ['missing-image']],
  'csv-two-videos-one-missing': [{ 'vidB/0001.jpg': ['dog 50,40,90,70'] }, ['missing-image']],
  'voc-size-mismatch': [{ 'a.jpg': [right] }, ['rescaled']],
  'voc-jpg-preview-beside-png': [{ 'a.png': [right] }, ['missing-annotation']],
  'voc-latin1': [{ 'a.jpg': ['rosé 10,20,30,40', 'rosè 50,20,70,40'], 'b.jpg': [right] }, []],
  'csv-openimages': [{ '0a7df07bbac03159.jpg': ['/m/01yrx 10,20,30,40'] }, ['guessed']],
  'csv-image-id-first': [{ 'a.jpg': [right] }, []],
  'csv-semicolon': [{ 'a.jpg': [right] }, []],
  'csv-tabs': [{ 'a.jpg': [right] }, []],
  'two-formats-differ': [{ 'a.jpg': ['old 10,20,30,40'] }, ['conflict', 'unknown-class']],
  'cvat-video': [
    { 'frame_000000.PNG': [right], 'frame_000001.PNG': ['cat 12,22,32,42'], 'frame_000002.PNG': [] },
    ['detail-lost', 'guessed'],
  ],
  'foreign-json/labelstudio': [{ 'a.jpg': [right] }, []],
  'foreign-json/createml': [{ 'a.jpg': [right] }, []],
  'convert-unsaid-losses/voc': [{ 'a.jpg': [right] }, ['detail-lost', 'detail-lost', 'detail-lost', 'detail-lost']],
  'convert-unsaid-losses/cvat': [{ 'a.jpg': [right] }, ['detail-lost', 'detail-lost', 'detail-lost']],
};

describeWithShared('cases', ['cases'], (folder) => {
  const readSize = (file: string) => readImageInfo(file);
  const open = (name: string) => openDataset(path.join(folder, name), { readSize, fractions: null });

  it.each(Object.entries(cases))('%s', async (name, [boxes, said]) => {
    const { dataset, report } = await open(name);
    const read = dataset.images.map((image) => [
      image.path,
      image.annotations.map(
        ({ classId, box }) => `${dataset.classes[classId]} ${[box.x1, box.y1, box.x2, box.y2].join()}`,
      ),
    ]);
    expect(Object.fromEntries(read)).toEqual(boxes);
    expect(report.losses.map(({ kind }) => kind).sort()).toEqual(said);
  });

  it('voc-odd: whole files are read, pictures with a part that cannot be read are left out', async () => {
    const { dataset, report } = await open('voc-odd');
    const names = dataset.images.map((image) => image.path);
    expect(names).toHaveLength(19);
    for (const out of ['cut.jpg', 'nan.jpg', 'noname.jpg', 'nolabels.jpg']) expect(names).not.toContain(out);
    const partly = report.losses.filter(({ said }) => said?.key === 'loss.partUnread').map(({ file }) => file);
    expect(partly.sort()).toEqual(['cut', 'nan', 'noname'].map((stem) => `JPEGImages/${stem}.jpg`));
  });

  it('e2e-damaged: two of six pictures are whole, the others are each said', async () => {
    const { dataset, report } = await open('e2e-damaged');
    expect(dataset.images.map((image) => image.path)).toEqual(['sample001.jpg', 'sample002.jpg']);
    for (const name of ['sample003', 'sample004', 'sample005', 'sample006'])
      expect(report.losses.some(({ file }) => path.basename(file).startsWith(name))).toBe(true);
  });

  it('e2e-exif-labels-of-stored-pixels: the boxes are those of e2e-control', async () => {
    const boxes = async (name: string) => {
      const { dataset } = await open(name);
      const all = dataset.images.map((image) => [image.path, image.annotations.map(({ box }) => box)] as const);
      return Object.fromEntries(all);
    };
    expect(await boxes('e2e-exif-labels-of-stored-pixels')).toEqual(await boxes('e2e-control'));
    expect((await open('e2e-control')).report.losses).toEqual([]);
  });
});
