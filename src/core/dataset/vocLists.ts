// The lists of stems under ImageSets/Main, ImageSets or in the dataset's folder: which images are in which split.
import path from 'node:path';
import type { LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import { readText } from './annotationFiles.ts';
import { namesOfLines } from './classNames.ts';
import { isInside, relativeTo, withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { isSplitName } from './imageIndex.ts';
import { addSplit } from './leftovers.ts';
import type { Report } from './report.ts';

/** Where the lists are, the surest place first, and how far above them their images' folders lie. */
const places: readonly { isList: (file: string, folder: string) => boolean; up: string }[] = [
  { isList: (file) => /\/ImageSets\/Main\/[^/]+\.txt$/.test(file.replaceAll(path.sep, '/')), up: '../..' },
  { isList: (file) => /\/ImageSets\/[^/]+\.txt$/.test(file.replaceAll(path.sep, '/')), up: '..' },
  {
    isList: (file, folder) =>
      path.dirname(file) === folder && file.endsWith('.txt') && isSplitName(path.basename(file, '.txt')),
    up: '.',
  },
];

/** Gives the images the splits of the lists; whether there are any (CVAT's `default` counts as none). `byXml`: images by their XML file. */
export async function readVocLists(
  files: FolderFiles,
  byXml: ReadonlyMap<string, LabelledImage>,
  report: Report,
): Promise<boolean> {
  let any = false;
  for (const { isList, up } of places) {
    const lists = files.others.filter((file) => isList(file, files.folder));
    any = await readLists(lists, up, files, byXml, report);
    if (any) break;
  }
  return any;
}

async function readLists(
  lists: readonly string[],
  up: string,
  files: FolderFiles,
  byXml: ReadonlyMap<string, LabelledImage>,
  report: Report,
): Promise<boolean> {
  let any = false;
  for (const list of lists) {
    const split = path.basename(list, '.txt');
    if (split === 'default') continue;
    const find = stemSearch(path.resolve(path.dirname(list), up), files.folder, byXml);
    any = (await readList(list, split, find, report)) || any;
  }
  return any;
}

async function readList(
  list: string,
  split: string,
  find: (stem: string) => LabelledImage | undefined,
  report: Report,
): Promise<boolean> {
  const text = await readText(list, report);
  const lines = namesOfLines(text ?? '');
  const flagged = /\s(-1|0|1)$/;
  // VOC's lists per class (`cat_train.txt`) mark each stem with 1, 0 or -1; a stem may itself end so ("image 1").
  if (lines.length > 0 && lines.every((line) => flagged.test(line) && !find(line))) return false;
  const missing: string[] = [];
  for (const line of lines) {
    const image = find(line);
    if (image) addSplit(image, split);
    else missing.push(line);
  }
  for (const stem of missing) report.lose(list, 'missing-annotation', said('loss.vocList', { stem }));
  return lines.length > 0;
}

/** Finds images by the stem of their XML: relative to its Annotations folder, else by name alone; those of `root` first. */
function stemSearch(
  root: string,
  folder: string,
  byXml: ReadonlyMap<string, LabelledImage>,
): (stem: string) => LabelledImage | undefined {
  const byPath = new Map<string, LabelledImage>();
  const byName = new Map<string, LabelledImage>();
  const put = (map: Map<string, LabelledImage>, name: string, image: LabelledImage) => {
    if (!map.has(name)) map.set(name, image);
  };
  const all = [...byXml].sort(([a], [b]) => Number(isInside(root, b)) - Number(isInside(root, a)));
  for (const [xml, image] of all) {
    const relative = withoutExtension(isInside(folder, xml) ? relativeTo(folder, xml) : xml.replaceAll(path.sep, '/'));
    put(byPath, relative.replace(/^.*?(?:^|\/)Annotations\//i, ''), image);
    put(byName, path.posix.basename(relative), image);
  }
  const find = (stem: string) => byPath.get(stem) ?? byName.get(stem);
  const inImages = (stem: string) => stem.replaceAll('\\', '/').replace(/^(?:.*\/)?(?:JPEGImages|images)\//i, '');
  return (stem) => find(stem) ?? find(withoutExtension(stem)) ?? find(withoutExtension(inImages(stem)));
}
