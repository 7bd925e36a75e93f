// Imports a weight file from disk into the models folder: read through once, so that only usable files get in.
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fromFileError, StudioError } from '../../shared/errors.ts';
import { makeFolder } from '../files/makeFolder.ts';
import type { WeightsKind } from '../weights/readWeights.ts';
import { readWeights, sniffWeights } from '../weights/readWeights.ts';
import { sha256Of } from './checksum.ts';
import type { ModelEntry } from './modelIndex.ts';

/** A file that is now in the models folder. */
export interface AddedFile {
  /** Its path there. */
  readonly file: string;
  readonly kind: WeightsKind;
  /** Number of tensors. */
  readonly tensors: number;
  /** The published weights that it is, by its checksum. */
  readonly entry: ModelEntry | null;
}

async function targetIn(folder: string, source: string, hash: string): Promise<{ target: string; there: boolean }> {
  const target = path.join(folder, path.basename(source));
  const exists = await stat(target).then(
    () => true,
    () => false,
  );
  if (exists && (await sha256Of(target)) !== hash)
    throw new StudioError(
      'argument-invalid',
      `${folder} already has another file named ${path.basename(source)}. Rename the new file and add it again.`,
    );
  return { target, there: exists };
}

/** Copies to a temporary name and renames once the bytes are on the disk: a crash leaves the whole file or none. */
async function copyDurably(source: string, target: string): Promise<void> {
  const temporary = `${target}.part`;
  try {
    // Not copyFile: a read-only file would give a copy that can't be replaced.
    await pipeline(createReadStream(source), createWriteStream(temporary, { flush: true }));
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fromFileError(error, target);
  }
}

/**
 * Checks that `file` is a readable weight file and copies it into `folder` (made where it is missing).
 * @param index published weights, to recognise them by checksum
 * @throws model-invalid when it can't be read or is a TensorFlow.js model (several files; used from where it is), argument-invalid when
 * the folder has another file of that name, file-missing, file-permission, disk-full
 */
export async function addFile(file: string, folder: string, index: readonly ModelEntry[] = []): Promise<AddedFile> {
  if ((await sniffWeights(file)) === 'tfjs')
    throw new StudioError(
      'model-invalid',
      `${file} is a TensorFlow.js model, which has several files. Give its path where it is used instead of adding it.`,
    );
  const { kind, tensors } = await readWeights(file);
  const hash = await sha256Of(file);
  await makeFolder(folder);
  const { target, there } = await targetIn(folder, file, hash);
  if (!there) await copyDurably(file, target);
  const entry = index.find((e) => hash.startsWith(e.sha256)) ?? null;
  return { file: target, kind, tensors: tensors.size, entry };
}
