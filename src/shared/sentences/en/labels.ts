// English sentences of the host: images, classes, boxes.

/** Sentences by key. */
export const labels = {
  'image.unreadable': "{file} can't be read as an image: {why}. Replace the file or leave it out.",
  'image.whyFormat': 'its content is none of {formats}',
  'image.whyCut': 'it is damaged or was not copied completely',
  'image.undecodable': 'The image is damaged or was not copied completely. Replace the file or leave it out.',
  'image.empty': '{file} is empty (0 bytes). Replace the file or leave it out.',
  'image.tooLarge':
    '{file} has {width}x{height} pixels ({megapixels} megapixels); the limit is {most} megapixels. Scale it down or cut it into tiles.',
  'image.tooLong': '{file} has {width}x{height} pixels; no side may have more than {most}. Cut it into tiles.',
  'image.memory':
    '{file} would take {size} MB of memory; the limit is {most} MB. Save it with 8 bits per channel, scale it down or cut it into tiles.',
  'image.gone': 'Image {image} is not in this project (any more). Read the list again.',
  'image.outside': "{file} lies outside the project's folder.",
  'heatmap.gone': 'This heatmap is no longer kept. Turn the overlay off and on again.',
  'class.gone': 'Class {id} is not in this project (any more). Choose one of its classes.',
  'class.nameless': 'A class needs a name. Type one.',
  'class.exists': 'There is already a class "{name}". Choose another name, or merge.',
  'class.tooMany': 'A project holds at most {most} classes. Delete or merge some first.',
  'class.colour': '"{color}" is not a colour: write it like #3366cc.',
  'class.key': '"{key}" can\'t be a hotkey: use 1 to 9 or 0.',
  'box.gone': 'Box {id} is not on this image (any more). Read it again.',
  'box.noArea':
    'A box from {corners} has no area inside the image of {width} x {height} pixels. Draw it over the image.',
  'text.unstorable':
    '"{text}" holds a character that can\'t be kept (a NUL, or half of a surrogate pair). Type it again without.',
} as const satisfies Record<string, string>;
