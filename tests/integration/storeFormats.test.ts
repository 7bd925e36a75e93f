// A project written in any format and read into another project has the same boxes, to the last bit.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writtenFormatNames } from '../../src/core/dataset/adapter.ts';
import type { WrittenFormatName } from '../../src/core/dataset/adapter.ts';
import { formatOf } from '../../src/core/dataset/formats.ts';
import { streamDataset } from '../../src/core/dataset/openDataset.ts';
import type { ImportOptions } from '../../src/core/store/importLabels.ts';
import { Project } from '../../src/core/store/project.ts';
import type { Dataset } from '../../src/shared/labels.ts';
import { datasets, readSize, tempFolder, writeImages } from '../unit/dataset/helpers.ts';
import { ann, factsOf, keep } from './support/storeWorld.ts';

/** What a format can't hold is left out of the comparison: flags, or the lists of images. */
const holds: Record<WrittenFormatName, { flags: boolean; splits: boolean }> = {
  coco: { flags: true, splits: true },
  cvat: { flags: true, splits: true },
  voc: { flags: false, splits: true },
  labelme: { flags: true, splits: false },
  yolo: { flags: false, splits: true },
  csv: { flags: true, splits: true },
};

/** Facts with the size that the stand-in for a picture holds. */
const optionsUnder = (root: string): ImportOptions => ({
  actor: ann,
  facts: async (file) => ({ ...factsOf(file), ...(await readSize(path.join(root, file))) }),
});

/** What must be the same: images with their splits and boxes in order, by the names of their classes. */
const content = ({ classes, images }: Dataset, splits: boolean): unknown =>
  images.map(({ path: file, annotations, splits: lists }) => [
    file.normalize('NFC'),
    splits ? lists : [],
    annotations.map(({ classId, box, crowd, ignore }) => [classes[classId], box, crowd ?? false, ignore ?? false]),
  ]);

async function projectOf(dataset: Dataset, folder: string): Promise<Project> {
  const project = keep(Project.create(folder, { backupMinutes: 0 }));
  await project.import(dataset, optionsUnder(folder));
  return project;
}

describe.each(writtenFormatNames)('%s', (name) => {
  it('project, files, project', { timeout: 120_000 }, async () => {
    const folder = await tempFolder();
    const root = path.join(folder, 'images');
    const arbitrary = datasets(root, { flags: holds[name].flags, splits: 'one' });
    await fc.assert(
      fc.asyncProperty(arbitrary, async (dataset) => {
        for (const made of ['images', 'out', 'second'])
          await rm(path.join(folder, made), { recursive: true, force: true });
        await writeImages({
          ...dataset,
          images: [...dataset.images, { path: 'always.jpg', width: 9, height: 9, annotations: [] }],
        });
        const first = await projectOf(dataset, root);
        const written = await formatOf(name).write(first.view(), path.join(folder, 'out'), { images: 'none' });
        expect(written.losses.filter(({ kind }) => kind !== 'split-lost')).toEqual([]);
        const before = first.toDataset();
        await first.close();
        if (before.images.length === 0) return;
        const stream = await streamDataset(path.join(folder, 'out'), { format: name, images: root, readSize });
        await rm(path.join(root, 'ttfnet-studio.sqlite'));
        await rm(path.join(root, '.ttfnet-studio'), { recursive: true });
        const second = keep(Project.create(root, { backupMinutes: 0 }));
        await second.import({ ...stream, imageRoot: root }, optionsUnder(root));
        expect(content(second.toDataset(), holds[name].splits)).toEqual(content(before, holds[name].splits));
        const order = second.classes().map((c) => c.name);
        expect(order).toEqual(before.classes.filter((c) => order.includes(c)));
        await second.close();
      }),
      { numRuns: 8 },
    );
  });
});
