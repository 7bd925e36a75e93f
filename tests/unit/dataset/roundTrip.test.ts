// Whatever a format writes it reads back to the same boxes, classes, flags and splits, as far as the format holds them.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WrittenFormatName } from '../../../src/core/dataset/adapter.ts';
import { listFolder } from '../../../src/core/dataset/folderFiles.ts';
import { formatOf } from '../../../src/core/dataset/formats.ts';
import { detectFormats } from '../../../src/core/dataset/openDataset.ts';
import type { Dataset } from '../../../src/shared/labels.ts';
import { datasets, normalised, readSize, tempFolder, writeImages } from './helpers.ts';

const holds: Record<WrittenFormatName, { flags: boolean; splits: 'none' | 'one' | 'many' }> = {
  coco: { flags: true, splits: 'many' },
  cvat: { flags: true, splits: 'one' },
  voc: { flags: false, splits: 'many' },
  labelme: { flags: true, splits: 'none' },
  yolo: { flags: false, splits: 'many' },
  csv: { flags: true, splits: 'many' },
};

async function throughDisk(name: WrittenFormatName, dataset: Dataset, out: string, images: 'copy' | 'link' | 'none') {
  await rm(dataset.imageRoot, { recursive: true, force: true });
  await rm(out, { recursive: true, force: true });
  await writeImages(dataset);
  const written = await formatOf(name).write(dataset, out, { images });
  const options = { readSize, ...(images === 'none' && { images: dataset.imageRoot }) };
  const files = await listFolder(out, options);
  const detected = await detectFormats(files);
  return { written, read: await formatOf(name).read(files, options), detected: detected.map((format) => format.name) };
}

/** Whether all boxes lie in the first pixel: a table of such boxes is read as one of shares. */
function looksLikeShares({ images }: Dataset): boolean {
  const corners = images.flatMap(({ annotations }) => annotations.flatMap(({ box }) => [box.x2, box.y2]));
  return corners.length > 0 && corners.every((corner) => corner <= 1);
}

describe.each(Object.keys(holds) as WrittenFormatName[])('%s', (name) => {
  it.each(['copy', 'none'] as const)('reads back what it wrote, images: %s', async (images) => {
    const folder = await tempFolder();
    const arbitrary = datasets(path.join(folder, 'source'), holds[name]);
    await fc.assert(
      fc.asyncProperty(arbitrary, async (dataset) => {
        fc.pre(name !== 'csv' || !looksLikeShares(dataset));
        const { written, read, detected } = await throughDisk(name, dataset, path.join(folder, 'out'), images);
        expect(normalised(read.dataset)).toEqual(normalised(dataset));
        expect(written.losses.filter((loss) => loss.said?.key !== 'loss.csvFormula')).toEqual([]);
        const { losses, ...counts } = read.report;
        expect(losses.filter((loss) => !loss.reason.includes('kept as one pixel'))).toEqual([]);
        expect(counts).toMatchObject({ images: written.images, boxes: written.boxes, negatives: written.negatives });
        if (written.boxes > 0) expect(detected[0]).toBe(name);
      }),
      { numRuns: 25 },
    );
  });
});

describe('what a format cannot hold is reported', () => {
  const annotations = [
    { box: { x1: 0, y1: 0, x2: 5, y2: 5 }, classId: 0, crowd: true },
    { box: { x1: 1.5, y1: 0, x2: 5, y2: 5 }, classId: 0, ignore: true },
    { box: { x1: 2, y1: 0, x2: 5.25, y2: 5 }, classId: 1 },
  ];
  const make = (imageRoot: string): Dataset => ({
    classes: [' a\n', 'a'],
    imageRoot,
    images: [
      { path: 'x.jpg', width: 10, height: 10, annotations, splits: ['train', 'trainval'] },
      { path: 'x.png', width: 10, height: 10, annotations: [] },
    ],
  });

  it('VOC: crowds become difficult, names lose spaces, equal stems are told apart', async () => {
    const folder = await tempFolder();
    const { written, read } = await throughDisk('voc', make(path.join(folder, 's')), path.join(folder, 'o'), 'copy');
    expect(written.losses.map((loss) => loss.kind).sort()).toEqual(['flag-lost', 'renamed', 'renamed', 'renamed']);
    expect(read.dataset.classes).toEqual(['a', 'a (2)']);
    expect(read.dataset.images.map((image) => image.path).sort()).toEqual(['x.jpg', 'x_png.png']);
    expect(read.dataset.images.flatMap((image) => image.annotations).map((a) => [a.crowd, a.ignore])).toEqual([
      [undefined, true],
      [undefined, true],
      [undefined, undefined],
    ]);
  });

  it('YOLO: crowds and ignored boxes are left out', async () => {
    const folder = await tempFolder();
    const { written, read } = await throughDisk('yolo', make(path.join(folder, 's')), path.join(folder, 'o'), 'link');
    expect(written.losses.map((loss) => loss.kind).sort()).toEqual(['flag-lost', 'renamed']);
    expect(written.boxes).toBe(1);
    expect(read.dataset.images.flatMap((image) => image.annotations)).toEqual([annotations[2]]);
    expect(read.dataset.classes).toEqual([' a\n', 'a']);
  });

  it('LabelMe and CVAT: splits', async () => {
    const folder = await tempFolder();
    const labelme = await throughDisk('labelme', make(path.join(folder, 's')), path.join(folder, 'o'), 'copy');
    expect(labelme.written.losses.map((loss) => loss.kind)).toContain('split-lost');
    const cvat = await throughDisk('cvat', make(path.join(folder, 's')), path.join(folder, 'o'), 'copy');
    expect(cvat.written.losses.map((loss) => loss.kind)).toContain('split-lost');
  });

  it('an image that is gone is reported, the others are copied', async () => {
    const folder = await tempFolder();
    const dataset = make(path.join(folder, 's'));
    await writeImages(dataset);
    await rm(path.join(folder, 's', 'x.jpg'));
    const report = await formatOf('coco').write(dataset, path.join(folder, 'o'), { images: 'copy' });
    expect(report.losses).toMatchObject([{ kind: 'missing-image' }]);
    const files = await listFolder(path.join(folder, 'o'));
    expect(files.images.map((file) => path.basename(file))).toEqual(['x.png']);
  });
});
