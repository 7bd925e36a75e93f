// English sentences of the host: readiness, training, runs.

/** Sentences by key. */
export const training = {
  'ready.noClasses': 'There is no class yet. Add one and label some objects.',
  'ready.noLabels': 'No training image has a label yet. Label some images first.',
  'ready.classEmpty': '“{name}” has no box: it can’t be learnt.',
  'ready.classFew': '“{name}” has only {count} {count|box|boxes}; {least} or more work better.',
  'ready.fewImages': 'Only {count} training {count|image is|images are} labelled; more work better.',
  'ready.noValidation': 'No validation image is labelled: the best weights can only be guessed.',
  'ready.duplicates': 'Equal images lie in more than one of train, val and test: the results will flatter.',
  'run.gone': 'Run {run} is not in this project (any more). Read the list again.',
  'run.finished': '“{name}” has finished. Start a new run from it.',
  'run.outside':
    '“{name}” names a folder outside of this project ({folder}), so it is left alone. Copy it into the project with its folder, or start a new run.',
  'run.training': '“{name}” is training. Stop it first.',
  'run.damaged': '{file} is damaged. Start a new run.',
  'run.record': 'The settings of the run “{name}” are damaged in the project file: it can’t go on. Start a new run.',
  'run.lacksFile': '{folder} is no run: it has no {file}. Check the path.',
  'run.noState': "{file} holds no training state: the run can't go on. Start a new one from it.",
  'run.lastDamaged':
    "{file} is damaged, so the run can't go on. Its best weights are whole: start a new run from {best}, or bring back a copy of the damaged file.",
  'run.lacksState': "The checkpoint lacks {key}: the run can't go on exactly. Start a new run from it.",
  'train.noImages': 'The training part has no images. Label some images first, or divide the parts anew.',
  'train.noBoxes': 'No training image has a box. Draw some boxes first, or check that the annotations were found.',
  'train.onlyIgnored':
    'All {count} boxes of the training images are difficult, crowds or to be ignored: there is nothing to learn from. Clear these marks, or label other objects.',
  'train.unreadable': 'None of the {count} training images can be read. The first: {first}',
  'train.diverged':
    'Training diverged: its numbers became infinite. The last good checkpoint is kept. Lower the learning rate (now {rate}) and start again.',
  'train.setting': "The setting {name} can't be {value}. Choose another value.",
} as const satisfies Record<string, string>;
