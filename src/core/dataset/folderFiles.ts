// The files of a dataset's folder, walked once, and the search for an image by what an annotation calls it.
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { findingsFileName } from '../../shared/lossReport.ts';
import { isImageName } from '../../shared/imageFiles.ts';
import { requireInput } from '../files/outputMarker.ts';
import { withPlainFile } from '../files/plainFile.ts';
import { walkFolder, type PassedOver } from '../files/walk.ts';
import type { ReadOptions, TaskOptions } from './adapter.ts';
import { encodingOfMark } from './textFile.ts';

/** Every file under one or more folders: absolute paths in a stable order. */
export interface FolderFiles {
  /** Absolute path of the dataset's folder. */
  folder: string;
  images: string[];
  others: string[];
  /** What the walk left out, with absolute paths as {@link PassedOver.path}. */
  passedOver: PassedOver[];
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

/**
 * Walks the dataset's folder and, where given, the folders of images and annotations: annotation files then come only from
 * `annotations` (besides the lists and class names in `folder`), images only from `images`. Links and hidden files as in `walkFolder`.
 * Errors: `file-missing`, `file-permission`, `argument-invalid` (a file, or results of detection or training) for the folders themselves.
 */
export async function listFolder(
  folder: string,
  options: Pick<ReadOptions, 'images' | 'annotations' | 'signal'> = {},
): Promise<FolderFiles> {
  const root = path.resolve(folder);
  const found = await walk(root, options.signal);
  const images = options.images === undefined ? found : await walk(path.resolve(options.images), options.signal);
  const notes =
    options.annotations === undefined ? null : await walk(path.resolve(options.annotations), options.signal);
  return {
    folder: root,
    images: images.files.filter(isImageName),
    others: [...new Set([...(notes?.files ?? []), ...found.files])].filter(
      (file) => !isImageName(file) && path.basename(file) !== findingsFileName,
    ),
    passedOver: [...new Set([found, images, ...(notes ? [notes] : [])])].flatMap(({ passedOver }) => passedOver),
  };
}

async function walk(
  folder: string,
  signal: AbortSignal | undefined,
): Promise<{ files: string[]; passedOver: PassedOver[] }> {
  await requireInput(folder);
  const { files, passedOver } = await walkFolder(folder, { signal });
  return {
    files: files.map(({ file }) => file),
    passedOver: passedOver.map((left) => ({ ...left, path: path.join(folder, left.path) })),
  };
}

/** The first `bytes` of a file as text, '' when it can't be read: enough to tell formats apart. */
export async function readHead(file: string, bytes = 16_384): Promise<string> {
  try {
    return await withPlainFile(file, async ({ handle }) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
      const head = buffer.subarray(0, bytesRead);
      return new TextDecoder(encodingOfMark(head) ?? 'utf-8').decode(head);
    });
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
