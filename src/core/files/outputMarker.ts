// Marks folders that this program wrote results into, so that they are never taken for somebody's pictures or labels.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { saying } from '../../shared/errors.ts';
import { makeFolder } from './makeFolder.ts';
import { writeFileAtomic } from './atomicWrite.ts';

/** Name of the file that marks a folder of results. Hidden, so that no tool of the field trips over it. */
export const outputMarker = '.ttfnet-output';

/** What a folder of results holds: labels that were exported or converted, detections, or a training run. */
export const outputKinds = ['labels', 'detections', 'run'] as const;

/** One of {@link outputKinds}. */
export type OutputKind = (typeof outputKinds)[number];

/** Makes the folder where it is missing, and marks it. @throws file-permission, disk-full */
export async function markOutput(folder: string, kind: OutputKind): Promise<void> {
  await makeFolder(folder);
  if ((await outputKindOf(folder)) === kind) return;
  const note = 'TTFNet Studio wrote this folder: it is left out when pictures or labels are looked for around it.';
  await writeFileAtomic(path.join(folder, outputMarker), `${JSON.stringify({ kind, note })}\n`);
}

/** What the folder's own marker says; null for a folder without one. A marker that can't be read counts as one of detections. */
export async function outputKindOf(folder: string): Promise<OutputKind | null> {
  const text = await readFile(path.join(folder, outputMarker), 'utf8').catch((error: unknown) => {
    return error instanceof Error && 'code' in error && error.code === 'EACCES' ? '' : null;
  });
  if (text === null) return null;
  return outputKinds.find((kind) => text.includes(`"${kind}"`)) ?? 'detections';
}

/**
 * Refuses a folder that lies in results of detection or of a training run: their pictures have boxes drawn on them, their boxes nobody
 * checked. Exported and converted labels are welcome.
 * @throws argument-invalid naming the marked folder and what to do
 */
export async function requireInput(folder: string): Promise<void> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const kind = await outputKindOf(at);
    if (kind === 'detections' || kind === 'run')
      throw saying('argument-invalid', `output.${kind}`, { folder: at, marker: outputMarker });
    if (kind !== null || at === path.dirname(at)) return;
  }
}
