// The models that are at hand or can be had: base network, published weights, files that were added.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { addFile, type AddedFile } from '../../core/download/addFile.ts';
import { download, type DownloadOptions } from '../../core/download/download.ts';
import { findModel, readModelIndex, type ModelEntry } from '../../core/download/modelIndex.ts';
import { baseModelName } from '../../core/model/openModel.ts';

/** What `models` lists. */
export interface ModelsList {
  /** Name of the network that is always there. */
  base: string;
  /** Published weights; `here` when they were downloaded or added. */
  published: (ModelEntry & { here: boolean })[];
  /** Files in the models folder. */
  files: string[];
}

/** Path of the index of published weights, found upwards from this module: beside the sources and in the built program. */
function indexFile(): string {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'resources', 'models.json');
    if (existsSync(file)) return file;
    if (folder === path.dirname(folder))
      throw new StudioError('file-missing', 'resources/models.json is missing. Install the program again.');
  }
}

/** Lists models; touches no network. @param folder where downloads and added files lie */
export async function listModels(folder: string): Promise<ModelsList> {
  const files = await readdir(folder).catch(() => [] as string[]); // no folder yet: nothing was added
  const index = await readModelIndex(indexFile());
  return {
    base: baseModelName,
    published: index.map((entry) => ({ ...entry, here: files.includes(entry.file) })),
    files,
  };
}

/** Downloads published weights by name: the one thing in this program that asks the network, and only when told to. @returns the file's path */
export async function getModel(name: string, folder: string, options: DownloadOptions): Promise<string> {
  return download(findModel(await readModelIndex(indexFile()), name), folder, options);
}

/** Takes a weights file from disk into the models folder. */
export async function addModel(file: string, folder: string): Promise<AddedFile> {
  return addFile(file, folder, await readModelIndex(indexFile()));
}
