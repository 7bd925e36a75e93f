// Class lists: growing while reading, and fitted to what a format can hold while writing.
import type { Annotation, Dataset } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import { checkClassCount, checkClassName } from './limits.ts';
import type { Report } from './report.ts';

/** What makes two names one: an accent may be a character of its own or a part of its letter. */
const keyOf = (name: string): string => name.normalize('NFC');

/** Class names with their ids in order of appearance. Error: `annotation-invalid` when there are more than a project takes, or one is no name. */
export class ClassList {
  readonly names: string[] = [];
  readonly #ids = new Map<string, number>();

  readonly #place: string;

  /** @param place the file or folder that names them, for messages */
  constructor(place: string, names: Iterable<string> = []) {
    this.#place = place;
    for (const name of names) this.idOf(name);
  }

  /** Id of a class, added at the end when new. */
  idOf(name: string): number {
    const known = this.#ids.get(keyOf(name));
    if (known !== undefined) return known;
    checkClassCount(this.names.length + 1, this.#place);
    checkClassName(name, this.#place);
    this.#ids.set(keyOf(name), this.names.length);
    return this.names.push(name) - 1;
  }

  /** Whether the class is listed. */
  has(name: string): boolean {
    return this.#ids.has(keyOf(name));
  }
}

/** Puts the classes in the order of their names, for datasets that list none: the order then doesn't depend on that of the files. */
export function sortClasses(dataset: Dataset): void {
  const sorted = [...dataset.classes].sort((a, b) => (a < b ? -1 : 1));
  const places = new Map(sorted.map((name, at) => [name, at]));
  const moved = dataset.classes.map((name) => places.get(name)!);
  const seen = new Set<Annotation>();
  for (const image of dataset.images)
    for (const annotation of image.annotations) {
      if (seen.has(annotation)) continue;
      seen.add(annotation);
      annotation.classId = moved[annotation.classId]!;
    }
  dataset.classes = sorted;
}

/**
 * The names as a format can hold them: `fit` mends each, then repeated ones get a number. Every change is reported against `file`.
 */
export function fitNames(
  names: readonly string[],
  fit: (name: string) => string,
  report: Report,
  file: string,
): string[] {
  const taken = new Set<string>();
  const tried = new Map<string, number>();
  return names.map((name, id) => {
    const wanted = fit(name) === '' ? `class ${id}` : fit(name);
    let fitted = wanted;
    for (let n = tried.get(wanted) ?? 2; taken.has(fitted); n++) {
      fitted = `${wanted} (${n})`;
      tried.set(wanted, n + 1);
    }
    taken.add(fitted);
    if (fitted !== name) report.lose(file, 'renamed', said('loss.classRenamed', { name, fitted }));
    return fitted;
  });
}

/** A name on one line, without spaces around it: what lists with one name per line, VOC and CSV can hold. */
export function oneLine(name: string): string {
  return name.replaceAll(/[\r\n\u2028\u2029\u0085]+/g, ' ').trim();
}

/** Names of a list with one name per line; blank lines are left out. */
export function namesOfLines(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
