// Writes LabelMe: one JSON beside each image, with a rectangle for each box.
import path from 'node:path';
import type { Annotation, Dataset } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import type { WriteOptions } from './adapter.ts';
import { fitNames, oneLine } from './classNames.ts';
import { makeFolder, placeImages, transferImages } from './placeImages.ts';
import { Report } from './report.ts';
import { eachWrite, reportSplitLoss } from './writing.ts';

/** One shape as LabelMe 5 writes it; `score` is what detectors add. */
export interface LabelmeObject extends Omit<Annotation, 'classId'> {
  name: string;
  score?: number;
}

/** Text of one LabelMe file; `imagePath` is relative to where it lies. */
export function labelmeJson(
  imagePath: string,
  size: { width: number; height: number },
  objects: readonly LabelmeObject[],
): string {
  const shapes = objects.map(({ name, box, crowd, ignore, score }) => ({
    label: name,
    points: [
      [box.x1, box.y1],
      [box.x2, box.y2],
    ],
    group_id: null,
    description: '',
    shape_type: 'rectangle',
    flags: { ...(crowd && { crowd }), ...(ignore && { ignore }) },
    mask: null,
    ...(score !== undefined && { score }),
  }));
  const { width: imageWidth, height: imageHeight } = size;
  const file = { version: '5.4.1', flags: {}, shapes, imagePath, imageData: null, imageHeight, imageWidth };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Writes `dataset` as LabelMe 5 files beside the images, and labels.txt. Splits are reported as lost. */
export async function writeLabelme(dataset: Dataset, folder: string, options: WriteOptions): Promise<LossReport> {
  const report = new Report('labelme', folder);
  const classes = fitNames(dataset.classes, oneLine, report, path.join(folder, 'labels.txt'));
  const placed = placeImages(dataset, report, 'name', options);
  await makeFolder(folder);
  await transferImages(dataset, placed, folder, options, report);
  const made = new Set<string>();
  await eachWrite(placed, options, async ({ image, path: target, note }) => {
    const file = path.join(folder, `${note}.json`);
    await makeFolder(path.dirname(file), made);
    const objects = image.annotations.map((a) => ({ ...a, name: classes[a.classId]! }));
    await writeFileAtomic(file, labelmeJson(path.posix.basename(target), image, objects));
    report.files++;
  });
  await writeFileAtomic(path.join(folder, 'labels.txt'), classes.map((name) => `${name}\n`).join(''));
  reportSplitLoss(dataset, report, 'LabelMe');
  return report.finish(dataset);
}
