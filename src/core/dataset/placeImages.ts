// Decides where each image of a written dataset lies, and puts it there when asked to.
import { constants } from 'node:fs';
import { access, copyFile, link, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError } from '../../shared/errors.ts';
import type { Dataset, LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import { makeFolder as makeOneFolder } from '../files/makeFolder.ts';
import type { WriteOptions } from './adapter.ts';
import { checkCancelled, mapLimit, withoutExtension } from './folderFiles.ts';
import type { Report } from './report.ts';

/** An image and the path it has in the written dataset, relative to its image folder. */
export interface PlacedImage {
  image: LabelledImage;
  path: string;
}

/**
 * Paths for the images of `dataset`: their own, unless two share a stem (`a.jpg`, `a.png`) where the format has one annotation file
 * per stem; then the later one is called `a_png.png`, and the report says so.
 */
export function placeImages(dataset: Dataset, report: Report, onePerStem: boolean): PlacedImage[] {
  const taken = new Set<string>();
  return dataset.images.map((image) => {
    const extension = path.posix.extname(image.path);
    const stem = withoutExtension(image.path);
    let placed = image.path;
    for (let n = 1; taken.has(stemKey(placed, onePerStem)); n++)
      placed = `${stem}_${extension.slice(1)}${n === 1 ? '' : n}${extension}`;
    taken.add(stemKey(placed, onePerStem));
    if (placed !== image.path) report.lose(image.path, 'renamed', said('loss.placed', { name: placed }));
    return { image, path: placed };
  });
}

function stemKey(file: string, onePerStem: boolean): string {
  return (onePerStem ? withoutExtension(file) : file).normalize('NFC').toLowerCase();
}

/**
 * Copies or links the images into `folder`. An image that can't be read is reported as `missing-image` or `unreadable` and the rest
 * goes on; a full or read-only disk ends the writing.
 */
export async function transferImages(
  dataset: Dataset,
  placed: readonly PlacedImage[],
  folder: string,
  options: WriteOptions,
  report: Report,
): Promise<void> {
  const mode = options.images ?? 'none';
  if (mode === 'none') return;
  const made = new Set<string>();
  await mapLimit(placed, 4, async ({ image, path: target }) => {
    checkCancelled(options);
    const to = path.join(folder, target);
    await makeFolder(path.dirname(to), made);
    await transfer(path.resolve(dataset.imageRoot, image.path), to, mode, report);
  });
}

/** Makes a folder and those above it, once per call's `made`. Errors: `disk-full`, `file-permission`. */
export async function makeFolder(folder: string, made = new Set<string>()): Promise<void> {
  if (made.has(folder)) return;
  await makeOneFolder(folder);
  made.add(folder);
}

async function transfer(from: string, to: string, mode: 'copy' | 'link', report: Report): Promise<void> {
  if (from === to) return;
  const temporary = `${to}.part`;
  try {
    await rm(temporary, { force: true });
    await access(from, constants.F_OK);
    if (mode === 'copy') await copyFile(from, temporary, constants.COPYFILE_FICLONE);
    else await linkOrCopy(from, temporary);
    await rename(temporary, to);
    await rm(temporary, { force: true }); // renaming one hard link onto another of the same file leaves both
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const known = fromFileError(error, from);
    if (known.code === 'file-missing') report.lose(from, 'missing-image', said('loss.copyMissing', {}));
    else if (known.code === 'file-permission' && !(await isReadable(from)))
      report.lose(from, 'unreadable', said('loss.copyDenied', {}));
    else throw fromFileError(error, to);
  }
}

async function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to)
    .catch(() => symlink(from, to))
    .catch(() => copyFile(from, to));
}
