// The runs of a comparison: each in a folder of its own that is trained once, continued where it was stopped, and read as a curve.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import type { ComparedRun } from '../report/compare.ts';
import type { TrainConfig } from './config.ts';
import { labelsHash, RunFolder, runFiles, type RunLabels } from './runFolder.ts';
import { writeSetting } from './settingText.ts';
import type { TrainOptions } from './events.ts';
import { hasEnded } from './runState.ts';
import { resumeTraining, startChecked } from './trainer.ts';

/** How far the run in a folder is. */
export type RunProgress = 'new' | 'begun' | 'ended';

/**
 * Looks whether the run in `root` is there already.
 * @throws run-invalid naming what differs when the folder holds a run of other settings or labels
 */
export async function progressOf(root: string, config: TrainConfig, labels: RunLabels): Promise<RunProgress> {
  if (!(await stat(path.join(root, runFiles.config)).catch(() => null))) return 'new';
  const known = await RunFolder.open(root);
  const differing = differences(known.config, config);
  if (differing.length > 0)
    throw new StudioError(
      'run-invalid',
      `${root} was trained with other settings: ${differing.join(', ')}. Choose another --out, or give the settings it began with.`,
    );
  if (labelsHash(known.labels) !== labelsHash(labels))
    throw new StudioError(
      'run-invalid',
      `${root} was trained on other labels: the dataset or its splits have changed since. Choose another --out to compare on the new ones.`,
    );
  return (await hasEnded(known.run)) ? 'ended' : 'begun';
}

/** The settings that differ, as `name before instead of now`. */
function differences(before: TrainConfig, now: TrainConfig): string[] {
  return (Object.keys(now) as (keyof TrainConfig)[]).flatMap((key) => {
    const [name, was] = writeSetting(key, before[key]);
    const is = writeSetting(key, now[key])[1];
    return was === is ? [] : [`${name} ${was} instead of ${is}`];
  });
}

/** Trains a run on checked labels to its end, from the start or from its last checkpoint. @throws as startChecked and resumeTraining */
export const trainOn = (
  progress: RunProgress,
  root: string,
  config: TrainConfig,
  labels: RunLabels,
  options: TrainOptions,
): Promise<RunFolder> =>
  progress === 'new' ? startChecked(root, config, labels, options) : resumeTraining(root, options);

/** The evaluations of a run against epochs, parts of them included, and minutes of training. */
export async function curveOf(root: string): Promise<ComparedRun> {
  const { run, config, labels } = await RunFolder.open(root);
  const perEpoch = Math.ceil(labels.train.length / config.batch);
  const lines = await run.readMetrics();
  const epochs = lines.flatMap((line) =>
    line.type === 'epoch' && line.split === 'val'
      ? [{ epoch: line.step / perEpoch, minutes: line.trainSeconds / 60, ap: line.ap, ap50: line.ap50 }]
      : [],
  );
  return { seed: config.seed, epochs };
}
