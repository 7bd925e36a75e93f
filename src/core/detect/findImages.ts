// Finds the pictures among files and folders that a person names.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, reasonIn, StudioError, toldBy } from '../../shared/errors.ts';
import { imageEndings, isImageName } from '../../shared/imageFiles.ts';
import { said } from '../../shared/said.ts';
import { requireInput } from '../files/outputMarker.ts';
import { walkFolder, type PassedOver } from '../files/walk.ts';

/** A picture to work on. */
export interface FoundImage {
  /** Absolute path. */
  file: string;
  /** Path relative to the folder it was found in, `/` as separator: how results name it. */
  path: string;
  /** Bytes and last change in milliseconds, by which a later sweep knows that it is unchanged. */
  size: number;
  modified: number;
}

/** Pictures, and what was left out while looking for them, by absolute path. */
export interface FoundImages {
  images: FoundImage[];
  passedOver: PassedOver[];
}

/**
 * Lists pictures: files as they are named, folders by their endings, in natural order.
 * @param recursive also look into sub-folders
 * @throws file-missing, file-permission naming the path; argument-invalid for results of this program; dataset-empty when there is no
 * picture at all
 */
export async function findImages(paths: readonly string[], recursive: boolean): Promise<FoundImages> {
  const found: FoundImage[] = [];
  const passedOver: PassedOver[] = [];
  for (const given of paths) {
    const root = path.resolve(given);
    const info = await stat(root).catch((error: unknown) => {
      throw fromFileError(error, given);
    });
    if (info.isDirectory()) found.push(...(await listFolder(root, recursive, passedOver)));
    else {
      await requireInput(path.dirname(root));
      found.push({ file: root, path: path.basename(root), size: info.size, modified: info.mtimeMs });
    }
  }
  if (found.length > 0) return { images: unlikeNames(found), passedOver };
  const hint = recursive ? '' : ' Use --recursive to look into its sub-folders.';
  const what = { endings: imageEndings.join(', '), paths: paths.join(', ') };
  throw new StudioError(
    'dataset-empty',
    `No pictures (${what.endings}) in ${what.paths}.${hint}`,
    undefined,
    said(recursive ? 'detect.noPictures' : 'detect.noPicturesHere', what),
  );
}

/** The pictures of a folder. One that can't be looked at is passed over. */
async function listFolder(root: string, recursive: boolean, passedOver: PassedOver[]): Promise<FoundImage[]> {
  await requireInput(root);
  const walked = await walkFolder(root, { recursive });
  passedOver.push(...walked.passedOver.map((left) => ({ ...left, path: path.join(root, left.path) })));
  const found: FoundImage[] = [];
  for (const { file, path: relative } of walked.files) {
    if (!isImageName(relative)) continue;
    try {
      const { size, mtimeMs: modified } = await stat(file);
      found.push({ file, path: relative, size, modified });
    } catch (error) {
      const reason = reasonIn(toldBy(fromFileError(error, file)));
      passedOver.push({ path: file, said: said('walk.unseen', { reason }) });
    }
  }
  return found;
}

/** A picture named twice is one; two of one relative path get names that differ. */
export function unlikeNames(found: readonly FoundImage[]): FoundImage[] {
  const files = new Map(found.map((image) => [image.file, image]));
  const taken = new Set<string>();
  return [...files.values()].map((image) => {
    let name = image.path;
    for (let i = 2; taken.has(name); i++) name = `${i}/${image.path}`;
    taken.add(name);
    return { ...image, path: name };
  });
}
