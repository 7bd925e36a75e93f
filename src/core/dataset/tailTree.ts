// Files by the ends of their paths: name first, then folder by folder, so that the longest common end of two paths is one walk.
import { fileKey } from './fileKey.ts';

/** A file alone behind the parts walked so far, or several. */
type Entry = string | Branch;

interface Branch {
  count: number;
  inner: Map<string, Entry>;
}

/** Stands behind the last part of a path, so that files whose parts are all equal (`a.jpg`, `a.png` by stem) lie side by side. */
const end = (nth: number): string => `\0${nth}`;

/** The files whose paths share the longest end with a path that was looked up. */
export interface LongestTail {
  /** Number of parts that agree, 0 when no file has that name. */
  depth: number;
  /** Number of files that agree in them. */
  count: number;
  /** The first of these files, at most `most`. */
  files: (most: number) => string[];
}

/**
 * A tree with a level per part of a path, from its end. Most names are unique, so most files take one entry: a file alone is kept as it
 * is, and only its namesakes make it a branch.
 */
export class TailTree {
  readonly #root: Branch = { count: 0, inner: new Map() };
  readonly #partsOf: (file: string) => string[];

  /** @param partsOf parts of a file's path as they are compared, the last first */
  constructor(partsOf: (file: string) => string[]) {
    this.#partsOf = (file) => partsOf(file).map(fileKey);
  }

  add(file: string): void {
    const parts = this.#partsOf(file);
    let at = this.#root;
    for (let depth = 0; ; depth++) {
      at.count++;
      const part = parts[depth] ?? end(at.count);
      const there = at.inner.get(part);
      if (there === undefined) {
        at.inner.set(part, file);
        return;
      }
      at = typeof there === 'string' ? this.#branch(at, part, there, depth + 1) : there;
    }
  }

  /** Makes a branch of a file that is no longer alone. */
  #branch(parent: Branch, part: string, file: string, depth: number): Branch {
    const branch: Branch = { count: 1, inner: new Map([[this.#partsOf(file)[depth] ?? end(1), file]]) };
    parent.inner.set(part, branch);
    return branch;
  }

  /** Looks up a path given as its parts, the last first. */
  longest(wanted: readonly string[]): LongestTail {
    let at: Entry = this.#root;
    let depth = 0;
    for (; depth < wanted.length && typeof at !== 'string'; depth++) {
      const next: Entry | undefined = at.inner.get(fileKey(wanted[depth]!));
      if (next === undefined) break;
      at = next;
    }
    if (typeof at === 'string') depth = this.#agreement(at, wanted);
    const found = at;
    const count = depth === 0 ? 0 : typeof found === 'string' ? 1 : found.count;
    return { depth, count, files: (most) => (depth === 0 ? [] : firstOf(found, most)) };
  }

  #agreement(file: string, wanted: readonly string[]): number {
    const parts = this.#partsOf(file);
    const differs = wanted.findIndex((part, i) => fileKey(part) !== parts[i]);
    return differs < 0 ? wanted.length : differs;
  }
}

function firstOf(entry: Entry, most: number): string[] {
  const files: string[] = [];
  for (const file of filesOf(entry)) {
    if (files.length === most) break;
    files.push(file);
  }
  return files;
}

function* filesOf(entry: Entry): Generator<string> {
  if (typeof entry === 'string') yield entry;
  else for (const inner of entry.inner.values()) yield* filesOf(inner);
}
