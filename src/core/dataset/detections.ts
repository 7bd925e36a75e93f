// Writes what a detector found, with scores, in the formats that other tools read.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, StudioError, toldBy } from '../../shared/errors.ts';
import type { Size } from '../../shared/geometry.ts';
import type { Detection } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { said } from '../../shared/said.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { resultNames } from '../files/resultNames.ts';
import type { WriteOptions } from './adapter.ts';
import { fitNames, oneLine } from './classNames.ts';
import { cocoBbox, cocoCategories, cocoEntry } from './cocoWrite.ts';
import { csvLine } from './csvText.ts';
import { reportFormulas } from './csvWrite.ts';
import { labelmeJson } from './labelmeWrite.ts';
import { makeFolder } from './placeImages.ts';
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
  /** Null for an image that could not be read: it is left out, and a file that an earlier call wrote about it is taken away. */
  detections: readonly Detection[] | null;
}

type ReadImage = DetectedImage & { detections: readonly Detection[] };

interface Task {
  folder: string;
  classes: string[];
  images: readonly DetectedImage[];
  options: Omit<WriteOptions, 'images'>;
  report: Report;
}

const isRead = (image: DetectedImage): image is ReadImage => image.detections !== null;

/**
 * Writes `images` into `folder` (created when absent):
 * `coco` detections.json (results with scores) and instances.json (a full dataset, scores included); `voc` Annotations/STEM.xml with
 * `confidence`; `yolo` labels/STEM.txt with the score as sixth number, and data.yaml; `csv` detections.csv with a column `score`;
 * `labelme` STEM.json with `score`. Stems that are alike or too long are changed, and one file that can't be written never keeps the
 * others from it: the report says both. Errors: `disk-full`, `file-permission`, `cancelled`.
 */
export async function writeDetections(
  format: DetectionFormat,
  folder: string,
  classes: readonly string[],
  images: readonly DetectedImage[],
  options: Omit<WriteOptions, 'images'> = {},
): Promise<LossReport> {
  const report = new Report(format, folder);
  const fitted = fitNames(classes, (name) => (format === 'coco' ? name : oneLine(xmlText(name))), report, folder);
  for (const { detections } of images)
    for (const { classId } of detections ?? []) if (!fitted[classId]) throw unknownClass(classId, fitted);
  await makeFolder(folder);
  await writers[format]({ folder, classes: fitted, images, options, report });
  return report.finish({
    images: images.filter(isRead).map((image) => ({ ...image, annotations: [...image.detections] })),
  });
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

/** Writes one file for each image. One that can't be written is told in the report; when none can, the first failure ends it. */
async function writeEach(task: Task, sub: string, ending: string, text: (image: ReadImage) => string): Promise<void> {
  const { report, images } = task;
  const made = new Set<string>();
  const paths = images.map((image) => image.path);
  const items = resultNames(paths, { stem: true, ending }).map((named, i) => ({ ...named, image: images[i]! }));
  const failures = new Map<DetectedImage, StudioError>();
  await eachWrite(items, task.options, async ({ image, name }) => {
    const file = path.join(task.folder, sub, name);
    if (!isRead(image)) return rm(file, { force: true });
    const content = text(image);
    try {
      await makeFolder(path.dirname(file), made);
      await writeFileAtomic(file, content);
      report.files++;
    } catch (error) {
      if (error instanceof StudioError && error.code === 'disk-full') throw error;
      failures.set(image, fromFileError(error, file));
    }
  });
  const [first] = failures.values();
  if (report.files === 0 && first) throw first;
  for (const { image, name, changed } of items) {
    const failure = failures.get(image);
    if (!isRead(image)) continue;
    if (failure) report.lose(image.path, 'dropped', toldBy(failure));
    else if (changed === 'long') report.lose(image.path, 'renamed', said('loss.shortened', { name }));
    else if (changed === 'taken') report.lose(image.path, 'renamed', said('loss.notePlaced', { name }));
  }
}

async function writeCocoResults({ folder, classes, images, options, report }: Task): Promise<void> {
  const breathe = breather(options, images.length);
  const [results, entries, list] = [new Pieces(), new Pieces(), new Pieces()];
  list.add(
    `{"info":{"description":"Detected by TTFNet Studio"},\n"licenses":[],\n"categories":[${cocoCategories(classes)}],\n"images":[`,
  );
  results.add('[');
  let count = 0;
  for (const [i, image] of images.filter(isRead).entries()) {
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
  const read = images.filter(isRead);
  const { rawCsv = false } = options;
  reportFormulas([...classes, ...read.map((image) => image.path)], rawCsv, report);
  out.add(csvLine(['filename', 'width', 'height', 'class', 'xmin', 'ymin', 'xmax', 'ymax', 'score']));
  for (const [i, image] of read.entries()) {
    const start = [image.path, image.width, image.height];
    for (const { box, classId, score } of image.detections)
      out.add(csvLine([...start, classes[classId]!, box.x1, box.y1, box.x2, box.y2, score], rawCsv));
    if (image.detections.length === 0) out.add(csvLine([...start, '', '', '', '', '', ''], rawCsv));
    await breathe(i + 1);
  }
  await writeFileAtomic(path.join(folder, 'detections.csv'), out.finish());
  report.files++;
}
