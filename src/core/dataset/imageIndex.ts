// The images of a dataset: their folder, their splits by folder, and the search for those that a path written somewhere means.
import path from 'node:path';
import { isImageName } from '../../shared/imageFiles.ts';
import { roleOf } from '../../shared/splits.ts';
import type { ReadOptions } from './adapter.ts';
import { fileKey } from './fileKey.ts';
import { isInside, relativeTo, withoutExtension } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { maxPathParts } from './limits.ts';
import { TailTree } from './tailTree.ts';
import type { LongestTail } from './tailTree.ts';

/** Whether a folder or list of this name is a split: one that plays a part, e.g. `train2017`, `valid`, `testing`, or both of two. */
export function isSplitName(name: string): boolean {
  return roleOf(name) !== null || /^trainval([-_]?\d{4})?$/i.test(name);
}

/** How an annotation names its image. */
export interface Reference {
  /** A path or name as it is written, also with another system's separators or somebody else's folders in front. */
  name: string;
  /** Folders that the name is looked up in first: that of the annotation file, those where its images usually lie. */
  near?: readonly string[];
  /** A word such as the split, to choose between images of one name. */
  hint?: string;
  /** The name is one without its ending; `ending` then chooses between files that differ in nothing else. */
  stem?: boolean;
  ending?: string;
}

/** What was found for a reference. */
export interface Candidates {
  /** The folders that the reference names, joined by `/`; '' for a bare name. */
  folder: string;
  /** The files that it may mean, the likeliest; none when there is no file of that name. */
  files: string[];
  /** The reference and the files agree in all that it says. False: in the ends of their paths only. */
  whole: boolean;
  /** The file lies right there, seen from one of the folders that the reference is looked up in. */
  exact: boolean;
  /** Agreeing parts of the paths. */
  depth: number;
  /** The ending that the reference gives, '' for none. */
  ending: string;
}

/** Ways to read a name: as a file's, as one without ending, with its ending cut off (of pictures that were converted since). */
type Reading = 'name' | 'stem' | 'cut';

function readingsOf(name: string, { stem }: Reference): Reading[] {
  if (stem) return ['stem'];
  return ['name', isImageName(name) ? 'cut' : 'stem'];
}

/** Files looked at when several have the name. */
const looked = 64;

/** The files that agree; two stand for more than can be chosen from. */
const someOf = ({ count, files }: LongestTail): string[] => files(count > looked ? 2 : looked);

/** All images of a dataset, searchable. */
export class ImageIndex {
  /** Absolute folder that image paths are relative to. */
  readonly root: string;
  readonly files: readonly string[];
  readonly #folder: string;
  // Made when first asked: of a hundred thousand images each takes its ten megabytes.
  #byName: TailTree | undefined;
  #byStem: TailTree | undefined;
  #folders: Set<string> | undefined;
  readonly #folderParts = new Map<string, string[]>();
  /** In the order of their names, where a folder's images lie together. */
  #sorted: string[] | null = null;

  constructor(files: FolderFiles, options: Pick<ReadOptions, 'images'>) {
    this.files = files.images;
    this.#folder = files.folder;
    this.root = options.images === undefined ? imageRootOf(files) : path.resolve(options.images);
  }

  /** Path of an image relative to the root, `/` as separator. */
  relative(file: string): string {
    return relativeTo(this.root, file);
  }

  /** Split that the image's own folders name, the outermost first. */
  splitOfFolder(file: string): string | undefined {
    return this.foldersOf(file).find(isSplitName);
  }

  /** Names of the folders that a file lies in, from the dataset's folder (else the image root) down. */
  foldersOf(file: string): string[] {
    const base = isInside(this.#folder, file) ? this.#folder : this.root;
    const inner = isInside(base, file)
      ? file.slice(base.length + Number(!base.endsWith(path.sep)))
      : relativeTo(base, file);
    return inner.replaceAll(path.sep, '/').split('/').slice(0, -1);
  }

  /** Whether some image lies in a folder of that name, at any depth. */
  hasFolder(name: string): boolean {
    this.#folders ??= new Set(this.files.flatMap((file) => this.foldersOf(file)).map(fileKey));
    return this.#folders.has(fileKey(name));
  }

  /** The images of a folder, at any depth, or the image at that very path: both absolute. */
  within(place: string): string[] {
    const sorted = (this.#sorted ??= [...this.files].sort());
    const inside = place.endsWith(path.sep) ? place : place + path.sep;
    const found = sorted[firstFrom(sorted, place)] === place ? [place] : [];
    for (let i = firstFrom(sorted, inside); sorted[i]?.startsWith(inside); i++) found.push(sorted[i]!);
    return found;
  }

  /** The files that a reference may mean by its words alone; `place` decides with all references of a dataset in view. */
  candidates(reference: Reference): Candidates {
    const name = reference.name.replaceAll('\\', '/').replace(/^file:(\/\/)?/, '');
    const parts = partsOf(path.posix.normalize(name)).reverse();
    if (parts.length > maxPathParts) return { folder: '', files: [], whole: false, exact: false, depth: 0, ending: '' };
    const folder = parts.slice(1).reverse().join('/');
    const { depth, files, exact } = this.#likeliest(name, parts, reference);
    const last = parts[0] ?? '';
    const ending = reference.stem ? (reference.ending ?? '') : isImageName(last) ? path.extname(last) : '';
    return { folder, files: narrowed(files, last, reference), whole: depth >= parts.length, exact, depth, ending };
  }

  /** The first reading of the name that finds all of it; else the one that agrees in most of the path's end. */
  #likeliest(name: string, parts: string[], reference: Reference): Pick<Candidates, 'depth' | 'files' | 'exact'> {
    let best: LongestTail = { depth: 0, count: 0, files: () => [] };
    for (const reading of readingsOf(parts[0] ?? '', reference)) {
      const found = this.#search(reading, parts);
      if (found.depth > best.depth) best = found;
      if (found.depth < parts.length) continue; // then no folder has it either
      const whole = this.#inFolders(name, parts, reading, reference);
      if (whole) return { depth: parts.length, files: someOf(whole), exact: true };
      break;
    }
    return { depth: best.depth, files: someOf(best), exact: false };
  }

  /** Of the folders that a reference is looked up in, the first that has it. */
  #inFolders(name: string, parts: string[], reading: Reading, { near = [] }: Reference): LongestTail | undefined {
    const isPlain = !path.isAbsolute(name) && !/(^|\/)\.\.(\/|$)/.test(name);
    for (const folder of [...near, this.root, this.#folder]) {
      const full = isPlain ? [...parts, ...this.#partsOfFolder(folder)] : reversedParts(path.resolve(folder, name));
      const found = this.#search(reading, full);
      if (found.depth === full.length) return found;
    }
    return undefined;
  }

  #partsOfFolder(folder: string): string[] {
    const parts = this.#folderParts.get(folder) ?? reversedParts(path.resolve(folder));
    this.#folderParts.set(folder, parts);
    return parts;
  }

  #search(reading: Reading, parts: string[]): LongestTail {
    if (reading === 'name') return (this.#byName ??= this.#grown(reversedParts)).longest(parts);
    this.#byStem ??= this.#grown((file) => reversedParts(withoutExtension(file)));
    const [name = '', ...folders] = parts;
    return this.#byStem.longest([reading === 'cut' ? withoutExtension(name) : name, ...folders]);
  }

  #grown(parts: (file: string) => string[]): TailTree {
    const tree = new TailTree(parts);
    for (const file of this.files) tree.add(file);
    return tree;
  }
}

const partsOf = (name: string): string[] => name.split('/').filter((part) => !['', '.', '..'].includes(part));
const reversedParts = (file: string): string[] => partsOf(file.replaceAll(path.sep, '/')).reverse();

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

/** Of several files, those that something else than their path speaks for. */
function narrowed(files: string[], name: string, { near = [], hint, stem, ending }: Reference): string[] {
  const wanted = stem ? name + (ending ?? '') : name;
  const tests = [
    (file: string) => path.basename(file) === wanted,
    (file: string) => fileKey(path.basename(file)) === fileKey(wanted),
    (file: string) => near.some((folder) => isInside(folder, file)),
    (file: string) => hint !== undefined && file.split(path.sep).includes(hint),
  ];
  let left = files;
  for (const test of tests) {
    if (left.length < 2) break;
    const kept = left.filter(test);
    if (kept.length > 0) left = kept;
  }
  return left;
}

/** `images/` or `JPEGImages/` when every image is in it, else the dataset's folder: so that paths read as they were written. */
function imageRootOf(files: FolderFiles): string {
  for (const name of ['images', 'JPEGImages', 'Images']) {
    const folder = path.join(files.folder, name);
    if (files.images.length > 0 && files.images.every((file) => isInside(folder, file))) return folder;
  }
  return files.folder;
}
