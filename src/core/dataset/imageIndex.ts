// Finds the image file that an annotation means: by path, by the tail of somebody else's path, by name or stem.
import path from 'node:path';
import type { ReadOptions } from './adapter.ts';
import { isInside, relativeTo, withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { maxPathParts } from './limits.ts';

/** Split named by a folder or file name, e.g. `train2017`, `valid`. */
const splitWord = /^(train|trainval|val|valid|validation|dev|test)([-_]?\d{4})?$/i;

/** Whether a folder or list of this name is a split. */
export function isSplitName(name: string): boolean {
  return splitWord.test(name);
}

// File systems differ in case and in the normal form of accents; the files that people share cross them.
const key = (name: string) => name.normalize('NFC').toLowerCase();

/** Image files by a part of their path; mostly one, which needs no list. */
type Table = Map<string, string | string[]>;

/** All images of a dataset, searchable. */
export class ImageIndex {
  /** Absolute folder that image paths are relative to. */
  readonly root: string;
  readonly files: readonly string[];
  readonly #folder: string;
  /** In the order of their names, where a folder's images lie together. */
  #sorted: string[] | null = null;
  // Made when first asked: of a hundred thousand images each takes its ten megabytes.
  readonly #tables = new Map<(relative: string) => string, Table>();

  constructor(files: FolderFiles, options: Pick<ReadOptions, 'images'>) {
    this.files = files.images;
    this.#folder = files.folder;
    this.root = options.images === undefined ? imageRootOf(files) : path.resolve(options.images);
  }

  /** Path of an image relative to the root, `/` as separator. */
  relative(file: string): string {
    return relativeTo(this.root, file);
  }

  /**
   * The image that `reference` (a path or name as written in an annotation) means; `near` is the folder of the annotation file,
   * `hint` a word such as the split, to choose between images of one name. Undefined when there is none, or no telling which.
   */
  find(reference: string, near?: string, hint?: string): string | undefined {
    const clean = reference.replaceAll('\\', '/').replace(/^file:\/\//, '');
    return this.#search(clean, this.#table(wholePath), this.#table(nameOf), near, hint);
  }

  /** As {@link find}, for a path without its extension. */
  findStem(stem: string, near?: string, hint?: string): string | undefined {
    return this.#search(stem.replaceAll('\\', '/'), this.#table(withoutExtension), this.#table(nameStem), near, hint);
  }

  /** Split that the image's own folders name, the outermost first. */
  splitOfFolder(file: string): string | undefined {
    const base = isInside(this.#folder, file) ? this.#folder : this.root;
    return relativeTo(base, file).split('/').slice(0, -1).find(isSplitName);
  }

  /** The images of a folder, at any depth, or the image at that very path: both absolute. */
  within(place: string): string[] {
    const sorted = (this.#sorted ??= [...this.files].sort());
    const inside = place.endsWith(path.sep) ? place : place + path.sep;
    const found = sorted[firstFrom(sorted, place)] === place ? [place] : [];
    for (let i = firstFrom(sorted, inside); sorted[i]?.startsWith(inside); i++) found.push(sorted[i]!);
    return found;
  }

  #table(part: (relative: string) => string): Table {
    const known = this.#tables.get(part);
    if (known) return known;
    const table: Table = new Map();
    for (const file of this.files) add(table, key(part(this.relative(file))), file);
    this.#tables.set(part, table);
    return table;
  }

  #search(reference: string, paths: Table, names: Table, near?: string, hint?: string): string | undefined {
    const parts = path.posix
      .normalize(reference)
      .split('/')
      .filter((part) => part !== '' && part !== '.' && part !== '..');
    if (parts.length > maxPathParts) return undefined;
    if (near !== undefined) {
      const beside = paths.get(key(relativeTo(this.root, path.resolve(near, ...parts))));
      if (beside !== undefined) return exact(filesOf(beside), parts);
    }
    for (let skip = 0; skip < parts.length; skip++) {
      const hit = paths.get(key(parts.slice(skip).join('/')));
      if (hit !== undefined) return exact(filesOf(hit), parts);
    }
    return choose(filesOf(names.get(key(parts.at(-1) ?? ''))), parts, near, hint);
  }
}

/** Index of the first of the sorted names that isn't before `wanted`. */
function firstFrom(sorted: readonly string[], wanted: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function add(table: Table, name: string, file: string): void {
  const there = table.get(name);
  if (Array.isArray(there)) there.push(file);
  else table.set(name, there === undefined ? file : [there, file]);
}

const filesOf = (entry: string | string[] | undefined): string[] =>
  entry === undefined ? [] : typeof entry === 'string' ? [entry] : entry;

const wholePath = (relative: string): string => relative;
const nameOf = (relative: string): string => path.posix.basename(relative);
const nameStem = (relative: string): string => withoutExtension(nameOf(relative));

/** Of files that differ only in case or extension, the one written exactly so, else the first. */
function exact(files: string[], parts: string[]): string | undefined {
  const name = parts.at(-1);
  return files.find((file) => path.basename(file) === name) ?? files[0];
}

function choose(files: string[], parts: string[], near?: string, hint?: string): string | undefined {
  if (files.length < 2) return files[0];
  const tests = [
    (file: string) => parts.length > 1 && file.replaceAll(path.sep, '/').endsWith(parts.slice(-2).join('/')),
    (file: string) => near !== undefined && isInside(near, file),
    (file: string) => hint !== undefined && file.split(path.sep).includes(hint),
  ];
  for (const test of tests) {
    const left = files.filter(test);
    if (left.length === 1) return left[0];
  }
  return undefined;
}

/** `images/` or `JPEGImages/` when every image is in it, else the dataset's folder: so that paths read as they were written. */
function imageRootOf(files: FolderFiles): string {
  for (const name of ['images', 'JPEGImages', 'Images']) {
    const folder = path.join(files.folder, name);
    if (files.images.length > 0 && files.images.every((file) => isInside(folder, file))) return folder;
  }
  return files.folder;
}
