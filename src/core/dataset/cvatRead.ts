// Reads "CVAT for images" and "CVAT for video" 1.1: one XML with the labels of the task and an element per image or track, read one by one.
import path from 'node:path';
import type { Dataset } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { ReadOptions, ReadResult } from './adapter.ts';
import { readText, tryParse } from './annotationFiles.ts';
import { ClassList, sortClasses } from './classNames.ts';
import { readCvatMeta } from './cvatMeta.ts';
import { readCvatShapes } from './cvatShape.ts';
import { addTrack, type Frames } from './cvatTracks.ts';
import { makeImages, type Description } from './described.ts';
import { checkCancelled, isInside, readHead, someHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex, type Reference } from './imageIndex.ts';
import { splitByFolder } from './leftovers.ts';
import { Report } from './report.ts';
import { attribute, parseXml } from './xml.ts';
import type { XmlNode } from './xml.ts';

const rootTag = /<annotations[\s>]/;

/** Whether the folder has an XML file with an `<annotations>` element. */
export function detectCvat(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.xml', (head) => rootTag.test(head));
}

interface Context {
  index: ImageIndex;
  classes: ClassList;
  colours: Record<string, string>;
  report: Report;
  options: ReadOptions;
}

/**
 * Reads every such XML. Class order and colours: as declared in `meta`. Boxes keep `difficult` (ignore) and `is_crowd` attributes;
 * polygons, ellipses, masks and turned boxes become their enclosing box; `subset` names the split. Frames of a video are the images that
 * CVAT exports with it, `frame_000000` and so on.
 */
export async function readCvat(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  const report = new Report('cvat', files.folder);
  const index = new ImageIndex(files, options);
  const context: Context = { index, classes: new ClassList(files.folder), colours: {}, report, options };
  const { classes, colours } = context;
  const described: Description[] = [];
  for (const xml of await cvatFiles(files, options)) described.push(...(await describe(xml, context)));
  const isDeclared = classes.names.length > 0;
  const made = await makeImages(described, {
    ...{ index, classes, report, options },
    ...(isDeclared && { unlisted: (label: string) => said('loss.cvatLabel', { label }) }),
    missing: ({ source, names }) => ({
      file: names[0]!.name,
      said: said('loss.labelsOut', { list: path.basename(source) }),
    }),
  });
  const images = made.map(({ image }) => image);
  const dataset: Dataset = { classes: classes.names, imageRoot: index.root, images };
  if (Object.keys(colours).length > 0) dataset.colours = colours;
  if (!isDeclared) sortClasses(dataset);
  if (!images.some((image) => image.splits)) splitByFolder(images, index, (image) => path.join(index.root, image.path));
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

async function describe(xml: string, context: Context): Promise<Description[]> {
  const { report, options } = context;
  const text = await readText(xml, report);
  if (text === null) return [];
  report.files++;
  const meta = readCvatMeta(text, xml, context);
  const found: Description[] = [];
  const frames: Frames = { boxes: new Map(), broken: new Set(), allBroken: false };
  let line = 1;
  let counted = 0;
  for (const { kind, start, end } of elements(text)) {
    checkCancelled(options);
    line += newlines(text, counted, start);
    counted = start;
    const piece = text.slice(start, end);
    const node = tryParse(xml, report, () => parseXml(piece, xml, line));
    if (kind === 'image') found.push(describeImage(node, piece, xml, report));
    else if (node) addTrack(node, frames, xml, report);
    else frames.allBroken = true;
    options.onProgress?.({ done: end, total: text.length, unit: 'bytes' });
  }
  if (!text.trimEnd().endsWith('</annotations>')) report.lose(xml, 'unreadable', said('loss.cvatCut', {}));
  return [...found, ...describeFrames(frames, meta, xml, context.index)];
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

interface Element {
  kind: string;
  start: number;
  end: number;
}

/** The elements of images and tracks; a bare `>` inside an attribute doesn't end its tag. A tag without end takes all the rest. */
function* elements(text: string): Generator<Element> {
  const begin = /<(image|track)\s/g;
  const tag = /(?:[^>"']|"[^"]*"|'[^']*')*>/y;
  for (let match = begin.exec(text); match; match = begin.exec(text)) {
    const kind = match[1]!;
    tag.lastIndex = match.index;
    const whole = tag.test(text);
    const isEmpty = whole && text[tag.lastIndex - 2] === '/';
    const close = whole && !isEmpty ? text.indexOf(`</${kind}>`, tag.lastIndex) : -1;
    const end = isEmpty ? tag.lastIndex : close < 0 ? text.length : close + kind.length + 3;
    yield { kind, start: match.index, end };
    begin.lastIndex = end;
  }
}

/** An image element; of one that can't be parsed at least the name, so that its image isn't taken for one without labels. */
function describeImage(node: XmlNode | null, piece: string, xml: string, report: Report): Description {
  const get = (name: string) => (node ? attribute(node, name) : '');
  const name = node ? get('name') : (/\sname\s*=\s*["']([^"']*)/.exec(piece)?.[1] ?? '');
  const subset = get('subset');
  const { boxes, broken } = node ? readCvatShapes(node, name, report) : { boxes: [], broken: true };
  return {
    source: xml,
    names: [{ name, near: [path.dirname(xml)], ...(subset !== '' && { hint: subset }) }],
    size: { width: Number(get('width')), height: Number(get('height')) },
    boxes,
    ...(subset !== '' && subset !== 'default' && { splits: [subset] }),
    broken,
  };
}

function describeFrames(
  { boxes, broken, allBroken }: Frames,
  { size, frames }: ReturnType<typeof readCvatMeta>,
  xml: string,
  index: ImageIndex,
): Description[] {
  if (boxes.size === 0) return [];
  const near = [path.dirname(xml), path.join(path.dirname(xml), 'images')];
  const nameOf = (frame: number): Reference => ({ name: `frame_${String(frame).padStart(6, '0')}`, stem: true, near });
  const empty = frames.filter((frame) => !boxes.has(frame) && index.candidates(nameOf(frame)).files.length > 0);
  const all = [...boxes.keys(), ...empty].sort((a, b) => a - b);
  return all.map((frame) => ({
    source: xml,
    names: [nameOf(frame)],
    size,
    boxes: boxes.get(frame) ?? [],
    broken: allBroken || broken.has(frame),
  }));
}
