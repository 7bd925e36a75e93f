// The list of weights that can be downloaded: data in resources/models.json, read and checked here.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fromFileError, StudioError } from '../../shared/errors.ts';

const entrySchema = z.strictObject({
  /** What people type. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  /** File name, in the cloud and on disk. */
  file: z.string().regex(/^[\w][\w.-]*$/),
  url: z.url({ protocol: /^https?$/ }),
  /** First characters of the file's SHA-256, in hexadecimal; published as the end of the file's name. */
  sha256: z.string().regex(/^[0-9a-f]{6,64}$/),
  /** Approximate size in millions of bytes, computed from the parameter count where the publisher does not say. */
  megabytes: z.number().positive(),
  network: z.enum(['ttfnet-18', 'ttfnet-34', 'ttfnet-53']),
  /** A whole detector, or only a backbone trained for classification. */
  kind: z.enum(['detector', 'backbone']),
  /** AP on COCO minival as published, in percent. */
  cocoAp: z.number().nullable(),
  licence: z.string().min(1),
});

/** Weights that can be downloaded. */
export type ModelEntry = z.infer<typeof entrySchema>;

/**
 * Reads the index of downloadable weights.
 * @param file path of resources/models.json
 * @throws model-invalid when it is damaged; file-missing
 */
export async function readModelIndex(file: string): Promise<ModelEntry[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fromFileError(error, file);
  });
  try {
    return z.array(entrySchema).parse(JSON.parse(text));
  } catch (error) {
    throw new StudioError('model-invalid', `${file} is damaged. Install the program again.`, error);
  }
}

/** The entry called `name`. @throws argument-invalid listing the valid names */
export function findModel(index: readonly ModelEntry[], name: string): ModelEntry {
  const entry = index.find((e) => e.name === name);
  if (entry) return entry;
  const valid = index.map((e) => e.name).join(', ');
  throw new StudioError('argument-invalid', `There is no model "${name}" to download. Valid are ${valid}.`);
}
