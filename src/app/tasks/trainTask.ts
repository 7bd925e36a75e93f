// Training from a dataset folder to a run with its report.
import { StudioError } from '../../shared/errors.ts';
import type { SplitChoice } from '../../core/dataset/splits.ts';
import { makeConfig, type TrainConfig } from '../../core/train/config.ts';
import { writeRunReport } from '../../core/train/report.ts';
import type { TrainOptions } from '../../core/train/events.ts';
import { resumeTraining, startTraining } from '../../core/train/trainer.ts';
import { labelsOfRun, readDataset, type DatasetRequest } from './readDataset.ts';

/** What to train on, with which settings, into which folder. */
export interface TrainRequest {
  /** Null only when resuming. */
  data: DatasetRequest | null;
  splits: SplitChoice & { monitor?: string };
  settings: Partial<TrainConfig>;
  out: string;
  resume: boolean;
}

/** A finished run. */
export interface TrainOutcome {
  run: string;
  report: string;
  /** Sentences about the dataset. */
  warnings: readonly string[];
}

/**
 * Trains, or goes on with a run, and writes the report.
 * @param onWarnings called with sentences about the dataset before training starts
 * @throws as startTraining and resumeTraining
 */
export async function trainTask(
  request: TrainRequest,
  options: TrainOptions,
  onWarnings: (warnings: readonly string[]) => void = () => undefined,
): Promise<TrainOutcome> {
  if (request.resume) {
    const run = await resumeTraining(request.out, options);
    return { run: run.root, report: await writeRunReport(run.root), warnings: [] };
  }
  if (!request.data)
    throw new StudioError(
      'argument-invalid',
      'Name the folder of the dataset to train on, or continue a run with --resume.',
    );
  const config = makeConfig(request.settings);
  const labels = labelsOfRun(await readDataset(request.data), request.splits);
  onWarnings(labels.warnings);
  const run = await startTraining(request.out, config, labels, options);
  return { run: run.root, report: await writeRunReport(run.root), warnings: labels.warnings };
}
