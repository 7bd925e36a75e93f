// Reads YOLO: one text file per image, found beside it or in the labels tree; an empty file is an image that holds nothing.
import path from 'node:path';
import { maxClasses, type LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { ReadOptions, ReadResult } from './adapter.ts';
import { eachFile, readText } from './annotationFiles.ts';
import { sizeOfFile } from './fitting.ts';
import { readHead, someHead, withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex } from './imageIndex.ts';
import { splitByFolder } from './leftovers.ts';
import { Report, addAnnotation, dropDoubled } from './report.ts';
import { YoloClasses } from './yoloClasses.ts';
import { readYoloConfig } from './yoloConfig.ts';
import type { YoloConfig, YoloSource } from './yoloConfig.ts';
import { LabelFiles } from './yoloLabelFiles.ts';
import type { LabelFile } from './yoloLabelFiles.ts';
import { hasPolygons, parseYoloLine } from './yoloLine.ts';
import type { LineLayout, YoloLabel } from './yoloLine.ts';
import { readYoloSplits } from './yoloSplits.ts';

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
  const labels = files.others.filter((f) => /\.txt$/i.test(f) && stems.has(path.basename(withoutExtension(f))));
  for (const file of labels.slice(0, 50)) if (isLabelLine((await readHead(file)).split('\n')[0]!)) return true;
  return false;
}

interface Context {
  index: ImageIndex;
  labels: ReadonlyMap<string, LabelFile>;
  classes: YoloClasses;
  options: ReadOptions;
  report: Report;
  /** The first label file with scores. */
  scored?: string;
}

interface Found {
  file: string;
  labelled: LabelledImage;
}

/**
 * Reads the labels of every image of the folder, and the splits that data.yaml or the lists name. An image with a line that can't be read
 * is left out whole: what the line marks would pass for background.
 */
export async function readYolo(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  const report = new Report('yolo', files.folder);
  const index = new ImageIndex(files, options);
  const config = await readYoloConfig(files, report);
  const labelFiles = new LabelFiles(files, options, filesOf(config));
  const labels = labelFiles.assign(index);
  const used = new Set([...labels.values()].map(({ file }) => file));
  const classes = new YoloClasses(config.sources, used, files.folder, report);
  const context: Context = { index, labels, classes, options, report };
  const read = await eachFile(index.files, options, (image) => readOne(image, context));
  const found = read.filter((item): item is Found => item !== null);
  const images = found.map((item) => item.labelled);
  for (const file of labelFiles.unused(used)) report.lose(file, 'missing-image', said('loss.namesake', {}));
  if (context.scored !== undefined) report.lose(context.scored, 'guessed', said('loss.yoloScored', {}));
  const byFile = new Map(found.map((item) => [item.file, item.labelled]));
  const hasSplits = await readYoloSplits(splitsOf(config, classes), byFile, index, report);
  if (!hasSplits) splitByFolder(images, index, (image) => path.join(index.root, image.path));
  const dataset = { classes: namesOf(images, context, files.folder), imageRoot: index.root, images };
  return { dataset, report: report.finish(dataset) };
}

/** Text files that aren't labels. */
function filesOf({ sources, lists }: YoloConfig): Set<string> {
  const splits = [...sources.map((source) => source.splits), lists].flatMap((named) =>
    [...named.values()].flat().map(({ at }) => at),
  );
  return new Set([...sources.map(({ file }) => file), ...splits]);
}

/** Splits with the file that names them: those of the data.yaml that is used, else of lists named after them. */
function splitsOf({ sources, lists }: YoloConfig, { used }: YoloClasses): [file: string, YoloConfig['lists']][] {
  const named = (used.length > 0 ? used : sources).filter(({ isYaml }) => isYaml);
  return named.length > 0 ? named.map(({ file, splits }) => [file, splits]) : [['', lists]];
}

/** The names that the lists give; where there are none, numbers. */
function namesOf(images: readonly LabelledImage[], { classes, report }: Context, folder: string): string[] {
  if (classes.used.length > 0) return classes.names;
  let count = 0;
  for (const image of images) for (const { classId } of image.annotations) count = Math.max(count, classId + 1);
  if (count > 0) report.lose(folder, 'unknown-class', said('loss.yoloNames', {}));
  return Array.from({ length: count }, (_, i) => `class ${i}`);
}

async function readOne(image: string, context: Context): Promise<Found | null> {
  const { index, options, report } = context;
  const labels = context.labels.get(image);
  if (labels === undefined) {
    report.lose(image, 'missing-annotation', said('loss.yoloUndescribed', {}));
    return null;
  }
  const { file, other } = labels;
  if (other !== undefined) {
    report.lose(
      image,
      'ambiguous',
      said('loss.yoloShared', { labels: report.nameOf(file), other: report.nameOf(other) }),
    );
    return null;
  }
  const text = await readText(file, report);
  const size = text === null ? null : await sizeOfFile(image, options, report);
  if (text === null || !size) return null;
  report.files++;
  const { width, height } = size;
  const labelled: LabelledImage = { path: index.relative(image), width, height, annotations: [] };
  if (readLines(text.split('\n'), labelled, file, context)) return { file: image, labelled };
  report.lose(image, 'unreadable', said('loss.partUnread', { list: path.basename(file) }));
  return null;
}

/** Adds the labels of a file to its image; whether all of them could be read. */
function readLines(lines: readonly string[], image: LabelledImage, file: string, context: Context): boolean {
  const source = context.classes.sourceOf(file);
  const layout = { keypoints: source?.keypoints ?? 0, polygons: hasPolygons(lines) };
  let isWhole = true;
  lines.forEach((line, i) => {
    if (line.trim() === '') return;
    const label = parse(line, String(i + 1), image, layout, file, context.report);
    isWhole = label !== null && addLabel(label, String(i + 1), image, { file, source }, context) && isWhole;
  });
  dropDoubled(image, context.report, file, (classId) => nameOf(classId, context.classes));
  return isWhole;
}

function parse(
  line: string,
  number: string,
  size: LabelledImage,
  layout: LineLayout,
  file: string,
  report: Report,
): YoloLabel | null {
  const label = parseYoloLine(line, size, layout);
  if (typeof label === 'object') return label;
  const what = { line: number, text: line.trim().slice(0, 60) };
  report.lose(file, 'unreadable', label === 'no shares' ? said('loss.yoloShares', what) : said('loss.yoloLine', what));
  return null;
}

interface Origin {
  file: string;
  source: YoloSource | undefined;
}

/** Adds a label; false, and an entry in the report, when its class is none. */
function addLabel(
  label: YoloLabel,
  line: string,
  image: LabelledImage,
  { file, source }: Origin,
  context: Context,
): boolean {
  const { classes, report } = context;
  const { box, details, converted } = label;
  const id = String(label.classId);
  const classId = source ? classes.idOf(source, label.classId) : label.classId < maxClasses ? label.classId : undefined;
  if (classId === undefined) {
    const why = source
      ? said('loss.yoloClass', { line, id, list: report.nameOf(source.file) })
      : said('loss.yoloClassId', { line, id, most: maxClasses });
    report.lose(file, 'unknown-class', why);
    return false;
  }
  if (converted) report.lose(file, 'converted', said('loss.yoloPolygon', { line }));
  for (const detail of details) report.loseDetail(file, detail);
  if (details.includes('scores')) context.scored ??= file;
  addAnnotation(image, { box, classId }, report, file, nameOf(classId, classes));
  return true;
}

const nameOf = (classId: number, { names }: YoloClasses): string => names[classId] ?? `class ${classId}`;
