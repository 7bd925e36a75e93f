// English sentences of the host: formats of annotations, and files of them that can't be understood.

/** Sentences by key. */
export const datasets = {
  'looksFor.coco': 'a .json with lists of images, annotations and categories',
  'looksFor.cvat': 'an .xml with <annotations>',
  'looksFor.voc': '.xml files with <annotation>',
  'looksFor.labelme': '.json files with shapes',
  'looksFor.labelstudio': "a .json with a list of Label Studio's tasks",
  'looksFor.createml': 'a .json with a list of images and coordinates',
  'looksFor.yolo': 'a data.yaml with names, or .txt files of numbers named like the images',
  'looksFor.csv': 'a .csv with columns for image, class and corners',
  'dataset.unknownFormat':
    '{folder} has {images} {images|image|images} and {others} other {others|file|files}, but no annotations of a known format. {first} Check the folder.',
  'dataset.unreadable': 'Nothing of the {format} dataset in {folder} can be read. {first}',
  'dataset.noneFound': 'The {format} dataset in {folder} has no labelled image. There is no {wanted} in it.',
  'dataset.noImages':
    'The {format} dataset in {folder} has no labelled image: it holds no images. Choose their folder.',
  'dataset.noLabels':
    'The {format} dataset in {folder} has no labelled image. {first} Check that annotations and images belong together.',
  'dataset.finding': '{file}: {reason}.',
  'annotation.cocoList':
    '{file} has no list of {key}: what its images hold is unknown, so they are left out. Check how the list is called, and that it stands in [ ].',
  'annotation.cocoListTwice': '{file} has two lists of {key}: there is no telling which counts. Keep one.',
  'annotation.cocoOwner':
    '{file}: {detail}. It does not tell its image, so any image may miss a label: all of them are left out. Correct or remove this entry.',
  'annotation.json': '{file}, line {line}: not valid JSON ({detail}). Mend or export it again.',
  'annotation.xml': '{file}, line {line}: not valid XML ({detail}). Mend or export it again.',
  'annotation.yaml': '{file}: not valid YAML ({detail}). Mend it by hand.',
  'annotation.classes':
    '{file}: names more than {most} classes, the most that are possible. Leave out those that no label uses, and number them from 0.',
  'annotation.className':
    '{file}: the class "{name}" has a name of {length} characters; at most {most} are possible. Shorten it.',
  'annotation.nested': '{file}: its parts lie within each other more than {most} deep. Export it again.',
  'annotation.alias': "{file}: uses an alias (*name), which isn't read. Write out what it stands for.",
  'annotation.splits': '{file}: is in more than {most} splits. Keep those that matter.',
  'annotation.tooMuch':
    'The labels in {folder} took more memory or time than this machine has for them; reading was stopped and nothing was changed. Look there for a damaged or very large label file, and leave it out or split it up.',
  'annotation.encoding': '{file}: its encoding {encoding} is not known. Save it as UTF-8.',
  'annotation.labelme': '{file}: not a LabelMe file ({detail}). Export it again.',
  'odd.empty': '{file} is empty.',
  'odd.zip': '{file} is a ZIP archive: unpack it first.',
  'odd.gzip': '{file} is compressed (gzip): unpack it first.',
  'odd.archive': '{file} is an archive: unpack it first.',
  'odd.notText': '{file} is not text.',
  'odd.results': '{file} holds results of a detector, which need the dataset that they are about.',
  'odd.tool': '{file} is an export of {tool}, which is not read: export {instead} there.',
  'odd.list': '{file} holds a list: perhaps results of a detector, which need the dataset that they are about.',
  'odd.notJson': '{file} is not JSON.',
  'odd.columns': '{file} has the columns {columns}, but none for {first}.',
  'odd.lacks.image': 'the image',
  'odd.lacks.class': 'the class',
  'odd.lacks.corners': 'the corners of the box',
} as const satisfies Record<string, string>;
