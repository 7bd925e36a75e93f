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

/** How a format tells whose labels a piece of it holds: by a path in it, by a file per image that names the image, or by that file's name. */
export type Pairing = 'path' | 'name' | 'stem';

/** An image and where it is in the written dataset. */
export interface PlacedImage {
  image: LabelledImage;
  /** Path of the image file, relative to the image folder. */
  path: string;
  /** Path of its annotation file without the ending, relative to their folder, for formats that have one for each image. */
  note: string;
}

/**
 * Paths for the images of `dataset`. Images that go along keep their own unless two would get in each other's way (`a.jpg` and `a.png`
 * where annotation files bear their stem, `a.jpg` and `A.jpg` everywhere): the later is called `a_png.png`. Images that stay where they
 * are keep their names: then the later annotation file is called `a_png`, or, where the name is all that pairs it, both are left out.
 * Every change is in the report.
 */
export function placeImages(
  dataset: Pick<Dataset, 'images'>,
  report: Report,
  pairing: Pairing,
  { images: along = 'none' }: WriteOptions,
): PlacedImage[] {
  if (along !== 'none') return placeMoved(dataset, report, pairing);
  if (pairing === 'stem') return placeUnshared(dataset, report);
  return placeMoved(dataset, null, pairing).map(({ image, note }) => {
    if (pairing === 'name' && note !== withoutExtension(image.path))
      report.lose(image.path, 'renamed', said('loss.notePlaced', { name: note }));
    return { image, path: image.path, note };
  });
}

/** Paths where no two files get in each other's way; told to `report` where there is one. */
function placeMoved({ images }: Pick<Dataset, 'images'>, report: Report | null, pairing: Pairing): PlacedImage[] {
  const taken = new Set<string>();
  const keyOf = pairing === 'path' ? nameKey : stemKey;
  const own = new Set(images.map((image) => keyOf(image.path)));
  return images.map((image) => {
    const extension = path.posix.extname(image.path);
    const stem = withoutExtension(image.path);
    let placed = image.path;
    for (let n = 1; taken.has(keyOf(placed)) || (n > 1 && own.has(keyOf(placed))); n++)
      placed = `${stem}_${extension.slice(1)}${n === 1 ? '' : n}${extension}`;
    taken.add(keyOf(placed));
    if (placed !== image.path) report?.lose(image.path, 'renamed', said('loss.placed', { name: placed }));
    return { image, path: placed, note: withoutExtension(placed) };
  });
}

/** Only the images whose stem is their own; the others told to `report`. */
function placeUnshared(dataset: Pick<Dataset, 'images'>, report: Report): PlacedImage[] {
  const shared = sharedStems(dataset);
  return dataset.images.flatMap((image) => {
    if (!shared.has(stemKey(image.path))) return [{ image, path: image.path, note: withoutExtension(image.path) }];
    report.lose(image.path, 'ambiguous', said('loss.stemShared', {}));
    return [];
  });
}

function sharedStems({ images }: Pick<Dataset, 'images'>): Set<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { path: file } of images) {
    const stem = stemKey(file);
    if (seen.has(stem)) shared.add(stem);
    seen.add(stem);
  }
  return shared;
}

// File systems differ in case and in the normal form of accents; datasets cross them.
const nameKey = (file: string): string => file.normalize('NFC').toLowerCase();
const stemKey = (file: string): string => nameKey(withoutExtension(file));

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
