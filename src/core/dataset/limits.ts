// How much of a label file is believed. More than this is a mistake or an attack: it is refused by name before it costs memory or time.
import { saying, type StudioError } from '../../shared/errors.ts';
import { maxClasses } from '../../shared/labels.ts';

/** Characters of a written number: no real coordinate needs a tenth of them. */
export const maxDigits = 400;

/** Folders and name of a path that an annotation writes: what has more means no file of this disk. */
export const maxPathParts = 200;

/** Elements, lists or objects within each other. */
export const maxDepth = 100;

/** Splits that one image may be in. */
export const maxSplits = 100;

/** Characters of a class's name. */
export const maxNameLength = 200;

/** Bytes of a file that is read whole as text. COCO and CSV are streamed and may be larger. */
export const maxTextBytes = 256 * 1024 * 1024;

/** Bytes of one entry, or of one row, of a file that is streamed. */
export const maxEntryBytes = 32 * 1024 * 1024;

/** Throws `annotation-invalid` when `file` names more classes than the program takes. */
export function checkClassCount(count: number, file: string): void {
  if (count > maxClasses) throw saying('annotation-invalid', 'annotation.classes', { file, most: maxClasses });
}

/** Throws `annotation-invalid` for a name of a class that is too long to be one. */
export function checkClassName(name: string, file: string): void {
  if (name.length <= maxNameLength) return;
  const what = { file, name: `${name.slice(0, 40)}…`, length: name.length, most: maxNameLength };
  throw saying('annotation-invalid', 'annotation.className', what);
}

/** The `annotation-invalid` error of a file whose pieces lie within each other more than {@link maxDepth} deep. */
export function tooDeep(file: string, cause?: unknown): StudioError {
  return saying('annotation-invalid', 'annotation.nested', { file, most: maxDepth }, cause);
}

/** The beginning of `value` as JSON, for a message: `…` where it is nested too deeply to be written. */
export function brief(value: unknown, length = 120): string {
  try {
    return JSON.stringify(value).slice(0, length);
  } catch {
    return '…';
  }
}

/** Whether a value that JSON gave is nested deeper than {@link maxDepth}. */
export function isDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth >= maxDepth) return true;
  return Object.values(value).some((inner) => isDeep(inner, depth + 1));
}
