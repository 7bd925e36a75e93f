// Training from a dataset folder to a run with its report.
import { StudioError } from '../../shared/errors.ts';
import type { SplitChoice } from '../../core/dataset/splits.ts';
import { makeConfig } from '../../core/train/config.ts';
import { writeRunReport } from '../../core/train/report.ts';
import type { TrainOptions } from '../../core/train/events.ts';
import { resumeTraining, startTraining } from '../../core/train/trainer.ts';
import { labelsOfRun, readDataset, type DatasetRequest } from './readDataset.ts';
import { completeSettings, type SettingsRequest } from './trainSettings.ts';

/** What to train on, with which settings, into which folder. */
export interface TrainRequest extends SettingsRequest {
  /** Null only when resuming. */
  data: DatasetRequest | null;
  splits: SplitChoice & { monitor?: string };
  out: string;
  resume: boolean;
}

/** A finished run. */
export interface TrainOutcome {
  run: string;
  report: string;
}

/** Told before training starts. */
export interface TrainListener {
  /** Sentences about the settings that were chosen. */
  onNotes?: (notes: readonly string[]) => void;
}

/**
 * Trains, or goes on with a run, and writes the report.
 * @throws as startTraining and resumeTraining
 */
export async function trainTask(
  request: TrainRequest,
  options: TrainOptions,
  { onNotes }: TrainListener = {},
): Promise<TrainOutcome> {
  if (request.resume) {
    const run = await resumeTraining(request.out, options);
    return { run: run.root, report: await writeRunReport(run.root) };
  }
  if (!request.data)
    throw new StudioError(
      'argument-invalid',
      'Name the folder of the dataset to train on, or continue a run with --resume.',
    );
  const { settings, notes } = await completeSettings(request);
  const config = makeConfig(settings);
  onNotes?.(notes);
  const labels = labelsOfRun(await readDataset(request.data), request.splits);
  const run = await startTraining(request.out, config, labels, options);
  return { run: run.root, report: await writeRunReport(run.root) };
}
