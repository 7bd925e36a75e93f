// Reads a dataset for a task: format found or given, splits chosen.
import type { Dataset } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { openDataset, type OpenOptions } from '../../core/dataset/openDataset.ts';
import {
  choiceFindings,
  chooseSplits,
  imagesOfSplit,
  type SplitChoice,
  type SplitsMade,
} from '../../core/dataset/splits.ts';
import { readImageInfo } from '../../core/image/source.ts';
import type { RunLabels } from '../../core/train/runFolder.ts';
import { projectFileOf } from './projectAccess.ts';
import { readProject } from './projectExport.ts';

/** What a person says about a dataset on the command line or in the app. */
export interface DatasetRequest extends Omit<OpenOptions, 'readSize'> {
  folder: string;
}

/** A dataset as read, and what was lost on the way. */
export interface ReadDataset {
  dataset: Dataset;
  report: LossReport;
  format: string;
  /** What was made by content; a project has its own splits. */
  splitsMade?: SplitsMade;
}

/**
 * Reads a dataset, sizes of images included. A folder with a project gives the project's labels, unless the request names a format or
 * folders: then the files are meant.
 * @throws dataset-format-unknown, dataset-empty, annotation-invalid, project-damaged, file errors
 */
export async function readDataset({ folder, ...options }: DatasetRequest): Promise<ReadDataset> {
  const { format, images, annotations } = options;
  const filesMeant = format !== undefined || images !== undefined || annotations !== undefined;
  if (!filesMeant && projectFileOf(folder) !== null) return readProject(folder);
  return openDataset(folder, { ...options, readSize: (file) => readImageInfo(file) });
}

/** The labels of a run: the chosen splits and what reading them found. `monitor` names a split that is measured but never used to choose. */
export function labelsOfRun(
  { dataset, report, splitsMade }: ReadDataset,
  splits: SplitChoice & { monitor?: string },
): RunLabels {
  const { train, val } = chooseSplits(dataset, splits);
  return {
    classes: dataset.classes,
    imageRoot: dataset.imageRoot,
    train,
    val,
    monitor: splits.monitor === undefined ? null : imagesOfSplit(dataset, splits.monitor),
    findings: [...report.losses, ...choiceFindings(dataset, splits, splitsMade)],
  };
}
