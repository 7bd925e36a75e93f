// Reads Pascal VOC: one XML per image, corners counted from 1 and inclusive, lists of stems under ImageSets/Main.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Box } from '../../shared/geometry.ts';
import type { LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { FormatName, ReadOptions, ReadResult } from './adapter.ts';
import { eachFile, readText, sizeOf, tryParse } from './annotationFiles.ts';
import { ClassList, namesOfLines, sortClasses } from './classNames.ts';
import { addScaled, parseDecimal, toNumber } from './decimal.ts';
import { isInside, readHead, someHead, withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex } from './imageIndex.ts';
import { reportUndescribed, splitByFolder } from './leftovers.ts';
import { Report, addAnnotation, boxText } from './report.ts';
import { readVocLists } from './vocLists.ts';
import { child, childText, children, parseXml } from './xml.ts';
import type { XmlNode } from './xml.ts';

const format: FormatName = 'voc';
const rootTag = /<annotation[\s>]/;

/** One XML file as read, before classes have ids. */
interface VocFile {
  xml: string;
  image: string;
  labelled: LabelledImage;
}

/** Whether the folder has XML files with an `<annotation>` element. */
export function detectVoc(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.xml', (head) => rootTag.test(head));
}

/**
 * Reads every XML file with an `<annotation>` root, wherever it lies. Pairs by stem, else by `filename`. Class order: that of
 * `labels.txt` or CVAT's `labelmap.txt` in the folder, else by name.
 */
export async function readVoc(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  const report = new Report(format, files.folder);
  const index = new ImageIndex(files, options);
  const listed = await readClassFile(files);
  const classes = new ClassList(files.folder, listed ?? []);
  const xmls = await annotationXmls(files, options);
  const notes = path.resolve(options.annotations ?? files.folder);
  const read = await eachFile(xmls, options, (xml) => readOne(xml, notes, index, options, report));
  const kept = withoutDuplicates(read, report);
  const images = kept.map((file) => {
    setClasses(file, classes, listed, report);
    return file.labelled;
  });
  const dataset = { classes: classes.names, imageRoot: index.root, images };
  if (!listed) sortClasses(dataset);
  const byXml = new Map(kept.map((file) => [file.xml, file.labelled]));
  if (!(await readVocLists(files, byXml, report)))
    splitByFolder(images, index, (image) => path.join(index.root, image.path));
  reportUndescribed(index, new Set(read.flatMap((file) => (file ? [file.image] : []))), report);
  return { dataset, report: report.finish(dataset) };
}

async function annotationXmls(files: FolderFiles, options: ReadOptions): Promise<string[]> {
  const within = options.annotations === undefined ? null : path.resolve(options.annotations);
  const xmls = files.others.filter((f) => f.toLowerCase().endsWith('.xml') && (within === null || isInside(within, f)));
  const heads = await eachFile(xmls, { ...options, onProgress: undefined }, async (xml) => {
    const head = await readHead(xml, 2048);
    return rootTag.test(head) || !/<\w/.test(head); // a damaged one is reported, not passed over
  });
  return xmls.filter((_, i) => heads[i]);
}

/** Labels of an image with their class names, until ids are known. */
const names = new WeakMap<LabelledImage, string[]>();

async function readOne(
  xml: string,
  notes: string,
  index: ImageIndex,
  options: ReadOptions,
  report: Report,
): Promise<VocFile | null> {
  const text = await readText(xml, report);
  const root = text === null ? null : tryParse(xml, report, () => parseXml(text, xml));
  if (!root) return null;
  if (root.name !== 'annotation') return null;
  const image = findImage(xml, notes, childText(root, 'filename'), index);
  if (image === undefined) {
    const wanted = childText(root, 'filename') || path.basename(withoutExtension(xml));
    report.lose(xml, 'missing-image', said('loss.noImage', { image: wanted }));
    return null;
  }
  report.files++;
  const size = child(root, 'size');
  const given = { width: Number(childText(size, 'width')), height: Number(childText(size, 'height')) };
  const real = await sizeOf(given, image, options, report);
  if (!real) return null;
  const labelled: LabelledImage = { path: index.relative(image), ...real, annotations: [] };
  names.set(labelled, []);
  for (const object of children(root, 'object')) readObject(object, xml, labelled, report);
  return { xml, image, labelled };
}

function findImage(xml: string, notes: string, filename: string, index: ImageIndex): string | undefined {
  const stem = withoutExtension(path.relative(notes, xml)).replaceAll(path.sep, '/');
  const hint = stem.split('/')[0];
  return index.findStem(stem, undefined, hint) ?? index.find(stem) ?? index.find(filename, path.dirname(xml), hint);
}

function readObject(object: XmlNode, xml: string, image: LabelledImage, report: Report): void {
  const name = childText(object, 'name');
  if (name === '') {
    report.lose(xml, 'unknown-class', said('loss.vocNameless', {}));
    return;
  }
  const corners = child(object, 'bndbox');
  if (!corners) {
    report.lose(xml, 'dropped', said('loss.vocBoxless', { name }));
    return;
  }
  const box = readCorners(corners);
  if (box.x2 - box.x1 === 1 && box.y2 - box.y1 === 1)
    report.lose(xml, 'zero-area', said('loss.onePixel', { box: boxText(box), label: name }));
  const count = image.annotations.length;
  const ignore = /^(1|true)$/i.test(childText(object, 'difficult'));
  addAnnotation(image, { box, classId: 0, ...(ignore && { ignore }) }, report, xml, name);
  if (image.annotations.length > count) names.get(image)!.push(name);
}

/** Corners counted from 1 and inclusive, as written, to continuous ones: exactly, in decimals. */
function readCorners(node: XmlNode): Box {
  const one = { digits: -1n, scale: 0 };
  const from = (name: string, shift: boolean) => {
    const text = childText(node, name);
    if (/^\d{1,9}$/.test(text)) return Number(text) - (shift ? 1 : 0);
    const value = parseDecimal(text);
    if (!value) return NaN;
    return toNumber(shift ? addScaled(value, one) : value);
  };
  return { x1: from('xmin', true), y1: from('ymin', true), x2: from('xmax', false), y2: from('ymax', false) };
}

function withoutDuplicates(read: (VocFile | null)[], report: Report): VocFile[] {
  const first = new Map<string, string>();
  return read.filter((file): file is VocFile => {
    if (!file) return false;
    const other = first.get(file.image);
    first.set(file.image, other ?? file.xml);
    if (other !== undefined)
      report.lose(file.xml, 'duplicate', said('loss.describedBy', { image: path.basename(file.image), other }));
    return other === undefined;
  });
}

function setClasses(file: VocFile, classes: ClassList, listed: string[] | null, report: Report): void {
  const labels = names.get(file.labelled) ?? [];
  file.labelled.annotations.forEach((annotation, i) => {
    const name = labels[i]!;
    if (listed && !classes.has(name)) report.lose(file.xml, 'unknown-class', said('loss.vocClass', { name }));
    annotation.classId = classes.idOf(name);
  });
}

async function readClassFile(files: FolderFiles): Promise<string[] | null> {
  const file = ['labels.txt', 'labelmap.txt', 'predefined_classes.txt', 'classes.txt']
    .map((name) => path.join(files.folder, name))
    .find((name) => files.others.includes(name));
  if (file === undefined) return null;
  const lines = namesOfLines(await readFile(file, 'utf8').catch(() => ''));
  if (path.basename(file) !== 'labelmap.txt') return lines.length > 0 ? lines : null;
  const entries = lines.filter((line) => !line.startsWith('#')).map((line) => line.replace(/:[^:]*:[^:]*:[^:]*$/, ''));
  const real = entries.filter((name) => name !== 'background'); // CVAT's list begins with it; nothing is labelled so
  return real.length > 0 ? real : null;
}
