// Reads "CVAT for images" 1.1: one XML with the labels of the task and an element per image, read image by image.
import path from 'node:path';
import type { Box } from '../../shared/geometry.ts';
import type { Annotation, Dataset, LabelledImage } from '../../shared/labels.ts';
import { said, word } from '../../shared/said.ts';
import type { ReadOptions, ReadResult } from './adapter.ts';
import { readText, sizeOf, tryParse } from './annotationFiles.ts';
import { ClassList, sortClasses } from './classNames.ts';
import { checkCancelled, isInside, readHead, someHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex } from './imageIndex.ts';
import { addSplit, reportUndescribed, splitByFolder } from './leftovers.ts';
import { Report, addAnnotation, enclosing, rotated } from './report.ts';
import { attribute, child, childText, children, parseXml } from './xml.ts';
import type { XmlNode } from './xml.ts';

const rootTag = /<annotations[\s>]/;

/** Whether the folder has an XML file with an `<annotations>` element. */
export function detectCvat(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.xml', (head) => rootTag.test(head));
}

interface Context {
  xml: string;
  index: ImageIndex;
  classes: ClassList;
  /** Classes that the file declares; others are added and reported. */
  declared: Set<string>;
  images: Map<string, LabelledImage>;
  described: Set<string>;
  report: Report;
  options: ReadOptions;
}

/**
 * Reads every such XML. Class order and colours: as declared in `meta`. Boxes keep `difficult` (ignore) and `is_crowd` attributes;
 * polygons, ellipses, masks and turned boxes become their enclosing box; `subset` names the split.
 */
export async function readCvat(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  const report = new Report('cvat', files.folder);
  const index = new ImageIndex(files, options);
  const dataset: Dataset = { classes: [], imageRoot: index.root, images: [] };
  const colours: Record<string, string> = {};
  const shared = {
    index,
    classes: new ClassList(files.folder),
    declared: new Set<string>(),
    described: new Set<string>(),
    report,
    options,
  };
  const images = new Map<string, LabelledImage>();
  for (const xml of await cvatFiles(files, options)) await readFile({ ...shared, xml, images }, colours);
  dataset.classes = shared.classes.names;
  dataset.images = [...images.values()];
  if (Object.keys(colours).length > 0) dataset.colours = colours;
  if (shared.declared.size === 0) sortClasses(dataset);
  if (!dataset.images.some((image) => image.splits))
    splitByFolder(dataset.images, index, (image) => path.join(index.root, image.path));
  reportUndescribed(index, shared.described, report);
  return { dataset, report: report.finish(dataset) };
}

async function cvatFiles(files: FolderFiles, options: ReadOptions): Promise<string[]> {
  const within = options.annotations === undefined ? null : path.resolve(options.annotations);
  const xmls: string[] = [];
  for (const file of files.others)
    if (file.toLowerCase().endsWith('.xml') && (within === null || isInside(within, file)))
      if (rootTag.test(await readHead(file))) xmls.push(file);
  return xmls;
}

async function readFile(context: Context, colours: Record<string, string>): Promise<void> {
  const { xml, report, options } = context;
  const text = await readText(xml, report);
  if (text === null) return;
  report.files++;
  readMeta(text, context, colours);
  let line = 1;
  let counted = 0;
  for (const [start, end] of imageElements(text)) {
    checkCancelled(options);
    line += newlines(text, counted, start);
    counted = start;
    const piece = text.slice(start, end);
    const node = tryParse(xml, report, () => parseXml(piece, xml, line));
    if (node) await readImage(node, context);
    options.onProgress?.({ done: end, total: text.length, unit: 'bytes' });
  }
  if (!text.trimEnd().endsWith('</annotations>')) report.lose(xml, 'unreadable', said('loss.cvatCut', {}));
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Start and end of each image element; a bare `>` inside an attribute doesn't end its tag. A tag without end takes all the rest. */
function* imageElements(text: string): Generator<[number, number]> {
  const begin = /<image\s/g;
  const tag = /(?:[^>"']|"[^"]*"|'[^']*')*>/y;
  for (let match = begin.exec(text); match; match = begin.exec(text)) {
    tag.lastIndex = match.index;
    const whole = tag.test(text);
    const isEmpty = whole && text[tag.lastIndex - 2] === '/';
    const close = whole && !isEmpty ? text.indexOf('</image>', tag.lastIndex) : -1;
    const end = isEmpty ? tag.lastIndex : close < 0 ? text.length : close + '</image>'.length;
    yield [match.index, end];
    begin.lastIndex = end;
  }
}

function readMeta(text: string, context: Context, colours: Record<string, string>): void {
  const { xml, report, classes, declared } = context;
  const [start, end] = [text.indexOf('<meta>'), text.indexOf('</meta>')];
  if (start < 0 || end < 0) return;
  const piece = text.slice(start, end + '</meta>'.length);
  const meta = tryParse(xml, report, () => parseXml(piece, xml, newlines(text, 0, start) + 1));
  for (const owner of ['task', 'project', 'job'])
    for (const label of children(child(child(meta ?? undefined, owner), 'labels'), 'label')) {
      const name = childText(label, 'name');
      if (name === '' || childText(label, 'type') === 'tag') continue;
      classes.idOf(name);
      declared.add(name);
      const colour = childText(label, 'color');
      if (/^#[0-9a-f]{6}$/i.test(colour)) colours[name] ??= colour.toLowerCase();
    }
}

async function readImage(node: XmlNode, context: Context): Promise<void> {
  const { xml, index, report, options, images } = context;
  const name = attribute(node, 'name');
  const subset = attribute(node, 'subset');
  const file = index.find(name, path.dirname(xml), subset);
  if (file === undefined) {
    report.lose(name, 'missing-image', said('loss.labelsOut', { list: path.basename(xml) }));
    return;
  }
  context.described.add(file);
  const given = { width: Number(attribute(node, 'width')), height: Number(attribute(node, 'height')) };
  const size = await sizeOf(given, file, options, report);
  if (!size) return;
  const image: LabelledImage = { path: index.relative(file), ...size, annotations: [] };
  if (images.has(image.path)) {
    report.lose(image.path, 'duplicate', said('loss.twice', {}));
    return;
  }
  for (const shape of node.children) readShape(shape, image, context);
  if (subset !== '' && subset !== 'default') addSplit(image, subset);
  images.set(image.path, image);
}

function readShape(shape: XmlNode, image: LabelledImage, context: Context): void {
  const { report, classes, declared, xml } = context;
  const label = attribute(shape, 'label');
  const kind = shape.name;
  if (label === '') return;
  const found = boxOfShape(shape);
  if (!found) {
    report.lose(image.path, 'dropped', said('loss.noBox', { kind: word(kind), label }));
    return;
  }
  if (declared.size > 0 && !declared.has(label)) {
    declared.add(label);
    report.lose(xml, 'unknown-class', said('loss.cvatLabel', { label }));
  }
  if (found.converted)
    report.lose(image.path, 'converted', said('loss.enclosed', { kind: word(found.converted), label }));
  const annotation: Annotation = { box: found.box, classId: classes.idOf(label), ...flagsOf(shape) };
  addAnnotation(image, annotation, report, image.path, label);
}

function flagsOf(shape: XmlNode): Pick<Annotation, 'crowd' | 'ignore'> {
  const isSet = (...names: string[]) =>
    children(shape, 'attribute').some((a) => names.includes(attribute(a, 'name')) && /^(true|1)$/i.test(a.text.trim()));
  return {
    ...(isSet('is_crowd', 'iscrowd', 'crowd') && { crowd: true }),
    ...(isSet('difficult', 'ignore') && { ignore: true }),
  };
}

/** The box of a shape, and what it was converted from ('' when it is a box); null for shapes without extent and unknown ones. */
function boxOfShape(shape: XmlNode): { box: Box; converted: string } | null {
  const number = (name: string) => (attribute(shape, name) === '' ? NaN : Number(attribute(shape, name)));
  const kind = shape.name;
  const turn = attribute(shape, 'rotation') === '' ? 0 : number('rotation');
  if (kind === 'box') {
    const box = { x1: number('xtl'), y1: number('ytl'), x2: number('xbr'), y2: number('ybr') };
    return turn === 0 ? { box, converted: '' } : { box: rotated(box, turn), converted: 'turned box' };
  }
  if (kind === 'polygon') {
    const points = attribute(shape, 'points').split(/[;,]/).map(Number);
    return points.length >= 6 ? { box: enclosing(points), converted: kind } : null;
  }
  if (kind === 'ellipse') {
    const [cx, cy, rx, ry] = [number('cx'), number('cy'), number('rx'), number('ry')];
    const t = (turn * Math.PI) / 180;
    const [w, h] = [Math.hypot(rx * Math.cos(t), ry * Math.sin(t)), Math.hypot(rx * Math.sin(t), ry * Math.cos(t))];
    return { box: { x1: cx - w, y1: cy - h, x2: cx + w, y2: cy + h }, converted: kind };
  }
  if (kind === 'mask') {
    const [x, y] = [number('left'), number('top')];
    return { box: { x1: x, y1: y, x2: x + number('width'), y2: y + number('height') }, converted: kind };
  }
  return null;
}
