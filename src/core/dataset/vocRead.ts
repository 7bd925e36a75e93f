// Reads Pascal VOC: one XML per image, lists of stems under ImageSets/Main.
import path from 'node:path';
import { isImageName } from '../../shared/imageFiles.ts';
import type { LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { FormatName, ReadOptions, ReadResult } from './adapter.ts';
import { eachFile, readText, tryParse } from './annotationFiles.ts';
import { fileName } from '../../shared/fileName.ts';
import { ClassList, namesOfLines, sortClasses } from './classNames.ts';
import { makeImages, type Description } from './described.ts';
import { fileKey } from './fileKey.ts';
import { isInside, readHead, someHead, withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex, type Reference } from './imageIndex.ts';
import { splitByFolder } from './leftovers.ts';
import { imageFolders, type ImageFolders } from './mirrors.ts';
import { Report } from './report.ts';
import { readVocLists } from './vocLists.ts';
import { readVocObject } from './vocObject.ts';
import { child, childText, children, parseXml } from './xml.ts';
import type { XmlNode } from './xml.ts';

const format: FormatName = 'voc';
const rootTag = /<annotation[\s>]/;

/** Whether the folder has XML files with an `<annotation>` element. */
export function detectVoc(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.xml', (head) => rootTag.test(head));
}

/**
 * Reads every XML file with an `<annotation>` root, wherever it lies. Its image is the one of its stem beside it or in the image folder
 * that mirrors its own, with the ending that `filename` gives; else the one that `filename` names, in `folder`. Class order: that of
 * `labels.txt` or CVAT's `labelmap.txt` in the folder, else by name.
 */
export async function readVoc(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  const report = new Report(format, files.folder);
  const index = new ImageIndex(files, options);
  const listed = await readClassFile(files, report);
  const classes = new ClassList(files.folder, listed ?? []);
  const xmls = await annotationXmls(files, options);
  const base = path.resolve(options.annotations ?? files.folder);
  const foldersOf = imageFolders(xmls, { base, root: index.root, named: options.annotations !== undefined });
  const read = await eachFile(xmls, options, (xml) => readOne(xml, foldersOf(xml), index, report));
  const described = read.filter((description) => description !== null);
  const made = await makeImages(described, {
    ...{ index, classes, report, options },
    ...(listed && { unlisted: (name: string) => said('loss.vocClass', { name }) }),
    missing: ({ source, names }) => ({ file: source, said: said('loss.noImage', { image: titleOf(names) }) }),
  });
  const images = made.map(({ image }) => image);
  const dataset = { classes: classes.names, imageRoot: index.root, images };
  if (!listed) sortClasses(dataset);
  const byXml = new Map<string, LabelledImage>(made.map(({ source, image }) => [source, image]));
  if (!(await readVocLists(files, byXml, report)))
    splitByFolder(images, index, (image) => path.join(index.root, image.path));
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

async function readOne(
  xml: string,
  folders: ImageFolders,
  index: ImageIndex,
  report: Report,
): Promise<Description | null> {
  const text = await readText(xml, report);
  const root = text === null ? null : tryParse(xml, report, () => parseXml(text, xml));
  const unknown = { source: xml, size: { width: 0, height: 0 }, boxes: [], broken: true };
  if (!root) return { ...unknown, names: namesOf(xml, folders, undefined) };
  if (root.name !== 'annotation') return null;
  report.files++;
  const names = namesOf(xml, folders, root);
  reportOtherName(xml, names, index, report);
  const size = child(root, 'size');
  const objects = children(root, 'object').map((object) => readVocObject(object, xml, report));
  const boxes = objects.filter((box) => box !== null);
  return {
    source: xml,
    names,
    size: { width: Number(childText(size, 'width')), height: Number(childText(size, 'height')) },
    boxes,
    broken: boxes.length < objects.length,
  };
}

/** The ways to the image: by the XML's own name, as a stem and as a whole name (`a.jpg.xml`), then by what it says. */
function namesOf(xml: string, { near, below }: ImageFolders, root: XmlNode | undefined): Reference[] {
  const written = childText(root, 'filename').replaceAll('\\', '/');
  const folder = childText(root, 'folder');
  const ending = isImageName(written) ? { ending: path.posix.extname(written) } : {};
  const hint = folder === '' ? {} : { hint: folder };
  const stem = path.posix.join(below, path.basename(withoutExtension(xml)));
  const name = written.includes('/') ? written : path.posix.join(below || folder, written);
  return [
    { name: stem, stem: true, near, ...ending, ...hint },
    ...(isImageName(stem) ? [{ name: stem, near }] : []),
    ...(written === '' ? [] : [{ name, near, ...hint }]),
  ];
}

/** An XML that lies where the labels of one image lie, and names another one that is there as well. */
function reportOtherName(xml: string, names: readonly Reference[], index: ImageIndex, report: Report): void {
  const [own, written] = [names[0]!, names.at(-1)!];
  const stem = fileName(written.name);
  if (names.length < 2 || fileKey(withoutExtension(stem)) === fileKey(fileName(own.name))) return;
  const [mine, other] = [own, written].map((name) => index.candidates(name));
  if (!mine!.whole || !other!.whole || other!.files[0] === mine!.files[0]) return;
  const values = { written: written.name, image: index.relative(mine!.files[0]!) };
  report.lose(xml, 'conflict', said('loss.vocFilename', values));
}

const titleOf = (names: readonly Reference[]): string => names.at(-1)?.name ?? '';

/** The first list of classes that there is; others that say something else are reported. */
async function readClassFile(files: FolderFiles, report: Report): Promise<string[] | null> {
  const there = ['labels.txt', 'labelmap.txt', 'predefined_classes.txt', 'classes.txt']
    .map((name) => path.join(files.folder, name))
    .filter((name) => files.others.includes(name));
  const lists: { file: string; names: string[] }[] = [];
  for (const file of there) lists.push({ file, names: (await classesOf(file, report)) ?? [] });
  const [used, ...others] = lists.filter(({ names }) => names.length > 0);
  const list = used ? path.basename(used.file) : '';
  for (const { file, names } of others)
    if (names.join('\n') !== used!.names.join('\n')) report.lose(file, 'conflict', said('loss.listDiffers', { list }));
  return used?.names ?? null;
}

async function classesOf(file: string, report: Report): Promise<string[] | null> {
  const lines = namesOfLines((await readText(file, report)) ?? '');
  if (path.basename(file) !== 'labelmap.txt') return lines.length > 0 ? lines : null;
  const entries = lines.filter((line) => !line.startsWith('#')).map((line) => line.replace(/:[^:]*:[^:]*:[^:]*$/, ''));
  const real = entries.filter((name) => name !== 'background'); // CVAT's list begins with it; nothing is labelled so
  return real.length > 0 ? real : null;
}
