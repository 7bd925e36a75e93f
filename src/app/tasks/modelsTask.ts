// The models that are at hand or can be had: base network, published weights, files that were added.
import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, StudioError } from '../../shared/errors.ts';
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

/** Weight files of a folder; none where it isn't there yet. Unfinished downloads (`.part`, `.part.json`) are no files yet. */
async function filesIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  if (!statSync(folder).isDirectory())
    throw new StudioError('argument-invalid', `${folder} is not a folder. Choose another one.`);
  const names = await readdir(folder).catch((error: unknown) => {
    throw fromFileError(error, folder);
  });
  return names.filter((name) => !/\.part(\.json)?$/.test(name)).sort();
}

/**
 * Lists models; touches no network.
 * @param folder where downloads and added files lie
 * @throws argument-invalid, file-permission when the folder is none or can't be read, model-invalid when the list of published weights is damaged
 */
export async function listModels(folder: string): Promise<ModelsList> {
  const files = await filesIn(folder);
  const index = await readModelIndex(indexFile());
  return {
    base: baseModelName,
    published: index.map((entry) => ({ ...entry, here: files.includes(entry.file) })),
    files,
  };
}

/**
 * Downloads published weights by name: the one thing in this program that asks the network, and only when told to.
 * @returns the file's path
 * @throws argument-invalid listing the names there are, and what {@link download} throws
 */
export async function getModel(name: string, folder: string, options: DownloadOptions): Promise<string> {
  return download(findModel(await readModelIndex(indexFile()), name), folder, options);
}

/** Takes a weights file from disk into the models folder. @throws as {@link addFile} */
export async function addModel(file: string, folder: string): Promise<AddedFile> {
  return addFile(file, folder, await readModelIndex(indexFile()));
}
