// English: sentences of the host, by the keys of src/shared/said.ts.

/** Messages by key. */
export const said = {
  'said.value.image': 'image',
  'said.value.model': 'model',
  'said.value.detection': 'detection',
  'said.value.training': 'training',
  'said.value.train': 'training',
  'said.value.val': 'validation',
  'said.value.test': 'test',
  'said.value.all': 'all',
  'said.file.missing': '{file} does not exist. Check the path.',
  'said.file.notFolder': '{file} is not inside a folder. Check the path.',
  'said.file.denied': '{file} may not be accessed. Change its permissions or choose another place.',
  'said.file.readOnlyDisk': '{file} is on a read-only disk. Choose another place.',
  'said.file.isFolder': '{file} is a folder where a file was expected.',
  'said.disk.full':
    '{file} could not be written: the disk is full. Free some space and try again; nothing already written was changed.',
  'said.disk.quota': '{file} could not be written: the disk quota is used up. Free some space and try again.',
  'said.path.notChosen': '{file} was not chosen by you. Choose it in the dialog or drop it on the window first.',
  'said.path.outsideRoots':
    '{file} was not chosen by you. Only folders under {roots} may be used; start “serve” with --root FOLDER to allow more.',
  'said.folder.notEmpty': '{folder} holds {count} {count|file|files} already. Choose an empty or a new folder.',
  'said.project.notOpen': 'This project is not open (any more). Open it again from Home.',
  'said.project.heldBy':
    '{file} is being edited by another program (process {pid} on {host}, since {since}): it is open read-only here. Close it there to edit it here.',
  'said.image.gone': 'Image {image} is not in this project (any more). Read the list again.',
  'said.model.gone': 'The model {model} is not in this project (any more). Choose another one.',
  'said.model.wrongClasses':
    'The model knows none of the classes {classes}; it knows {known}. Use a model trained on them.',
  'said.job.gone': 'This detection job is gone. Read the list again.',
  'said.job.running': 'This job is running. Cancel it first.',
  'said.run.finished': '“{name}” has finished. Start a new run from it.',
  'said.run.training': '“{name}” is training. Stop it first.',
  'said.evaluation.gone': 'This evaluation is gone. Run it again.',
  'said.evaluation.noImages': 'No image of this part ({split}) is labelled. Label some, or choose another part.',
  'said.worker.stopped':
    'The {process} process stopped unexpectedly ({reason}). Labels are safe; it is started again when it is next needed.',
  'said.worker.silent':
    'The {process} process did not answer for {seconds} seconds. Labels are safe; it is started again when it is next needed.',
  'said.connection.lost': 'The connection to the program was lost. It reconnects by itself; repeat what you did last.',
  'said.ready.noClasses': 'There is no class yet. Add one and label some objects.',
  'said.ready.noLabels': 'No training image has a label yet. Label some images first.',
  'said.ready.classEmpty': '“{name}” has no box: it can’t be learnt.',
  'said.ready.classFew': '“{name}” has only {count} {count|box|boxes}; {least} or more work better.',
  'said.ready.fewImages': 'Only {count} training {count|image is|images are} labelled; more work better.',
  'said.ready.noValidation': 'No validation image is labelled: the best weights can only be guessed.',
  'said.ready.duplicates': 'Equal images lie in more than one of train, val and test: the results will flatter.',
};
