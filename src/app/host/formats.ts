// Annotations in and out of an open project, by the table of dataset formats.
import {
  formatNames,
  writtenFormatNames,
  type FormatName,
  type WrittenFormatName,
} from '../../core/dataset/adapter.ts';
import { isWritten } from '../../core/dataset/formats.ts';
import { writeDataset } from '../../core/dataset/writeDataset.ts';
import type { ImportReport } from '../../shared/contract/common.ts';
import type { FoundAnnotations } from '../../shared/contract/project.ts';
import { StudioError } from '../../shared/errors.ts';
import { finishedStatuses, type Split } from '../../shared/labels.ts';
import { inEnglish } from '../../shared/said.ts';
import { toReport } from '../handlers/convert.ts';
import { keepBeside } from '../tasks/findings.ts';
import { saveAnnotations } from '../tasks/projectImport.ts';
import type { Workers } from '../worker/workers.ts';
import { inspectLabels, withLabels } from './labelReading.ts';
import type { OpenProject } from './openProject.ts';
import type { Task } from './work.ts';

/** A format's name that came over the contract. Error: `argument-invalid` naming the formats. */
export function formatNamed(key: string): FormatName {
  const name = formatNames.find((known) => known === key);
  if (name) return name;
  throw new StudioError('argument-invalid', `"${key}" is not a format. Choose one of ${formatNames.join(', ')}.`);
}

/** As {@link formatNamed}, for a format to write. Error: `argument-invalid` naming those that are written. */
function writtenFormatNamed(key: string): WrittenFormatName {
  const name = formatNamed(key);
  if (isWritten(name)) return name;
  const choice = writtenFormatNames.join(', ');
  throw new StudioError('argument-invalid', `${name} is read, not written. Choose one of ${choice}.`);
}

/** The formats that a folder's annotations look like, the likeliest first, and how many images are there. */
export async function inspectFolder(
  workers: Workers,
  folder: string,
  signal: AbortSignal,
): Promise<{ images: number; annotations: FoundAnnotations[] }> {
  const { images, found } = await inspectLabels(workers, folder, signal);
  const annotations = found.map(({ format, looksFor }) => ({
    ...{ format, path: folder },
    ...{ evidence: inEnglish(looksFor), evidenceSaid: looksFor },
  }));
  return { images, annotations };
}

/** Reads annotations into a project as one step for undo. */
export async function importInto(
  open: OpenProject,
  workers: Workers,
  { folder, format }: { folder: string; format: string },
  { signal, report }: Task,
): Promise<ImportReport> {
  const source = { folder, format: formatNamed(format) };
  const reading = {
    ...source,
    ...{ images: open.store.root, signal },
    onProgress: (done: number, total: number) => report({ phase: 'read', done, total }),
  };
  const saving = {
    ...{ who: open.person.who, facts: open.facts, signal },
    onProgress: (_phase: string, done: number, total: number) => report({ phase: 'import', done, total }),
  };
  const imported = await withLabels(workers, reading, (opened) => saveAnnotations(open.store, opened, source, saving));
  open.changed('images');
  open.changed('classes');
  const { boxes, duplicates } = imported.added;
  return toReport({ ...imported.report, boxes: boxes + duplicates }, imported.findingsFile);
}

/** Writes a project's labels into an empty or new folder. */
export async function exportFrom(
  open: OpenProject,
  { folder, format, splits }: { folder: string; format: string; splits: readonly Split[] | undefined },
  { signal, report }: Task,
): Promise<ImportReport> {
  const dataset = open.store.view({ statuses: finishedStatuses, ...(splits ? { splits } : {}) });
  const written = await writeDataset(writtenFormatNamed(format), dataset, folder, {
    signal,
    onProgress: ({ done, total }) => report({ phase: 'write', done, total }),
  });
  return toReport(written, await keepBeside(folder, written.losses));
}
