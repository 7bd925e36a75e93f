// What a run is made of: the labels as they are now, the settings from preset and person, and what stands in the way.
import { makeConfig, presets, type TrainConfig } from '../../core/train/config.ts';
import type { RunLabels } from '../../core/train/runFolder.ts';
import type { TrainingConfig } from '../../shared/contract/index.ts';
import { finishedStatuses, type Split } from '../../shared/labels.ts';
import { said, type Said } from '../../shared/said.ts';
import type { OpenProject } from './openProject.ts';

/** A contract's readiness issue. */
export interface ReadinessIssue {
  severity: 'blocking' | 'warning';
  code:
    | 'no-classes'
    | 'no-labels'
    | 'class-empty'
    | 'class-few'
    | 'no-validation'
    | 'few-images'
    | 'duplicates-across-splits';
  message: string;
  said: Said;
  classId?: string;
}

const fewBoxes = 10;
const fewImages = 10;

const count = (open: OpenProject, split: Split) =>
  open.store.find.ids({ statuses: finishedStatuses, splits: [split] }).length;

/** What is missing for a good run; empty when all is well. */
export function readiness(open: OpenProject): ReadinessIssue[] {
  const classes = open.store.classes();
  const [train, val] = [count(open, 'train'), count(open, 'val')];
  const boxes = classes.reduce((sum, c) => sum + c.boxes, 0);
  const issues: ReadinessIssue[] = [];
  const add = (severity: ReadinessIssue['severity'], code: ReadinessIssue['code'], message: string, by: Said) =>
    issues.push({ severity, code, message, said: by });
  if (classes.length === 0)
    add(
      'blocking',
      'no-classes',
      'There is no class yet. Add one and label some objects.',
      said('ready.noClasses', {}),
    );
  else if (boxes === 0 || train === 0)
    add(
      'blocking',
      'no-labels',
      'No training image has a label yet. Label some images first.',
      said('ready.noLabels', {}),
    );
  for (const { id, name, boxes: own } of classes) {
    const known = issues.length;
    if (own === 0)
      add('warning', 'class-empty', `"${name}" has no box: it can't be learnt.`, said('ready.classEmpty', { name }));
    else if (own < fewBoxes) {
      const by = said('ready.classFew', { name, count: own, least: fewBoxes });
      add('warning', 'class-few', `"${name}" has only ${own} boxes; ${fewBoxes} or more work better.`, by);
    }
    for (const issue of issues.slice(known)) issue.classId = String(id);
  }
  if (train > 0 && train < fewImages)
    add(
      'warning',
      'few-images',
      `Only ${train} training images are labelled; more work better.`,
      said('ready.fewImages', { count: train }),
    );
  if (train > 0 && val === 0)
    add(
      'warning',
      'no-validation',
      'No validation image is labelled: the best weights can only be guessed.',
      said('ready.noValidation', {}),
    );
  if (open.store.exactDuplicates().some(({ acrossSplits }) => acrossSplits))
    add(
      'warning',
      'duplicates-across-splits',
      'Equal images lie in more than one of train, val and test: the results will flatter.',
      said('ready.duplicates', {}),
    );
  return issues;
}

/** The labels frozen for a run. */
export function runLabels(open: OpenProject): RunLabels {
  const { classes, imageRoot, images } = open.store.toDataset();
  const of = (split: Split) => images.filter(({ splits }) => splits?.includes(split));
  const val = of('val');
  return { classes, imageRoot, train: of('train'), val: val.length > 0 ? val : null, monitor: null, findings: [] };
}

/** The run's settings. Error: `argument-invalid` naming the setting. */
export function runSettings(config: TrainingConfig, start: string): TrainConfig {
  const { preset, inputSize, patience, epochs, minutes, batch, optimizer, learningRate, frozenStages } = config;
  const own = {
    epochs,
    minutes,
    batch,
    optimizer,
    learningRate,
    frozenStages,
    augment: config.augment,
    seed: config.seed,
  };
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return makeConfig({
    ...presets[preset],
    start,
    ...given,
    ...(inputSize === undefined ? {} : { width: inputSize, height: inputSize }),
    ...(patience === undefined ? {} : { patience: patience === 0 ? null : patience }),
  });
}

/** Number of labelled training and validation images. */
export function imageCounts(open: OpenProject): { train: number; val: number } {
  return { train: count(open, 'train'), val: count(open, 'val') };
}
