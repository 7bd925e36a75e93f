// Where the images of an annotation file usually lie: beside it, or in the image folder that stands where its own folder stands.
import path from 'node:path';
import { isInside, relativeTo } from './folderFiles.ts';

const annotationFolder = /^(annotations?|xmls?|jsons?|labels?)$/i;
const imageFolderNames = ['JPEGImages', 'images', 'image', 'imgs', 'img'];

/** Where the images of an annotation file are looked for: each of the folders in `near`, with `below` added to it. */
export interface ImageFolders {
  near: string[];
  /** Path of the annotation file's folder below the annotation folder, `/` as separator; '' for one right in it. */
  below: string;
}

/**
 * Image folders for annotation files. `base` is the folder where all of them are looked for, `root` that of the images:
 * files in `X/Annotations/vidA` have their images in that, `root/vidA`, `X/JPEGImages/vidA`, `X/images/vidA`, or `X/vidA`. Where no folder
 * is called so, the innermost one that holds all of `files` counts as the annotation folder, unless a person named `base`.
 */
export function imageFolders(
  files: readonly string[],
  { base, root, named }: { base: string; root: string; named: boolean },
): (file: string) => ImageFolders {
  const common = named ? base : commonFolder(files);
  const known = new Map<string, ImageFolders>();
  return (file) => {
    const folder = path.dirname(file);
    const there = known.get(folder) ?? foldersOf(folder, base, common, root);
    known.set(folder, there);
    return there;
  };
}

function foldersOf(folder: string, base: string, common: string, root: string): ImageFolders {
  const inner = partsBelow(base, folder);
  const at = inner.findLastIndex((part) => annotationFolder.test(part));
  const below = at < 0 ? partsBelow(common, folder) : inner.slice(at + 1);
  const stand = path.join(base, ...inner.slice(0, Math.max(0, at)));
  const mirrored = at < 0 ? [] : [...imageFolderNames, ''].map((name) => path.join(stand, name));
  const own = path.resolve(folder, ...below.map(() => '..'));
  return { near: [own, root, ...mirrored], below: below.join('/') };
}

const partsBelow = (base: string, folder: string): string[] =>
  relativeTo(base, folder)
    .split('/')
    .filter((part) => part !== '');

function commonFolder(files: readonly string[]): string {
  let common = path.dirname(files[0] ?? '/');
  for (const file of files) while (!isInside(common, file)) common = path.dirname(common);
  return common;
}
