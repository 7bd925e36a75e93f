// LabelMe: one JSON beside each image, with shapes. Read: rectangles as they are, other shapes as their enclosing box.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { saying } from '../../shared/errors.ts';
import type { Box } from '../../shared/geometry.ts';
import type { Annotation, Dataset, LabelledImage } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { said, word } from '../../shared/said.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import type { ReadOptions, ReadResult, WriteOptions } from './adapter.ts';
import { eachFile, parseJson, readText, sizeOf, tryParse } from './annotationFiles.ts';
import { ClassList, fitNames, namesOfLines, oneLine, sortClasses } from './classNames.ts';
import { isInside, relativeTo, someHead, withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex } from './imageIndex.ts';
import { reportUndescribed, splitByFolder } from './leftovers.ts';
import { brief } from './limits.ts';
import { makeFolder, placeImages, transferImages } from './placeImages.ts';
import { Report, addAnnotation, enclosing } from './report.ts';
import { eachWrite, reportSplitLoss } from './writing.ts';

const shapeSchema = z.object({
  label: z.string(),
  points: z.array(z.tuple([z.number(), z.number()]).rest(z.number())),
  shape_type: z.string().nullish(),
  flags: z.record(z.string(), z.unknown()).nullish(),
});
const fileSchema = z.object({
  imagePath: z.string().nullish(),
  imageWidth: z.number().nullish(),
  imageHeight: z.number().nullish(),
  shapes: z.array(z.unknown()),
});
type Shape = z.infer<typeof shapeSchema>;

const isLabelme = (head: string) => /"shapes"\s*:\s*\[/.test(head);

/** Whether the folder has JSON files with `shapes`. */
export function detectLabelme(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.json', isLabelme);
}

interface Found {
  json: string;
  image: string;
  labelled: LabelledImage;
  labels: string[];
}

/** Reads every JSON with `shapes`. Class order: labels.txt in the folder, else by name. Shape flags `crowd` and `ignore` are kept. */
export async function readLabelme(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  const report = new Report('labelme', files.folder);
  const index = new ImageIndex(files, options);
  const within = options.annotations === undefined ? null : path.resolve(options.annotations);
  const jsons = files.others.filter(
    (f) => f.toLowerCase().endsWith('.json') && (within === null || isInside(within, f)),
  );
  const read = await eachFile(jsons, options, (json) => readOne(json, files.folder, index, options, report));
  const listed = await readLabels(files);
  const classes = new ClassList(files.folder, listed);
  const images = new Map<string, LabelledImage>();
  for (const found of read) if (found) accept(found, images, classes, report);
  const dataset = { classes: classes.names, imageRoot: index.root, images: [...images.values()] };
  if (listed.length === 0) sortClasses(dataset);
  splitByFolder(dataset.images, index, (image) => path.join(index.root, image.path));
  reportUndescribed(index, new Set(read.flatMap((found) => (found ? [found.image] : []))), report);
  return { dataset, report: report.finish(dataset) };
}

function accept(found: Found, images: Map<string, LabelledImage>, classes: ClassList, report: Report): void {
  const { labelled, labels } = found;
  if (images.has(labelled.path)) {
    report.lose(found.json, 'duplicate', said('loss.describedElsewhere', { image: labelled.path }));
    return;
  }
  labelled.annotations.forEach((annotation, i) => (annotation.classId = classes.idOf(labels[i]!)));
  images.set(labelled.path, labelled);
}

async function readLabels(files: FolderFiles): Promise<string[]> {
  const file = path.join(files.folder, 'labels.txt');
  if (!files.others.includes(file)) return [];
  const lines = namesOfLines(await readFile(file, 'utf8').catch(() => ''));
  return lines.filter((name) => name !== '__ignore__' && name !== '_background_'); // LabelMe's own examples begin with these
}

async function readOne(
  json: string,
  folder: string,
  index: ImageIndex,
  options: ReadOptions,
  report: Report,
): Promise<Found | null> {
  const text = await readText(json, report);
  if (text === null || (!text.includes('"shapes"') && !isDamaged(text))) return null;
  const content = tryParse(json, report, () => parseFile(text, json));
  if (!content) return null;
  const stem = withoutExtension(path.basename(json));
  const near = path.dirname(json);
  const below = relativeTo(path.resolve(options.annotations ?? folder), near);
  const wanted = path.posix.join(below, (content.imagePath ?? stem).replaceAll('\\', '/'));
  const image =
    index.find(wanted, near) ?? index.findStem(path.posix.join(below, stem), near) ?? index.find(stem, near);
  if (image === undefined) {
    report.lose(json, 'missing-image', said('loss.noImage', { image: content.imagePath ?? stem }));
    return null;
  }
  const given = { width: content.imageWidth ?? 0, height: content.imageHeight ?? 0 };
  const size = await sizeOf(given, image, options, report);
  if (!size) return null;
  report.files++;
  const found = { json, image, labelled: { path: index.relative(image), ...size, annotations: [] }, labels: [] };
  for (const shape of content.shapes) readShape(shape, found, report);
  return found;
}

/** A JSON that ends before its shapes is reported; one of something else is passed over. */
function isDamaged(text: string): boolean {
  return text.trim() === '' || (/^\s*\{\s*"(version|flags)"/.test(text.slice(0, 200)) && !text.trimEnd().endsWith('}'));
}

function parseFile(text: string, json: string): z.infer<typeof fileSchema> {
  const parsed = fileSchema.safeParse(parseJson(text, json));
  if (parsed.success) return parsed.data;
  const reason = z.prettifyError(parsed.error).replaceAll('\n', ' ');
  throw saying('annotation-invalid', 'annotation.labelme', { file: json, detail: reason });
}

function readShape(value: unknown, { json, labelled, labels }: Found, report: Report): void {
  const parsed = shapeSchema.safeParse(value);
  if (!parsed.success || parsed.data.label.trim() === '') {
    report.lose(json, 'unreadable', said('loss.labelmeShape', { text: brief(value) }));
    return;
  }
  const shape = parsed.data;
  const kind = shape.shape_type ?? 'polygon';
  const box = boxOfShape(shape, kind);
  if (!box) {
    report.lose(json, 'dropped', said('loss.labelmeBox', { kind: word(kind), label: shape.label }));
    return;
  }
  if (kind !== 'rectangle')
    report.lose(json, 'converted', said('loss.enclosed', { kind: word(kind), label: shape.label }));
  const annotation: Annotation = { box, classId: 0 };
  if (shape.flags?.['crowd'] === true) annotation.crowd = true;
  if (shape.flags?.['ignore'] === true) annotation.ignore = true;
  const count = labelled.annotations.length;
  addAnnotation(labelled, annotation, report, json, shape.label);
  if (labelled.annotations.length > count) labels.push(shape.label.trim());
}

function boxOfShape(shape: Shape, kind: string): Box | null {
  const points = shape.points.flatMap(([x, y]) => [x, y]);
  if (kind === 'circle' && points.length === 4) {
    const [cx, cy, x, y] = points as [number, number, number, number];
    const radius = Math.hypot(x - cx, y - cy);
    return { x1: cx - radius, y1: cy - radius, x2: cx + radius, y2: cy + radius };
  }
  const least: Record<string, number> = { rectangle: 4, polygon: 6, mask: 4, oriented_rectangle: 8 };
  return points.length >= (least[kind] ?? Infinity) ? enclosing(points) : null;
}

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
