// Annotations in and out of an open project, by the table of dataset formats.
import path from 'node:path';
import { formatNames, type FormatName } from '../../core/dataset/adapter.ts';
import { listFolder } from '../../core/dataset/folderFiles.ts';
import { formatOf } from '../../core/dataset/formats.ts';
import { detectFormats, openDataset } from '../../core/dataset/openDataset.ts';
import type { Dataset, LabelledImage } from '../../shared/labels.ts';
import type { Loss } from '../../shared/lossReport.ts';
import type { ImportReport } from '../../shared/contract/common.ts';
import type { FoundAnnotations } from '../../shared/contract/project.ts';
import { StudioError } from '../../shared/errors.ts';
import type { Split } from '../../shared/labels.ts';
import { toReport } from '../handlers/convert.ts';
import type { Workers } from '../worker/workers.ts';
import type { OpenProject } from './openProject.ts';
import type { Task } from './work.ts';

/** A format's name that came over the contract. Error: `argument-invalid` naming the formats. */
export function formatNamed(key: string): FormatName {
  const name = formatNames.find((known) => known === key);
  if (name) return name;
  throw new StudioError('argument-invalid', `"${key}" is not a format. Choose one of ${formatNames.join(', ')}.`);
}

/** The formats that a folder's annotations look like, the likeliest first, and how many images are there. */
export async function inspectFolder(folder: string): Promise<{ images: number; annotations: FoundAnnotations[] }> {
  const files = await listFolder(folder);
  const found = await detectFormats(files);
  const annotations = found.map(({ name, looksFor }) => ({ format: name, path: folder, evidence: looksFor }));
  return { images: files.images.length, annotations };
}

/** Reads annotations into a project as one step for undo. */
export async function importInto(
  open: OpenProject,
  workers: Workers,
  { folder, format }: { folder: string; format: string },
  { signal, report }: Task,
): Promise<ImportReport> {
  const { store } = open;
  const opened = await openDataset(folder, {
    format: formatNamed(format),
    fractions: null, // the project deals its images over the splits itself
    images: store.root,
    readSize: (file) => workers.pixels.call('size', { file }),
    signal,
    onProgress: ({ done, total }) => report({ phase: 'read', done, total }),
  });
  const losses: Loss[] = [];
  const result = await store.import(placed(opened.dataset, open, losses), {
    actor: { author: 'import', who: open.person.who, tool: `${opened.format} ${path.basename(folder)}` },
    facts: open.facts,
    label: path.basename(folder),
    signal,
    onProgress: (done, total) => report({ phase: 'import', done, total }),
  });
  for (const { file, reason } of result.unreadable) losses.push({ file, kind: 'unreadable', reason });
  open.changed('images');
  open.changed('classes');
  return toReport({ ...opened.report, boxes: result.boxes + result.duplicates, images: result.images }, losses);
}

/** The dataset's images under their paths in the project; those that lie elsewhere are lost, with the reason. */
function placed({ classes, imageRoot, images }: Dataset, open: OpenProject, losses: Loss[]): Dataset {
  const { root } = open.store;
  const inside: LabelledImage[] = [];
  for (const image of images) {
    const relative = path.relative(root, path.resolve(imageRoot, image.path));
    if (relative.startsWith('..') || path.isAbsolute(relative))
      losses.push({
        file: image.path,
        kind: 'missing-image',
        reason: `is not in the project's folder ${root}; left out`,
      });
    else inside.push({ ...image, path: relative.split(path.sep).join('/') });
  }
  return { classes, imageRoot: root, images: inside };
}

/** Writes a project's labels into an empty or new folder. */
export async function exportFrom(
  open: OpenProject,
  { folder, format, splits }: { folder: string; format: string; splits: readonly Split[] | undefined },
  { signal, report }: Task,
): Promise<ImportReport> {
  const statuses = ['labelled', 'reviewed'] as const;
  const dataset = open.store.toDataset({ filter: { statuses, ...(splits ? { splits } : {}) }, signal });
  const written = await formatOf(formatNamed(format)).write(dataset, folder, {
    signal,
    onProgress: ({ done, total }) => report({ phase: 'write', done, total }),
  });
  return toReport(written);
}
