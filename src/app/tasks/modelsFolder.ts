// Where downloaded and added weights lie, and what a person means by a name of published weights.
import { homedir } from 'node:os';
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { listModels } from './modelsTask.ts';

/** The folder unless another is given. */
export const defaultModelsFolder = path.join(homedir(), '.ttfnet-studio', 'models');

/**
 * A model reference with names of published weights replaced by the files they were downloaded to.
 * @throws file-missing for published weights that were not downloaded: nothing is downloaded unless told to
 */
export async function resolveModel(reference: string, folder: string): Promise<string> {
  const entry = (await listModels(folder)).published.find(({ name }) => name === reference);
  if (!entry) return reference;
  if (entry.here) return path.join(folder, entry.file);
  throw new StudioError(
    'file-missing',
    `${reference} (${entry.megabytes.toFixed(0)} MB) was not downloaded yet. Run \`ttfnet-studio models get ${reference}\`, or \`models add FILE\` if you have it.`,
  );
}

/**
 * The downloaded backbone of one of the paper's networks.
 * @throws file-missing when it was not downloaded
 */
export async function backboneOf(network: string, folder: string): Promise<string> {
  const entry = (await listModels(folder)).published.find((m) => m.kind === 'backbone' && m.network === network);
  if (entry?.here) return path.join(folder, entry.file);
  const name = entry?.name ?? 'a backbone';
  throw new StudioError(
    'file-missing',
    `${network} starts from the backbone ${name}, which was not downloaded yet. Run \`ttfnet-studio models get ${name}\` (or \`models add FILE\`), name another with --start, or begin from random weights: --start ${network}, or the schedule scratch.`,
  );
}
