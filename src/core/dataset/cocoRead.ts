// Reads COCO: one JSON or several, streamed; categories by name, images by path, boxes as x, y, width, height.
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import type { Annotation, LabelledImage } from '../../shared/labels.ts';
import type { ReadOptions, ReadResult } from './adapter.ts';
import { sizeOf } from './annotationFiles.ts';
import { ClassList } from './classNames.ts';
import { cocoAnnotation, cocoCategory, cocoImage } from './cocoRecords.ts';
import type { CocoImage } from './cocoRecords.ts';
import { checkCancelled, isInside, readHead, someHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex, isSplitName } from './imageIndex.ts';
import { streamJson } from './jsonStream.ts';
import { addSplit, reportUndescribed, splitByFolder } from './leftovers.ts';
import { Report, addAnnotation, boxText } from './report.ts';

/** Images or annotations listed near the top; behind a long list of categories they may come later than the head reaches. */
function isCoco(head: string): boolean {
  if (/"shapes"\s*:/.test(head)) return false;
  return /"(images|annotations)"\s*:\s*\[/.test(head) || (head.length > 10_000 && /"categories"\s*:\s*\[/.test(head));
}

/** Whether the folder has a JSON file with lists of images, annotations or categories. */
export function detectCoco(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.json', isCoco);
}

/** One file, as streamed. */
interface CocoFile {
  images: Map<number | string, CocoImage>;
  /** Labels by image; `classId` is still the category's own id. */
  annotations: Map<number | string, Annotation[]>;
  categories: { id: number; name: string; supercategory: string }[];
}

/**
 * Reads every COCO file of the folder (only `instances_*` where there are such). A file named after a split, or lying in a folder
 * so named, makes that split. Class order: that of the categories in the first file. A file that is cut off is left out whole, since
 * images whose labels are in the lost part would pass for empty ones.
 */
export async function readCoco(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  const report = new Report('coco', files.folder);
  const index = new ImageIndex(files, options);
  const classes = new ClassList();
  const images = new Map<string, LabelledImage>();
  const jsons = await cocoFiles(files, options);
  const described = new Set<string>();
  let split = false;
  for (const json of jsons) {
    const content = await readOne(json, report, options);
    if (!content) continue;
    const name = splitOfFile(json, files.folder);
    split ||= name !== undefined;
    const context = { json, split: name, index, classes, images, described, report, options };
    await assemble(content, context);
  }
  const dataset = { classes: classes.names, imageRoot: index.root, images: [...images.values()] };
  if (!split) splitByFolder(dataset.images, index, (image) => path.join(index.root, image.path));
  reportUndescribed(index, described, report);
  return { dataset, report: report.finish(dataset) };
}

async function cocoFiles(files: FolderFiles, options: ReadOptions): Promise<string[]> {
  const within = options.annotations === undefined ? null : path.resolve(options.annotations);
  const jsons: string[] = [];
  for (const file of files.others)
    if (file.toLowerCase().endsWith('.json') && (within === null || isInside(within, file)))
      if (isCoco(await readHead(file))) jsons.push(file);
  const instances = jsons.filter((file) => path.basename(file).startsWith('instances'));
  return instances.length > 0 ? instances : jsons;
}

/** `instances_train2017.json`, `train.json`, `valid/_annotations.coco.json` name splits; `instances_default.json`, `result.json` don't. */
function splitOfFile(json: string, folder: string): string | undefined {
  const stem = path
    .basename(json)
    .replace(/\.json$/i, '')
    .replace(/\.coco$/, '');
  const named = /^instances_(.+)$/.exec(stem)?.[1];
  if (named !== undefined) return named === 'default' || named === '_' ? undefined : named;
  if (isSplitName(stem)) return stem;
  const word = stem.split(/[_\-.]/).find(isSplitName);
  return word ?? path.relative(folder, path.dirname(json)).split(path.sep).find(isSplitName);
}

async function readOne(json: string, report: Report, options: ReadOptions): Promise<CocoFile | null> {
  const content: CocoFile = { images: new Map(), annotations: new Map(), categories: [] };
  const broken = (key: string, line: number, reason: string) =>
    report.lose(json, 'unreadable', `line ${line}: an entry of ${key} is not valid JSON (${reason}); left out`);
  try {
    await streamJson(json, { element: (key, value) => take(content, key, value, json, report), broken }, options);
  } catch (error) {
    if (!(error instanceof StudioError) || error.code === 'cancelled') throw error;
    report.lose(json, 'unreadable', error.message);
    return null;
  }
  report.files++;
  return content;
}

function take(content: CocoFile, key: string, value: unknown, json: string, report: Report): void {
  if (key === 'images') {
    const image = cocoImage(value);
    if (!image) report.lose(json, 'unreadable', `an image without id or file_name: ${brief(value)}; left out`);
    else if (content.images.has(image.id))
      report.lose(json, 'duplicate', `image id ${image.id} is there twice; the first is used`);
    else content.images.set(image.id, image);
  } else if (key === 'annotations') {
    const found = cocoAnnotation(value);
    if (!found)
      report.lose(json, 'unreadable', `an annotation without image_id, category_id or box: ${brief(value)}; left out`);
    else {
      const list = content.annotations.get(found.imageId);
      if (list) list.push(found.annotation);
      else content.annotations.set(found.imageId, [found.annotation]);
      if (found.converted)
        report.lose(json, 'converted', `annotation ${found.id ?? '?'} has no bbox: its mask's enclosing box is used`);
    }
  } else if (key === 'categories') {
    const category = cocoCategory(value);
    if (category) content.categories.push(category);
    else report.lose(json, 'unreadable', `a category without id or name: ${brief(value)}; left out`);
  }
}

function brief(value: unknown): string {
  return JSON.stringify(value).slice(0, 120);
}

interface Context {
  json: string;
  split: string | undefined;
  index: ImageIndex;
  classes: ClassList;
  images: Map<string, LabelledImage>;
  described: Set<string>;
  report: Report;
  options: ReadOptions;
}

/** Turns the records of one file into labelled images, joining images that an earlier file had. */
async function assemble(content: CocoFile, context: Context): Promise<void> {
  const { json, index, report, options } = context;
  const ids = classIds(content, context);
  for (const record of content.images.values()) {
    checkCancelled(options);
    const labels = content.annotations.get(record.id) ?? [];
    content.annotations.delete(record.id);
    const file = index.find(record.fileName, path.dirname(json), context.split);
    if (file === undefined) {
      const why = `${labels.length} labels of it are left out`;
      report.lose(
        record.fileName,
        'missing-image',
        `${path.basename(json)} names this image, but it isn't there; ${why}`,
      );
      continue;
    }
    context.described.add(file);
    const size = await sizeOf(record, file, options, report);
    if (size) addImage({ path: index.relative(file), ...size, annotations: [] }, labels, ids, context);
  }
  for (const [id, list] of content.annotations)
    report.lose(json, 'missing-image', `${list.length} labels belong to image id ${id}, which isn't listed; left out`);
}

function addImage(image: LabelledImage, labels: Annotation[], ids: Map<number, number>, context: Context): void {
  const { report, classes, images } = context;
  for (const label of labels) {
    const classId = ids.get(label.classId);
    if (classId === undefined) {
      const reason = `box ${boxText(label.box)} has category id ${label.classId}, which isn't listed; left out`;
      report.lose(image.path, 'unknown-class', reason);
      continue;
    }
    addAnnotation(image, Object.assign(label, { classId }), report, image.path, classes.names[classId]!);
  }
  const earlier = images.get(image.path);
  if (earlier) join(earlier, image, report);
  else images.set(image.path, image);
  if (context.split !== undefined) addSplit(earlier ?? image, context.split);
}

/** An image that several files (or several ids) describe: labels that the first didn't have are added. */
function join(earlier: LabelledImage, image: LabelledImage, report: Report): void {
  const text = (a: Annotation) => `${a.classId} ${a.box.x1} ${a.box.y1} ${a.box.x2} ${a.box.y2}`;
  const had = new Set(earlier.annotations.map(text));
  const more = image.annotations.filter((annotation) => !had.has(text(annotation)));
  if (more.length === 0) return;
  earlier.annotations.push(...more);
  report.lose(
    image.path,
    'duplicate',
    `described twice and differently: ${more.length} further labels of it were added`,
  );
}

/** Category ids to class ids; the parent that Roboflow lists as a category of its own is no class while nothing is labelled so. */
function classIds(content: CocoFile, { classes, json, report }: Context): Map<number, number> {
  const used = new Set<number>();
  for (const list of content.annotations.values()) for (const annotation of list) used.add(annotation.classId);
  const parents = new Set(content.categories.map((category) => category.supercategory));
  const ids = new Map<number, number>();
  for (const { id, name, supercategory } of content.categories) {
    const isParent = id === 0 && supercategory === 'none' && content.categories.length > 1 && parents.has(name);
    if (isParent && !used.has(id))
      report.lose(json, 'dropped', `category ${JSON.stringify(name)} only groups others; it is no class`);
    else if (ids.has(id))
      report.lose(json, 'duplicate', `category id ${id} is there twice; ${JSON.stringify(name)} is left out`);
    else ids.set(id, classes.idOf(name));
  }
  return ids;
}
