// The files of a dataset's folder, walked once, and the search for an image by what an annotation calls it.
import type { Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError, fromFileError } from '../../shared/errors.ts';
import type { ReadOptions, TaskOptions } from './adapter.ts';

const imageExtensions = new Set(['.jpg', '.jpeg', '.jpe', '.png', '.webp', '.tif', '.tiff', '.bmp', '.gif']);
const skippedFolders = new Set(['node_modules', '__MACOSX']);

/** Every file under one or more folders: absolute paths in a stable order. */
export interface FolderFiles {
  /** Absolute path of the dataset's folder. */
  folder: string;
  images: string[];
  others: string[];
}

/** Throws `cancelled` when the task was told to stop. */
export function checkCancelled(options: TaskOptions): void {
  if (options.signal?.aborted) throw new StudioError('cancelled', 'Stopped on request; nothing was left half done.');
}

/** `file` relative to `folder`, `/` as separator. */
export function relativeTo(folder: string, file: string): string {
  return path.relative(folder, file).replaceAll(path.sep, '/');
}

/** Path without its extension. */
export function withoutExtension(file: string): string {
  return file.slice(0, file.length - path.extname(file).length);
}

/** Whether `file` lies in `folder`, at any depth. */
export function isInside(folder: string, file: string): boolean {
  return file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
}

/** Whether the name ends like that of a picture. */
export function isImageName(name: string): boolean {
  return imageExtensions.has(path.extname(name).toLowerCase());
}

/**
 * Walks the dataset's folder and, where given, the folders of images and annotations: annotation files then come only from
 * `annotations` (besides the lists and class names in `folder`), images only from `images`.
 * Hidden files are left out, links are followed. Errors: `file-missing`, `file-permission`, `argument-invalid` (a file) for the folders themselves.
 */
export async function listFolder(
  folder: string,
  options: Pick<ReadOptions, 'images' | 'annotations' | 'signal'> = {},
): Promise<FolderFiles> {
  const root = path.resolve(folder);
  const found = await walk(root, options);
  const images = options.images === undefined ? found : await walk(path.resolve(options.images), options);
  const notes = options.annotations === undefined ? [] : await walk(path.resolve(options.annotations), options);
  return {
    folder: root,
    images: images.filter(isImageName),
    others: [...new Set([...notes, ...found])].filter((file) => !isImageName(file)),
  };
}

async function walk(folder: string, options: TaskOptions): Promise<string[]> {
  const files: string[] = [];
  const seen = new Set<string>();
  await walkInto(folder, files, seen, options, true);
  return files;
}

async function walkInto(
  folder: string,
  files: string[],
  seen: Set<string>,
  options: TaskOptions,
  isRoot: boolean,
): Promise<void> {
  checkCancelled(options);
  let entries: Dirent[];
  try {
    const real = await realpath(folder);
    if (seen.has(real)) return;
    seen.add(real);
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isRoot) throw notListed(error, folder);
    return; // a subfolder that can't be entered hides its files; those that annotations name are reported as missing
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.') || skippedFolders.has(entry.name)) continue;
    const full = path.join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? await stat(full).catch(() => null) : entry;
    if (kind?.isDirectory()) await walkInto(full, files, seen, options, false);
    else if (kind?.isFile()) files.push(full);
  }
}

function notListed(error: unknown, folder: string): StudioError {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOTDIR')) return fromFileError(error, folder);
  const remedy = `Name the folder that it lies in, ${path.dirname(folder)}`;
  return new StudioError('argument-invalid', `${folder} is a file. ${remedy}.`, error);
}

/** The first `bytes` of a file as text, '' when it can't be read: enough to tell formats apart. */
export async function readHead(file: string, bytes = 16_384): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const buffer = Buffer.alloc(bytes);
      const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}

/** Whether the head of one of the first `limit` files with that extension matches. */
export async function someHead(
  files: FolderFiles,
  extension: string,
  test: (head: string, file: string) => boolean,
  limit = 50,
): Promise<boolean> {
  const candidates = files.others.filter((file) => file.toLowerCase().endsWith(extension)).slice(0, limit);
  for (const file of candidates) if (test(await readHead(file), file)) return true;
  return false;
}

/** Calls `work` for every item, at most `width` at a time; results in order. */
export async function mapLimit<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return results;
}
