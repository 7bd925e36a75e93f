// Pictures with the found boxes drawn on them. Each one says what it was drawn from, so that a later call draws only what is not there.
import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, saying, StudioError, toldBy } from '../../shared/errors.ts';
import { lossOf, type Loss } from '../../shared/lossReport.ts';
import { said } from '../../shared/said.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { resultNames } from '../files/resultNames.ts';
import { decodeImage } from '../image/decode.ts';
import { drawBoxes } from '../image/draw.ts';
import { addComment, readComment } from '../image/jpegComment.ts';
import { prefetch } from '../image/prefetch.ts';
import type { SweptImage } from './journal.ts';

/** Raised when the same boxes are drawn another way. */
const drawing = 1;

/** What became of the overlays. */
export interface Overlays {
  /** Pictures that are there now, drawn or found. */
  files: number;
  /** Pictures that have another name than their own, and those that could not be drawn. */
  losses: Loss[];
}

/** How {@link drawOverlays} works. */
export interface OverlayOptions {
  signal?: AbortSignal | undefined;
  onProgress?: (progress: { done: number; total: number }) => void;
}

interface Overlay {
  image: SweptImage;
  target: string;
}

/**
 * Makes `<folder>/<path>.jpg` for every picture that was read, and takes away the one of a picture that no longer could be. One that is
 * there and was drawn from the same boxes, names and picture stays. A picture that is gone or was changed since is told and passed over.
 * @throws cancelled, disk-full, file-permission for the folder
 */
export async function drawOverlays(
  folder: string,
  images: readonly SweptImage[],
  classes: readonly string[],
  { signal, onProgress }: OverlayOptions = {},
): Promise<Overlays> {
  const result: Overlays = { files: 0, losses: [] };
  const overlays = await placeOverlays(folder, images, result);
  await makeFolder(folder);
  const draw = (overlay: Overlay) => drawUnlessThere(overlay, classes);
  let done = 0;
  for await (const drawn of prefetch(overlays, draw, { ahead: 2, ...(signal && { signal }) })) {
    const { image, target } = drawn.item;
    try {
      if (!drawn.ok) throw drawn.error;
      if (drawn.value) await write(target, drawn.value);
      result.files++;
    } catch (error) {
      if (error instanceof StudioError && error.code === 'disk-full') throw error;
      const { message, said: by } = toldBy(error);
      result.losses.push({ file: image.path, kind: 'dropped', reason: message, said: by });
    }
    onProgress?.({ done: ++done, total: overlays.length });
  }
  return result;
}

/** Where each overlay goes. Names are given to all pictures, so that they stay when another one can't be read any more. */
async function placeOverlays(folder: string, images: readonly SweptImage[], result: Overlays): Promise<Overlay[]> {
  const paths = images.map((image) => image.path);
  const overlays: Overlay[] = [];
  for (const [i, { name, changed }] of resultNames(paths, { stem: false, ending: '.jpg' }).entries()) {
    const [image, target] = [images[i]!, path.join(folder, name)];
    if (image.status === 'failed') {
      await rm(target, { force: true });
      continue;
    }
    overlays.push({ image, target });
    if (changed === null) continue;
    const why = said(changed === 'long' ? 'loss.shortened' : 'loss.sameName', { name });
    result.losses.push(lossOf(image.path, 'renamed', why));
  }
  return overlays;
}

/** The overlay as a file's bytes; null where it is there already. */
async function drawUnlessThere({ image, target }: Overlay, classes: readonly string[]): Promise<Uint8Array | null> {
  const tag = tagOf(image, classes);
  if ((await readComment(target)) === tag) return null;
  const { file, size, modified, detections } = image;
  const now = await stat(file).catch((error: unknown) => {
    throw fromFileError(error, file);
  });
  if (now.size !== size || now.mtimeMs !== modified) throw saying('image-unreadable', 'detect.changedSince', { file });
  const picture = await decodeImage(file);
  return addComment(await drawBoxes(picture, detections, { classes, format: 'jpeg' }), tag);
}

/** What an overlay was drawn from, as the comment in it. */
function tagOf({ size, modified, detections }: SweptImage, classes: readonly string[]): string {
  const drawn = detections.map(({ box, classId, score }) => [box, classes[classId], score]);
  const hash = createHash('sha256').update(JSON.stringify([drawing, size, modified, drawn]));
  return `TTFNet Studio ${hash.digest('hex')}`;
}

async function write(target: string, bytes: Uint8Array): Promise<void> {
  await makeFolder(path.dirname(target));
  await writeFileAtomic(target, bytes);
}
