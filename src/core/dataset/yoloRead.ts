// Reads YOLO: one text file per image, found beside it or in the labels tree; an empty file is an image that holds nothing.
import path from 'node:path';
import { maxClasses, type LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { ReadOptions, ReadResult } from './adapter.ts';
import { eachFile, readText } from './annotationFiles.ts';
import { fitNames } from './classNames.ts';
import { fitImage } from './fitting.ts';
import { readHead, someHead, withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex } from './imageIndex.ts';
import { addSplit, splitByFolder } from './leftovers.ts';
import { ambiguity, place } from './placing.ts';
import { Report, addAnnotation } from './report.ts';
import { readYoloConfig } from './yoloConfig.ts';
import type { YoloConfig } from './yoloConfig.ts';
import { parseYoloLine } from './yoloLine.ts';

const wholeNumber = /^\d+$/;
const anyNumber = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Whether a line is a class and four numbers or more: word by word, since one pattern for all would try every way to share out their digits. */
function isLabelLine(line: string): boolean {
  const [first = '', ...rest] = line.trim().split(/\s+/);
  return wholeNumber.test(first) && rest.length >= 4 && rest.every((word) => anyNumber.test(word));
}

/** Whether the folder has a data.yaml with names, or text files of numbers that bear the names of images. */
export async function detectYolo(files: FolderFiles): Promise<boolean> {
  const yaml = /^names\s*:/m;
  if (await someHead(files, '.yaml', (head) => yaml.test(head))) return true;
  if (await someHead(files, '.yml', (head) => yaml.test(head))) return true;
  const stems = new Set(files.images.map((file) => path.basename(withoutExtension(file))));
  const labels = files.others.filter((f) => f.endsWith('.txt') && stems.has(path.basename(withoutExtension(f))));
  for (const file of labels.slice(0, 50)) if (isLabelLine((await readHead(file)).split('\n')[0]!)) return true;
  return false;
}

interface Context {
  index: ImageIndex;
  labels: LabelFiles;
  config: YoloConfig;
  options: ReadOptions;
  report: Report;
}

interface Found {
  file: string;
  labelled: LabelledImage;
  labelFile: string;
}

/** Reads the labels of every image of the folder, and the splits that data.yaml or the lists name. */
export async function readYolo(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  const report = new Report('yolo', files.folder);
  const index = new ImageIndex(files, options);
  const config = await readYoloConfig(files, report);
  const labels = new LabelFiles(files, options, config);
  const context = { index, labels, config, options, report };
  const read = await eachFile(index.files, options, (image) => readOne(image, context));
  const found = read.filter((item): item is Found => item !== null);
  const images = found.map((item) => item.labelled);
  const classes = fitNames(config.names ?? numbered(images), (name) => name, report, config.file);
  if (!config.names && classes.length > 0) report.lose(files.folder, 'unknown-class', said('loss.yoloNames', {}));
  const byFile = new Map(found.map((item) => [item.file, item.labelled]));
  if (!(await readSplits(byFile, context))) splitByFolder(images, index, (image) => path.join(index.root, image.path));
  for (const file of labels.unused(found.map((item) => item.labelFile)))
    report.lose(file, 'missing-image', said('loss.namesake', {}));
  const dataset = { classes, imageRoot: index.root, images };
  return { dataset, report: report.finish(dataset) };
}

function numbered(images: readonly LabelledImage[]): string[] {
  let count = 0;
  for (const image of images) for (const { classId } of image.annotations) count = Math.max(count, classId + 1);
  return Array.from({ length: count }, (_, i) => `class ${i}`);
}

async function readOne(image: string, context: Context): Promise<Found | null> {
  const { index, options, report } = context;
  const labelFile = context.labels.find(image, index);
  if (labelFile === undefined) {
    report.lose(image, 'missing-annotation', said('loss.yoloUndescribed', {}));
    return null;
  }
  const text = await readText(labelFile, report);
  const size = text === null ? null : await fitImage({ width: 0, height: 0 }, image, options, report);
  if (text === null || !size) return null;
  report.files++;
  const { width, height } = size;
  const labelled: LabelledImage = { path: index.relative(image), width, height, annotations: [] };
  text.split('\n').forEach((line, i) => {
    if (line.trim() !== '') readLine(line, i + 1, labelled, labelFile, context);
  });
  return { file: image, labelled, labelFile };
}

function readLine(line: string, number: number, image: LabelledImage, file: string, context: Context): void {
  const { config, report } = context;
  const label = parseYoloLine(line, image, config.pose);
  if (!label) {
    report.lose(file, 'unreadable', said('loss.yoloLine', { line: String(number), text: line.trim().slice(0, 60) }));
    return;
  }
  const { classId, box } = label;
  if (!config.names && classId >= maxClasses) {
    const reason = said('loss.yoloClassId', { line: String(number), id: String(classId), most: maxClasses });
    report.lose(file, 'unknown-class', reason);
    return;
  }
  if (config.names && classId >= config.names.length) {
    const reason = said('loss.yoloClass', { line: String(number), id: String(classId), count: config.names.length });
    report.lose(file, 'unknown-class', reason);
    return;
  }
  if (label.converted) report.lose(file, 'converted', said('loss.yoloPolygon', { line: String(number) }));
  addAnnotation(image, { box, classId }, report, file, config.names?.[classId] ?? `class ${classId}`);
}

/** Label files by path, and how images find theirs. */
class LabelFiles {
  readonly #files: Set<string>;
  readonly #override: string | null;
  readonly #folder: string;
  /** The images lie elsewhere: then the labels may lie in the dataset's folder itself. */
  readonly #apart: boolean;

  constructor(files: FolderFiles, options: ReadOptions, config: YoloConfig) {
    const lists = new Set([config.file, ...[...config.splits.values()].flat()]);
    this.#files = new Set(files.others.filter((file) => file.endsWith('.txt') && !lists.has(file)));
    this.#override = options.annotations === undefined ? null : path.resolve(options.annotations);
    this.#folder = files.folder;
    this.#apart = options.images !== undefined;
  }

  /** In the given folder; else with the last `images` of the path turned to `labels`; beside; in labels/ of the dataset's folder, or in that itself. */
  find(image: string, index: ImageIndex): string | undefined {
    const stem = withoutExtension(image);
    const relative = withoutExtension(index.relative(image));
    const base = this.#override ?? path.join(this.#folder, 'labels');
    const candidates = [path.join(base, relative), path.join(base, path.basename(stem))];
    if (this.#override === null) {
      const parts = stem.split(path.sep);
      const at = parts.slice(0, -1).findLastIndex((part) => /^images$/i.test(part));
      const tree = at < 0 ? [] : [[...parts.slice(0, at), 'labels', ...parts.slice(at + 1)].join(path.sep)];
      candidates.unshift(...tree, stem);
      if (this.#apart) candidates.push(path.join(this.#folder, relative), path.join(this.#folder, path.basename(stem)));
    }
    return candidates.map((candidate) => `${candidate}.txt`).find((file) => this.#files.has(file));
  }

  /** Files in a labels folder that no image used: not readme files and the like, which lie elsewhere. */
  unused(used: readonly string[]): string[] {
    const taken = new Set(used);
    const isLabel = (file: string) =>
      path.dirname(file).split(path.sep).includes('labels') && !/classes\.txt$/i.test(file);
    return [...this.#files].filter((file) => isLabel(file) && !taken.has(file) && file.startsWith(this.#folder));
  }
}

/** Gives the images their splits; whether the dataset names any. */
async function readSplits(byFile: ReadonlyMap<string, LabelledImage>, context: Context): Promise<boolean> {
  const { config, report } = context;
  for (const [split, entries] of config.splits)
    for (const entry of entries) {
      const files = entry.endsWith('.txt') ? await listedImages(entry, context) : context.index.within(entry);
      if (files.length === 0)
        report.lose(config.file, 'missing-image', said('loss.yoloSplit', { split, place: entry }));
      for (const file of files) {
        const image = byFile.get(file);
        if (image) addSplit(image, split);
      }
    }
  return config.splits.size > 0;
}

async function listedImages(list: string, { index, report }: Context): Promise<string[]> {
  const text = await readText(list, report);
  const lines = (text ?? '').split(/\r?\n/).map((line) => line.trim());
  const names = lines.filter((line) => line !== '');
  const near = [path.dirname(list)];
  const places = place(
    names.map((name) => [{ name, near }]),
    index,
    report,
  );
  return places.flatMap((found, i) => {
    if (found.file !== undefined) return [found.file];
    const unclear = ambiguity(found, index);
    report.lose(list, unclear ? 'ambiguous' : 'missing-image', unclear ?? said('loss.listed', { image: names[i]! }));
    return [];
  });
}
