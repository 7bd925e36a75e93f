// Reads COCO: one JSON or several, streamed; categories by name, images by path, boxes as x, y, width, height.
import path from 'node:path';
import type { Size } from '../../shared/geometry.ts';
import type { Annotation, LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { ImageSize, ReadOptions, ReadResult } from './adapter.ts';
import { ClassList } from './classNames.ts';
import { readCocoFile } from './cocoFile.ts';
import type { CocoFile } from './cocoFile.ts';
import type { CocoImage } from './cocoRecords.ts';
import { noteUnlisted } from './cocoUnlisted.ts';
import { collect } from './datasetStream.ts';
import type { DatasetStream } from './datasetStream.ts';
import { agreedBasis, fitImage, sizeOfFile, type Basis } from './fitting.ts';
import { checkCancelled, isInside, mapLimit, readHead, someHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex, isSplitName } from './imageIndex.ts';
import type { Reference } from './imageIndex.ts';
import { addSplit, reportUndescribed } from './leftovers.ts';
import { ambiguity, place } from './placing.ts';
import { Report, addAnnotation, boxText, dropDoubled, labelKey, scaled } from './report.ts';
import { breather } from './writing.ts';

/** Images or annotations listed near the top; behind a long list of categories they may come later than the head reaches. */
function isCoco(head: string): boolean {
  if (/"shapes"\s*:/.test(head) || /^\s*\[/.test(head)) return false;
  return /"(images|annotations)"\s*:\s*\[/.test(head) || (head.length > 10_000 && /"categories"\s*:\s*\[/.test(head));
}

/** Whether the folder has a JSON file with lists of images, annotations or categories. */
export function detectCoco(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.json', isCoco);
}

/** {@link streamCoco} as one object in memory. */
export async function readCoco(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  return collect(await streamCoco(files, options));
}

/** A file, the split that its name makes, and its categories' ids as class ids. */
interface Source extends CocoFile {
  split: string | undefined;
  classIds: Map<number, number>;
}

/** One entry of one file about an image. */
interface Mention {
  source: Source;
  record: CocoImage;
}

interface Reading {
  index: ImageIndex;
  classes: ClassList;
  /** By image file: all entries about it. */
  mentions: Map<string, Mention[]>;
  /** Whether all numbers are shares of the images' sizes. */
  shares: boolean;
  /** Whether the folders of the images name their splits, since no file does. */
  splitByFolder: boolean;
  report: Report;
  options: ReadOptions;
}

/**
 * Reads every COCO file of the folder (only `instances_*` where there are such); the images then come one by one. A file named after a
 * split, or lying in a folder so named, makes that split. Class order: that of the categories in the first file. A file that is cut off
 * is left out whole, since images whose labels are in the lost part would pass for empty ones.
 */
export async function streamCoco(files: FolderFiles, options: ReadOptions): Promise<DatasetStream> {
  const report = new Report('coco', files.folder);
  const reading: Reading = {
    index: new ImageIndex(files, options),
    classes: new ClassList(files.folder),
    mentions: new Map(),
    shares: false,
    splitByFolder: true,
    report,
    options,
  };
  const sources: Source[] = [];
  for (const json of await cocoFiles(files, options)) {
    const content = await readCocoFile(json, report, options);
    if (!content) continue;
    const split = splitOfFile(json, files.folder);
    if (split !== undefined) reading.splitByFolder = false;
    sources.push({ ...content, split, classIds: classIdsOf(content, reading) });
  }
  reading.shares = areShares(sources, report);
  noteMentions(sources, reading);
  const { classes, index, mentions } = reading;
  const pictures = await readSizes(reading);
  const images = imagesOf(pictures, agreedBasis(declaredSizes(pictures), report), reading);
  return {
    classes: classes.names,
    imageRoot: index.root,
    count: mentions.size,
    images,
    report: () => report.finishSeen(),
  };
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

/** Finds the image file of each entry. */
function noteMentions(sources: readonly Source[], { index, mentions, report, options }: Reading): void {
  checkCancelled(options);
  const all = sources.flatMap((source) => recordsOf(source).map((record) => ({ source, record })));
  const places = place(all.map(referenceOf), index, report);
  all.forEach((mention, i) => {
    const { source, record } = mention;
    const { file } = places[i]!;
    const others = file === undefined ? undefined : mentions.get(file);
    if (others) others.push(mention);
    else if (file !== undefined) mentions.set(file, [mention]);
    else {
      const values = { list: path.basename(source.json), count: source.labels.countOf(record.id) };
      const unclear = ambiguity(places[i]!, index);
      report.lose(record.fileName, unclear ? 'ambiguous' : 'missing-image', unclear ?? said('loss.countOut', values));
    }
  });
  noteUnlisted(sources, report);
}

const recordsOf = ({ images, namesakes }: CocoFile): CocoImage[] => [...images.values(), ...namesakes];

const referenceOf = ({ source, record }: Mention): Reference[] => [
  {
    name: record.fileName,
    near: [path.dirname(source.json)],
    ...(source.split !== undefined && { hint: source.split }),
  },
];

/** An image file whose labels and size could be read. */
interface Picture {
  file: string;
  entries: readonly Mention[];
  real: ImageSize;
}

/** Reads the sizes of all images before the first one comes: how labels lie on one may show only on another. */
async function readSizes(reading: Reading): Promise<Picture[]> {
  const { mentions, options, report } = reading;
  let done = 0;
  const pictures = await mapLimit([...mentions], 16, async ([file, entries]): Promise<Picture | null> => {
    checkCancelled(options);
    const real = isReadable(file, entries, reading) ? await sizeOfFile(file, options, report) : null;
    done++;
    options.onProgress?.({ done, total: mentions.size, unit: 'images' });
    return real && { file, entries, real };
  });
  return pictures.filter((picture) => picture !== null);
}

function* declaredSizes(pictures: readonly Picture[]) {
  for (const { file, entries, real } of pictures)
    for (const { record } of entries) yield { file, declared: record, real };
}

async function* imagesOf(pictures: readonly Picture[], basis: Basis, reading: Reading): AsyncGenerator<LabelledImage> {
  const { index, mentions, report, options } = reading;
  const breathe = breather({ ...(options.signal && { signal: options.signal }) }, pictures.length);
  for (const [i, picture] of pictures.entries()) {
    await breathe(i);
    const image = imageOf(picture, basis, reading);
    if (!image) continue;
    const split = reading.splitByFolder ? index.splitOfFolder(picture.file) : undefined;
    if (split !== undefined) image.splits = [split];
    report.seen(picture.entries, image.annotations.length);
    yield image;
  }
  reportUndescribed(index, mentions, report);
}

/** Whether it is known what an image holds; else an entry in the report: its id is another's too, or a label of it can't be read or found. */
function isReadable(file: string, entries: readonly Mention[], { report }: Reading): boolean {
  const shared = entries.find(({ source, record }) => source.shared.has(record.id));
  if (shared) report.lose(file, 'ambiguous', said('loss.cocoImageShared', { id: shared.record.id }));
  const broken = entries.filter(({ source, record }) => !areLabelsWhole(source, record, report));
  const [first] = broken;
  if (first) report.lose(file, 'unreadable', said('loss.partUnread', { list: path.basename(first.source.json) }));
  const suspect = entries.find(({ source, record }) => source.suspects.has(record.id) && !source.shared.has(record.id));
  if (suspect) report.lose(file, 'ambiguous', said('loss.cocoSuspect', { list: path.basename(suspect.source.json) }));
  return !shared && !first && !suspect;
}

/** Whether all labels of an entry could be read and are of listed categories. */
function areLabelsWhole({ json, broken, labels, classIds }: Source, { id }: CocoImage, report: Report): boolean {
  const strangers = labels.of(id).filter(({ classId }) => !classIds.has(classId));
  for (const { box, classId } of strangers)
    report.lose(json, 'unknown-class', said('loss.cocoCategoryId', { box: boxText(box), id: String(classId) }));
  return strangers.length === 0 && !broken.has(id);
}

/** Whether the coordinates of all files lie from 0 to 1; told of each file. */
function areShares(sources: readonly Source[], report: Report): boolean {
  const filled = sources.filter(({ labels }) => labels.classIds.size > 0);
  if (filled.length === 0 || !filled.every(({ labels }) => labels.areShares)) return false;
  for (const { json } of filled) report.lose(json, 'guessed', said('loss.csvShares', {}));
  return true;
}

/** What numbers count in: pixels, or shares of the size that the file gives, else of the image. */
function unitOf({ shares }: Reading, declared: Size, image: Size): Size {
  if (!shares) return { width: 1, height: 1 };
  return declared.width > 0 && declared.height > 0 ? declared : image;
}

/** The image that one or several entries describe; null, and entries in the report, when no size of theirs is that of the picture. */
function imageOf({ file, entries, real }: Picture, basis: Basis, reading: Reading): LabelledImage | null {
  const { index, classes, report } = reading;
  let image: LabelledImage | null = null;
  for (const { source, record } of entries) {
    const fitted = fitImage({ file, declared: record, real }, basis, report);
    if (!fitted) continue;
    const { width, height, fit } = fitted;
    const described: LabelledImage = { path: index.relative(file), width, height, annotations: [] };
    const unit = unitOf(reading, record, described);
    for (const { box, ...label } of source.labels.of(record.id))
      addLabel(described, { ...label, box: fit(scaled(box, unit)) }, source, reading);
    dropDoubled(described, report, file, (classId) => classes.names[classId]!);
    if (image) join(image, described, report);
    image ??= described;
    if (source.split !== undefined) addSplit(image, source.split);
  }
  return image;
}

function addLabel(image: LabelledImage, label: Annotation, { classIds }: Source, { classes, report }: Reading): void {
  const classId = classIds.get(label.classId)!;
  addAnnotation(image, { ...label, classId }, report, image.path, classes.names[classId]!);
}

/** An image that several files (or several ids) describe: labels that the first didn't have are added. */
function join(earlier: LabelledImage, image: LabelledImage, report: Report): void {
  const had = new Set(earlier.annotations.map(labelKey));
  const more = image.annotations.filter((annotation) => !had.has(labelKey(annotation)));
  if (more.length === 0) return;
  for (const annotation of more) earlier.annotations.push(annotation);
  report.lose(image.path, 'duplicate', said('loss.twiceDiffering', { count: more.length }));
}

/** Category ids to class ids; the parent that Roboflow lists as a category of its own is no class while nothing is labelled so. */
function classIdsOf({ json, categories, labels }: CocoFile, { classes, report }: Reading): Map<number, number> {
  const parents = new Set(categories.map((category) => category.supercategory));
  const ids = new Map<number, number>();
  const named = new Map<string, number>();
  for (const { id, name, supercategory } of categories) {
    const isParent = id === 0 && supercategory === 'none' && categories.length > 1 && parents.has(name);
    if (isParent && !labels.classIds.has(id)) continue;
    if (ids.has(id)) report.lose(json, 'duplicate', said('loss.cocoCategoryTwice', { id: String(id), name }));
    else {
      const other = named.get(name);
      if (other !== undefined)
        report.lose(json, 'guessed', said('loss.cocoSameName', { name, id: String(id), other: String(other) }));
      named.set(name, other ?? id);
      ids.set(id, classes.idOf(name));
    }
  }
  return ids;
}
