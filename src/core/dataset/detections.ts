// Writes what a detector found, with scores, in the formats that other tools read.
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import type { Size } from '../../shared/geometry.ts';
import type { Detection } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import type { TaskOptions } from './adapter.ts';
import { fitNames, oneLine } from './classNames.ts';
import { cocoBbox, cocoCategories, cocoEntry } from './cocoWrite.ts';
import { line as csvLine } from './csv.ts';
import { labelmeJson } from './labelme.ts';
import { makeFolder, placeImages } from './placeImages.ts';
import { Report } from './report.ts';
import { vocXml } from './vocWrite.ts';
import { Pieces, breather, eachWrite } from './writing.ts';
import { xmlText } from './xml.ts';
import { formatYoloLine } from './yoloLine.ts';
import { yoloNames } from './yoloWrite.ts';

/** Formats that detections can be written in. */
export const detectionFormats = ['coco', 'voc', 'yolo', 'csv', 'labelme'] as const;

/** One of {@link detectionFormats}. */
export type DetectionFormat = (typeof detectionFormats)[number];

/** An image and what was found on it. */
export interface DetectedImage extends Size {
  /** Path relative to the folder that was searched, `/` as separator. */
  path: string;
  detections: readonly Detection[];
}

/** An image with the path of its annotation file, without the ending. */
interface PlacedDetections extends DetectedImage {
  note: string;
}

interface Task {
  folder: string;
  classes: string[];
  images: PlacedDetections[];
  options: TaskOptions;
  report: Report;
}

/**
 * Writes `images` into `folder` (created when absent):
 * `coco` detections.json (results with scores) and instances.json (a full dataset, scores included); `voc` Annotations/STEM.xml with
 * `confidence`; `yolo` labels/STEM.txt with the score as sixth number, and data.yaml; `csv` detections.csv with a column `score`;
 * `labelme` STEM.json with `score`. Errors: `disk-full`, `file-permission`, `cancelled`.
 */
export async function writeDetections(
  format: DetectionFormat,
  folder: string,
  classes: readonly string[],
  images: readonly DetectedImage[],
  options: TaskOptions = {},
): Promise<LossReport> {
  const report = new Report(format, folder);
  const fitted = fitNames(classes, (name) => (format === 'coco' ? name : oneLine(xmlText(name))), report, folder);
  const labelled = images.map((image) => ({ ...image, annotations: [...image.detections] }));
  const dataset = { classes: fitted, imageRoot: folder, images: labelled };
  const pairing = format === 'coco' || format === 'csv' ? 'path' : 'name';
  const placed = placeImages(dataset, report, pairing, {}).map(({ note }, i) => ({ ...images[i]!, note }));
  for (const { detections } of images)
    for (const { classId } of detections) if (!fitted[classId]) throw unknownClass(classId, fitted);
  await makeFolder(folder);
  await writers[format]({ folder, classes: fitted, images: placed, options, report });
  return report.finish(dataset);
}

function unknownClass(classId: number, classes: readonly string[]): StudioError {
  const message = `A detection has class ${classId}, but the model has only ${classes.length} classes. Use the class list of the model that made it.`;
  return new StudioError('argument-invalid', message);
}

const writers: Record<DetectionFormat, (task: Task) => Promise<void>> = {
  coco: writeCocoResults,
  csv: writeCsvResults,
  voc: (task) =>
    writeEach(task, 'Annotations', '.xml', (image) => {
      const objects = image.detections.map(({ box, classId, score }) => ({
        box,
        name: task.classes[classId]!,
        confidence: score,
      }));
      return vocXml(image.path, image, objects);
    }),
  labelme: (task) =>
    writeEach(task, '', '.json', (image) => {
      const objects = image.detections.map(({ box, classId, score }) => ({ box, name: task.classes[classId]!, score }));
      return labelmeJson(path.posix.basename(image.path), image, objects);
    }),
  yolo: async (task) => {
    await writeEach(task, 'labels', '.txt', (image) =>
      image.detections
        .map(({ box, classId, score }) => `${formatYoloLine(classId, box, image, score).line}\n`)
        .join(''),
    );
    await writeFileAtomic(path.join(task.folder, 'data.yaml'), yoloNames(task.classes));
  },
};

async function writeEach(
  task: Task,
  sub: string,
  extension: string,
  text: (image: DetectedImage) => string,
): Promise<void> {
  const made = new Set<string>();
  await eachWrite(task.images, task.options, async (image) => {
    const file = path.join(task.folder, sub, image.note + extension);
    await makeFolder(path.dirname(file), made);
    await writeFileAtomic(file, text(image));
    task.report.files++;
  });
}

async function writeCocoResults({ folder, classes, images, options, report }: Task): Promise<void> {
  const breathe = breather(options, images.length);
  const [results, entries, list] = [new Pieces(), new Pieces(), new Pieces()];
  list.add(
    `{"info":{"description":"Detected by TTFNet Studio"},\n"licenses":[],\n"categories":[${cocoCategories(classes)}],\n"images":[`,
  );
  results.add('[');
  let count = 0;
  for (const [i, image] of images.entries()) {
    const { width, height } = image;
    list.add((i ? ',\n' : '\n') + JSON.stringify({ id: i + 1, file_name: image.path, width, height }));
    for (const { box, classId, score } of image.detections) {
      const comma = count++ ? ',\n' : '\n';
      results.add(comma + JSON.stringify({ image_id: i + 1, category_id: classId + 1, bbox: cocoBbox(box), score }));
      entries.add(comma + cocoEntry({ box, classId }, i + 1, count, score));
    }
    await breathe(i + 1);
  }
  results.add('\n]\n');
  list.add('],\n"annotations":[');
  entries.add(']}\n');
  await writeFileAtomic(path.join(folder, 'detections.json'), results.finish());
  await writeFileAtomic(path.join(folder, 'instances.json'), [...list.finish(), ...entries.finish()]);
  report.files += 2;
}

async function writeCsvResults({ folder, classes, images, options, report }: Task): Promise<void> {
  const breathe = breather(options, images.length);
  const out = new Pieces();
  out.add(csvLine(['filename', 'width', 'height', 'class', 'xmin', 'ymin', 'xmax', 'ymax', 'score']));
  for (const [i, image] of images.entries()) {
    const start = [image.path, image.width, image.height];
    for (const { box, classId, score } of image.detections)
      out.add(csvLine([...start, classes[classId]!, box.x1, box.y1, box.x2, box.y2, score]));
    if (image.detections.length === 0) out.add(csvLine([...start, '', '', '', '', '', '']));
    await breathe(i + 1);
  }
  await writeFileAtomic(path.join(folder, 'detections.csv'), out.finish());
  report.files++;
}
