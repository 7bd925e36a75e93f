// Labels of a project out: written in a format, or handed to another task as a dataset.
import type { WrittenFormatName } from '../../core/dataset/adapter.ts';
import { writeDataset } from '../../core/dataset/writeDataset.ts';
import type { ImageFilter } from '../../core/store/find.ts';
import type { Project } from '../../core/store/project.ts';
import { requireEmpty } from '../../core/files/outputFolder.ts';
import { StudioError } from '../../shared/errors.ts';
import { finishedStatuses, type Dataset, type Split } from '../../shared/labels.ts';
import { lossOf, type Loss, type LossReport } from '../../shared/lossReport.ts';
import { keepBeside } from './findings.ts';
import { asCancelled, withProject, type ProjectTaskOptions } from './projectAccess.ts';

/** What to write. */
export interface ExportRequest {
  to: WrittenFormatName;
  /** A new or empty folder. */
  out: string;
  images: 'copy' | 'link' | 'none';
  /** Only images of this split. */
  split?: Split | undefined;
  rawCsv: boolean;
}

/** The finished images of a split, or of all. */
const finishedOf = (split?: Split): ImageFilter => ({
  statuses: finishedStatuses,
  ...(split === undefined ? {} : { splits: [split] }),
});

/** @throws StudioError dataset-empty with what to do */
function requireLabels(project: Project, dataset: Dataset, split?: Split): Dataset {
  if (dataset.images.length > 0) return dataset;
  const where = split === undefined ? '' : ` in its split ${split}`;
  throw new StudioError(
    'dataset-empty',
    `The project ${project.file} has no labelled image${where}. Label some in the app, or take labels in with "ttfnet-studio project import ${project.root}".`,
  );
}

/** Writes a project's labels. @throws StudioError argument-invalid for a folder that isn't empty, dataset-empty, disk-full, file-permission, cancelled */
export async function exportTask(
  target: string,
  { to, out, images, split, rawCsv }: ExportRequest,
  { signal, onProgress }: ProjectTaskOptions = {},
): Promise<{ written: LossReport; imageRoot: string; findingsFile: string | null }> {
  await requireEmpty(out);
  return withProject(target, 'read', async (project) => {
    const dataset = requireLabels(project, project.view(finishedOf(split)), split);
    const written = await writeDataset(to, dataset, out, {
      images,
      rawCsv,
      ...(signal ? { signal } : {}),
      onProgress: ({ done, total }) => onProgress?.('images', done, total),
    });
    return { written, imageRoot: project.root, findingsFile: await keepBeside(out, written.losses) };
  }).catch((error: unknown) => {
    throw asCancelled(error, `Stopped. Nothing was written to ${out}; run the same command again to export.`);
  });
}

/** Things about an opening that who reads the labels must know: that an older backup is shown, or that edits may be missing. */
function openingLosses({ file, noticesSaid, readOnlySaid, shownBackup }: Project): Loss[] {
  const worth = shownBackup ? noticesSaid : noticesSaid.filter((notice) => notice !== readOnlySaid);
  return worth.map((notice) => lossOf(file, 'unreadable', notice));
}

/** A project's labels as a dataset, splits included, with the report of reading it. Works beside the app that has it open. */
export function readProject(target: string): Promise<{ dataset: Dataset; report: LossReport; format: string }> {
  return withProject(target, 'read', (project) => {
    // As they were at one moment, though somebody may be editing: what the run is tied to.
    const labels = project.toDataset({ filter: finishedOf(), at: project.snapshot });
    const dataset = requireLabels(project, labels);
    const { images } = dataset;
    const report: LossReport = {
      format: 'project',
      files: 1,
      images: images.length,
      negatives: images.filter(({ annotations }) => annotations.length === 0).length,
      boxes: images.reduce((sum, { annotations }) => sum + annotations.length, 0),
      losses: openingLosses(project),
    };
    return { dataset, report, format: 'project' };
  });
}
