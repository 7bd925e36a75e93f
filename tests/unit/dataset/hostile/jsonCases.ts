// Hostile JSON and CSV: COCO, LabelMe, tables.
import { many, one, type HostileCase, type HostileCases } from './cases.ts';

const image = '{"id":1,"file_name":"a.png","width":100,"height":80}';
const cat = '{"id":1,"name":"cat"}';
const coco = (annotations: string, categories = cat, images = image): string =>
  `{"images":[${images}],"categories":[${categories}],"annotations":[${annotations}]}`;
const box = (rest = ''): string => `{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,9,9]${rest}}`;
const json = (text: string, says: RegExp): HostileCase => one('labels.json', text, says, 'coco');
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const boxes = (count: number, step: number): string =>
  many(count, (i) => `{"image_id":1,"category_id":1,"bbox":[${i % 80},${i % 70},${1 + i * step},3]}`, ',');

/** COCO. */
export const cocoCases: HostileCases = {
  'a file name of 100,000 slashes': json(
    coco(box(), cat, `{"id":1,"file_name":"${'a/'.repeat(100_000)}b.png"}`),
    /dataset-empty/,
  ),
  'twelve thousand categories': json(
    coco(
      box(),
      many(12_000, (i) => `{"id":${i},"name":"c${i}"}`, ','),
    ),
    /names more than 10,000 classes/,
  ),
  'a category name of a million letters': json(
    coco(box(), `{"id":1,"name":"${'n'.repeat(1_000_000)}"}`),
    /has a name of 1,000,000 characters/,
  ),
  'an annotation nested 100,000 deep': json(coco(box(`,"x":${nested(100_000)}`)), /its parts lie within each other/),
  'an annotation nested 100,000 deep that is none': json(coco(`{"x":${nested(100_000)}}`), /its parts lie within/),
  'a million brackets': json(`{"images":${'['.repeat(1_000_000)}`, /a list where an object was expected/),
  'a million braces': json(`{"annotations":[${'{"a":'.repeat(1_000_000)}`, /its parts lie within each other/),
  'an entry of 40 MB': json(coco(box(`,"x":"${'x'.repeat(40_000_000)}"`)), /one entry has more than 32 MB/),
  'a string of 40 MB outside of all lists': json(
    `${coco(box()).slice(0, -1)},"info":"${'x'.repeat(40_000_000)}"}`,
    /1 boxes, 1 classes, 0 losses/,
  ),
  'an unended string': json(`{"images":[{"file_name":"${'\\"'.repeat(1_000_000)}`, /cut off|more than 32 MB/),
  'a mask of ten million runs': json(
    coco(`{"image_id":1,"category_id":1,"segmentation":{"size":[80,100],"counts":"${'0'.repeat(10_000_000)}"}}`),
    /annotation without image_id, category_id or box/,
  ),
  'runs of 1e308': json(
    coco('{"image_id":1,"category_id":1,"segmentation":{"size":[80,100],"counts":[1e308,1e308,1e308]}}'),
    /losses/,
  ),
  'a mask of height 0': json(
    coco('{"image_id":1,"category_id":1,"segmentation":{"size":[0,0],"counts":[1,5]}}'),
    /[1-9] losses|annotation-invalid/,
  ),
  'a number of ten million digits': json(
    coco(`{"image_id":1,"category_id":1,"bbox":[${'1'.repeat(10_000_000)},1,9,9]}`),
    /not a number/,
  ),
  'an id of 1e400': json(coco(box().replace('"image_id":1', '"image_id":1e400')), /image id Infinity/),
  'a hundred thousand broken annotations': json(coco(many(100_000, () => '{}', ',')), /100000 losses|dataset-empty/),
  'a hundred thousand pictures that are not there': json(
    coco(
      box(),
      cat,
      many(100_000, (i) => `{"id":${i},"file_name":"x${i}.png"}`, ','),
    ),
    /dataset-empty/,
  ),
  'names of prototypes': json(
    coco(box(), '{"id":1,"name":"__proto__"},{"id":2,"name":"constructor"}'),
    /1 boxes, 2 classes/,
  ),
  'two files that differ in 130,000 boxes': {
    files: { 'a.json': coco(boxes(10, 0.001)), 'b.json': coco(boxes(130_000, 0.0001)) },
    says: /130009 boxes/,
  },
  'escapes of a megabyte': json(coco(box(`,"x":"${'\\u0000'.repeat(200_000)}"`)), /1 boxes/),
};

const shape = (label: string, points = '[[1,1],[9,9]]'): string =>
  `{"label":"${label}","points":${points},"shape_type":"rectangle"}`;
const labelme = (shapes: string, more = '"imagePath":"a.png"'): string =>
  `{"version":"5.4.1","flags":{},"shapes":[${shapes}],${more},"imageWidth":100,"imageHeight":80}`;
const beside = (text: string, says: RegExp): HostileCase => one('a.json', text, says);

/** LabelMe. */
export const labelmeCases: HostileCases = {
  'nested 100,000 deep': beside(labelme(shape('cat'), `"x":${nested(100_000)}`), /its parts lie within each other/),
  'a shape nested 100,000 deep': beside(labelme(nested(100_000)), /its parts lie within each other/),
  'twelve thousand labels': beside(labelme(many(12_000, (i) => shape(`c${i}`), ',')), /names more than 10,000 classes/),
  'an image path of 100,000 slashes': beside(
    labelme(shape('cat'), `"imagePath":"${'a/'.repeat(100_000)}b"`),
    /boxes|missing/,
  ),
  'a shape of a million points': beside(
    labelme(shape('cat', `[${many(1_000_000, (i) => `[${i % 99},${i % 79}]`, ',')}]`)),
    /1 boxes/,
  ),
  'a picture of 40 MB inside': beside(labelme(shape('cat'), `"imageData":"${'A'.repeat(40_000_000)}"`), /1 boxes/),
  'a label of a million letters': beside(labelme(shape('n'.repeat(1_000_000))), /has a name of 1,000,000 characters/),
};

const header = 'filename,width,height,class,xmin,ymin,xmax,ymax';
const table = (rows: string, says: RegExp, head = header): HostileCase => one('labels.csv', `${head}\n${rows}\n`, says);
const rowOf = (name: string, rest = ''): string => `a.png,100,80,${name},1,1,9,9${rest}`;

/** CSV. */
export const csvCases: HostileCases = {
  'a quote without end': table(`"${'x'.repeat(40_000_000)}`, /dataset-empty|behind row 1|annotation-invalid/),
  'a row of a million columns': table(rowOf('cat', ',1'.repeat(1_000_000)), /1 boxes/),
  'a row of a hundred thousand splits': table(
    rowOf('cat', `,${many(100_000, (i) => `s${i}`, ';')}`),
    /is in more than 100 splits/,
    `${header},split`,
  ),
  'a number of ten million digits': table(rowOf('cat').replace(',9,9', `,${'1'.repeat(10_000_000)},9`), /not a number/),
  'twelve thousand classes': table(
    many(12_000, (i) => rowOf(`c${i}`), '\n'),
    /names more than 10,000 classes/,
  ),
  'a path of 100,000 slashes': table(rowOf('cat').replace('a.png', `${'a/'.repeat(100_000)}b.png`), /dataset-empty/),
  'a class of number 1e9': {
    files: { 'classes.csv': 'cat,1000000000\n', 'labels.csv': `${header}\n${rowOf('cat')}\n` },
    says: /1 boxes, 1 classes/,
  },
  'a header of ten megabytes': table(rowOf('cat'), /dataset|1 boxes/, `${header},${'x'.repeat(10_000_000)}`),
};
