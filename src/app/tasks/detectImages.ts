// The pictures to detect on: files, folders, and the images of a project.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { findImages, unlikeNames, type FoundImage, type FoundImages } from '../../core/detect/findImages.ts';
import type { Project } from '../../core/store/project.ts';
import { projectFileOf, withProject } from './projectAccess.ts';

/**
 * Lists pictures; a folder that has a project stands for the project's images, sub-folders and missing ones included.
 * @throws as findImages and withProject
 */
export async function findDetectImages(paths: readonly string[], recursive: boolean): Promise<FoundImages> {
  const projects = paths.filter((given) => projectFileOf(given) !== null);
  if (projects.length === 0) return findImages(paths, recursive);
  const plain = paths.filter((given) => !projects.includes(given));
  const { images, passedOver } = plain.length > 0 ? await findImages(plain, recursive) : { images: [], passedOver: [] };
  for (const project of projects) images.push(...(await withProject(project, 'read', imagesOf)));
  return { images: unlikeNames(images), passedOver };
}

async function imagesOf(project: Project): Promise<FoundImage[]> {
  const rows = project.images([...project.find.ids()]);
  const found: FoundImage[] = [];
  for (const row of rows) {
    const file = path.join(project.root, row.path);
    const info = await stat(file).catch(() => null); // listed all the same: detection says of each file what is wrong
    found.push({ file, path: row.path, size: info?.size ?? 0, modified: info?.mtimeMs ?? 0 });
  }
  return found;
}
