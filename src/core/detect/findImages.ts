// Finds the pictures among files and folders that a person names.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';

/** File-name endings of the pictures that can be read. */
export const imageExtensions: readonly string[] = ['.jpg', '.jpeg', '.png', '.webp', '.tif', '.tiff', '.bmp', '.gif'];

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

/**
 * Lists pictures: files as they are named, folders by their endings, in natural order.
 * @param recursive also look into sub-folders
 * @throws file-missing, file-permission naming the path; dataset-empty when there is no picture at all
 */
export async function findImages(paths: readonly string[], recursive: boolean): Promise<FoundImage[]> {
  const found: FoundImage[] = [];
  for (const given of paths) {
    const root = path.resolve(given);
    const info = await stat(root).catch((error: unknown) => {
      throw fromFileError(error, given);
    });
    if (info.isDirectory()) found.push(...(await listFolder(root, root, recursive)));
    else found.push({ file: root, path: path.basename(root), size: info.size, modified: info.mtimeMs });
  }
  if (found.length > 0) return unique(found);
  const hint = recursive ? '' : ' Use --recursive to look into its sub-folders.';
  const what = { endings: imageExtensions.join(', '), paths: paths.join(', ') };
  throw new StudioError(
    'dataset-empty',
    `No pictures (${what.endings}) in ${what.paths}.${hint}`,
    undefined,
    said(recursive ? 'detect.noPictures' : 'detect.noPicturesHere', what),
  );
}

const collator = new Intl.Collator('en', { numeric: true });

async function listFolder(folder: string, root: string, recursive: boolean): Promise<FoundImage[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fromFileError(error, folder);
  });
  const found: FoundImage[] = [];
  for (const entry of entries.sort((a, b) => collator.compare(a.name, b.name))) {
    const full = path.join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory() && recursive) found.push(...(await listFolder(full, root, true)));
    if (!entry.isFile() || !imageExtensions.includes(path.extname(entry.name).toLowerCase())) continue;
    const info = await stat(full).catch(() => null); // gone since the folder was read
    if (info)
      found.push({
        file: full,
        path: path.relative(root, full).split(path.sep).join('/'),
        size: info.size,
        modified: info.mtimeMs,
      });
  }
  return found;
}

/** A picture named twice is one; two of one relative path from different folders keep their parent's name apart. */
function unique(found: readonly FoundImage[]): FoundImage[] {
  const files = new Map(found.map((image) => [image.file, image]));
  const taken = new Set<string>();
  return [...files.values()].map((image) => {
    let name = image.path;
    for (let i = 2; taken.has(name); i++) name = `${i}/${image.path}`;
    taken.add(name);
    return { ...image, path: name };
  });
}
