// English sentences of the host: models, processors, detection, evaluation.

/** Sentences by key. */
export const models = {
  'model.gone': 'The model {model} is not in this project (any more). Choose another one.',
  'model.wrongClasses': 'The model knows none of the classes {classes}; it knows {known}. Use a model trained on them.',
  'model.outside':
    '“{name}” names a file outside of this project ({file}), so it is left alone. Import the model again.',
  'model.baseName': 'The base model keeps its name. Rename a run or an import.',
  'model.baseStays': 'The base model is part of the program and stays.',
  'model.baseMissing': 'The weights of the base model are missing. Install the program again.',
  'model.boxesOnly': '{model} gives boxes only, no heatmap. Choose the run it was exported from.',
  'model.exported':
    "{model} is an exported model: its weights can't be trained or exported again. Use the run it came from.",
  'model.noBoxes': '{file} has no boxes to give. Export it again with boxes as its outputs.',
  'model.noCheckpoint':
    '{folder} has no checkpoint: it is no run, or training ended before its first one. Choose another folder or train again.',
  'model.noHeads':
    "{model} has no heads yet: it can start training, but it can't detect. Train it, or use a whole checkpoint.",
  'model.lacksWeights': '{model} lacks weights of {network}, or has them in another shape. Use another checkpoint.',
  'model.newer':
    '{file} was written by a newer TTFNet Studio (format {version}, this one reads {most}). Update the program.',
  'model.stranger':
    '{file} is not a model of TTFNet Studio: it has no description of network and classes. Choose a checkpoint of a run, or an .onnx file that this program exported.',
  'model.strangeWeights':
    '{file} is no TTFNet and no backbone of one. Use a checkpoint of TTFNet-18, -34 or -53, or a ResNet-18, ResNet-34 or DarkNet-53 backbone.',
  'model.notFound': 'There is no model {model}. Choose another one.',
  'model.notWeights':
    '{file} is no weight file that can be read. Readable are PyTorch .pth, .safetensors and TensorFlow.js graph models (.json).',
  'model.damaged': '{file} is damaged or was not copied completely. Copy or download it again.',
  'model.notOnnx':
    "{model} can't be loaded as an ONNX model. Choose a model that this program exported or another valid .onnx file.",
  'runtime.failed': 'The model {model} failed while it computed: {detail}. Check the free memory and try again.',
  'provider.cannot':
    'The processor "{provider}" can\'t be used here: {reason}. Choose "auto" or "cpu", or install what it needs.',
  'provider.absent': "this build of ONNX Runtime for {platform} {arch} doesn't have it",
  'provider.wrong': 'it computed 1*3 + 2*4 = {sum}, which is wrong',
  'provider.library': 'the library {library} is missing',
  'provider.noDevice': 'no device for it was found on this machine',
  'provider.failed': 'it could not be started ({detail})',
  'provider.reason': '{provider}: {reason}',
  'provider.slower': '{provider}: works, but computes no faster than the CPU',
  'telemetry.off': 'ONNX Runtime reports nothing to its maker.',
  'telemetry.on':
    'ONNX Runtime reports to its maker, because ORT_DISABLE_TELEMETRY is "{value}". Set it to 1, or remove it, and start the program again.',
  'telemetry.system':
    'ONNX Runtime sends nothing itself; Windows may collect its events and send them, as its own diagnostic settings allow.',
  'job.gone': 'This detection job is gone. Read the list again.',
  'job.running': 'This job is running. Cancel it first.',
  'job.busyDetecting': 'Detection is running over a folder.',
  'job.busyTraining': 'A training run is under way.',
  'detect.noPictures': 'There are no pictures ({endings}) in {paths}.',
  'detect.noPicturesHere': 'There are no pictures ({endings}) in {paths}. Include its sub-folders, or add another one.',
  'detect.noneFits': 'None of {count} {count|picture|pictures} fits {patterns}. Change the patterns.',
  'detect.outUsed':
    '{folder} is not empty ({count} {count|file or folder|files and folders}), and what is there is not of an earlier detection. Choose a new or empty folder.',
  'detect.outOfOthers':
    '{folder} has the results of other pictures, {file} for one: theirs would be lost. Choose another folder, or detect on those pictures as well.',
  'detect.anewTrained':
    'The model {model} has changed since: {count} {count|result is|results are} made anew. The earlier ones are in {kept}.',
  'detect.anewModel':
    'The earlier results are of another model: with {model}, {count} {count|is|are} made anew. The earlier ones are in {kept}.',
  'detect.anewScore':
    'The earlier results were made with a higher threshold: with {model}, {count} {count|is|are} made anew. The earlier ones are in {kept}.',
  'detect.anewVersion':
    "An earlier version made the results that are there, without a note of the model's weights: with {model}, {count} {count|is|are} made anew. The earlier ones are in {kept}.",
  'detect.changedSince': '{file} has been changed since detection; its boxes are not drawn. Detect on it again.',
  'detect.format': '"{format}" is not a format of results. Choose from {formats}.',
  'detect.fileGone': 'This job has no such file (any more).',
  'evaluation.gone': 'This evaluation is gone. Run it again.',
  'evaluation.noImages': 'No image of this part ({split}) is labelled. Label some, or choose another part.',
  'word.image': 'image',
  'word.model': 'model',
  'word.detection': 'detection',
  'word.training': 'training',
  'word.train': 'training',
  'word.monitor': 'monitored',
  'word.val': 'validation',
  'word.test': 'test',
  'word.all': 'all',
  'word.polygon': 'polygon',
  'word.polyline': 'polyline',
  'word.circle': 'circle',
  'word.ellipse': 'ellipse',
  'word.mask': 'mask',
  'word.line': 'line',
  'word.linestrip': 'line strip',
  'word.point': 'point',
  'word.points': 'points',
} as const satisfies Record<string, string>;
