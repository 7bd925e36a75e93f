// Bad files, boxes and names: each reported with the file and what became of it, the rest read; nothing at all is an error.
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { readSize, tempFolder, writeTree } from './helpers.ts';

const object = (name: string, corners: (number | string)[]) =>
  `<object><name>${name}</name><bndbox><xmin>${corners[0]}</xmin><ymin>${corners[1]}</ymin><xmax>${corners[2]}</xmax><ymax>${corners[3]}</ymax></bndbox></object>`;
const voc = (objects: string, size = '<size><width>100</width><height>80</height></size>') =>
  `<annotation>${size}${objects}</annotation>`;

async function open(tree: Record<string, string>, options: { format?: 'voc' | 'coco' } = {}) {
  const folder = await tempFolder();
  await writeTree(folder, tree);
  const opened = await openDataset(folder, { readSize, ...options });
  const losses = opened.report.losses.map(({ file, kind, reason }) => `${kind} ${file}: ${reason}`);
  return { ...opened, losses };
}

describe('VOC', () => {
  it('reports every box that is cut, outside or empty, and keeps the good ones', async () => {
    const { dataset, losses } = await open({
      'a.jpg': '100x80',
      'a.xml': voc(
        [
          object('ok', [1, 1, 10, 10]),
          object('cut', [91, 1, 120, 10]),
          object('outside', [101, 1, 120, 10]),
          object('line', [10, 1, 9, 10]),
          object('reversed', [50, 1, 9, 10]),
          object('ok', [1, 1, 10, 10]),
        ].join(''),
      ),
    });
    expect(dataset.images[0]!.annotations).toEqual([
      { box: { x1: 0, y1: 0, x2: 10, y2: 10 }, classId: dataset.classes.indexOf('ok') },
      { box: { x1: 90, y1: 0, x2: 100, y2: 10 }, classId: dataset.classes.indexOf('cut') },
      { box: { x1: 8, y1: 0, x2: 50, y2: 10 }, classId: dataset.classes.indexOf('reversed') },
    ]);
    expect(losses.map((loss) => loss.split(':')[0])).toEqual([
      'clipped a.xml',
      'dropped a.xml',
      'zero-area a.xml',
      'guessed a.xml',
      'duplicate a.xml',
    ]);
    expect(losses[0]).toContain('"cut" reaches outside the image (100x80)');
  });

  it.each([
    ['letters for a number', object('letters', ['x', 1, 9, 10])],
    ['no name', object('', [1, 1, 9, 10])],
    ['no box', '<object><name>nobox</name></object>'],
  ])('leaves out an image with an object that has %s', async (_, bad) => {
    const { dataset, losses } = await open({
      'a.jpg': '100x80',
      'a.xml': voc(object('ok', [1, 1, 10, 10]) + bad),
      'b.jpg': '100x80',
      'b.xml': voc(object('ok', [1, 1, 10, 10])),
    });
    expect(dataset.images.map((image) => image.path)).toEqual(['b.jpg']);
    expect(losses.map((loss) => loss.split(':')[0])).toEqual(['unreadable a.xml', 'unreadable a.jpg']);
  });

  it('goes on behind damaged files, and names the line', async () => {
    const { dataset, losses } = await open({
      'a.jpg': '100x80',
      'a.xml': voc(object('ok', [1, 1, 10, 10])),
      'b.jpg': '100x80',
      'b.xml': '<annotation>\n<object>\n</annotation>',
      'c.jpg': '100x80',
      'c.xml': '',
      'd.jpg': 'text that is no image',
      'd.xml': voc('', ''),
      'e.xml': voc(''),
      'f.jpg': '100x80',
    });
    expect(dataset.images.map((image) => image.path)).toEqual(['a.jpg']);
    expect(losses.map((loss) => loss.split(':')[0]).sort()).toEqual([
      'missing-annotation f.jpg',
      'missing-image e.xml',
      'unreadable b.jpg',
      'unreadable b.xml',
      'unreadable c.jpg',
      'unreadable c.xml',
      'unreadable d.jpg',
    ]);
    expect(losses).toContainEqual(expect.stringMatching(/^missing-image e\.xml: no image e/));
    expect(losses).toContainEqual(expect.stringMatching(/^unreadable b\.xml: .*b\.xml, line 3: not valid XML/));
    expect(losses).toContainEqual(expect.stringMatching(/^unreadable b\.jpg: a part of its labels in b\.xml/));
    expect(losses).toContainEqual(expect.stringMatching(/^unreadable d\.jpg: .*is no image/));
  });

  it('takes the size from the image when the file has none, and only then', async () => {
    const { dataset } = await open({
      'a.jpg': '33x44',
      'a.xml': voc('', '<size><width>0</width><height>0</height></size>'),
    });
    expect(dataset.images[0]).toMatchObject({ width: 33, height: 44, annotations: [] });
  });

  it('tells of listed stems without annotation, and of two files for one image', async () => {
    const { losses, dataset } = await open({
      'JPEGImages/a.jpg': '100x80',
      'Annotations/a.xml': voc(''),
      'xmls/a.xml': voc(''),
      'ImageSets/Main/train.txt': 'a\nb\n',
      'ImageSets/Main/cat_train.txt': 'a -1\n',
    });
    expect(dataset.images[0]!.splits).toEqual(['train']);
    expect(losses.join('\n')).toMatch(/duplicate xmls\/a\.xml/);
    expect(losses.join('\n')).toMatch(/missing-annotation ImageSets\/Main\/train\.txt: lists b/);
  });
});

const coco = (parts: Record<string, unknown>) =>
  JSON.stringify({ images: [], annotations: [], categories: [], ...parts });

describe('COCO', () => {
  const images = [{ id: 7, file_name: 'a.jpg', width: 100, height: 80 }];
  const categories = [{ id: 90, name: 'x' }];

  it('reports unknown ids, entries without what they need, and missing images', async () => {
    const { dataset, losses } = await open({
      ...{ 'a.jpg': '100x80', 'b.jpg': '100x80', 'd.jpg': '100x80' },
      'c.json': coco({
        images: [
          ...images,
          { id: 1, file_name: 'b.jpg', width: 100, height: 80 },
          { id: 2, file_name: 'd.jpg', width: 100, height: 80 },
          { id: 8, file_name: 'gone.jpg', width: 1, height: 1 },
          { id: 7, file_name: 'a.jpg' },
          { id: 9 },
        ],
        categories,
        annotations: [
          { id: 1, image_id: 7, category_id: 90, bbox: [1, 2, 3, 4] },
          { id: 2, image_id: 1, category_id: 91, bbox: [1, 2, 3, 4] },
          { id: 3, image_id: 70, category_id: 90, bbox: [1, 2, 3, 4] },
          { id: 4, image_id: 2, category_id: 90, bbox: [1, 2, 3] },
          { id: 5, image_id: 7, category_id: 90, segmentation: [[10, 20, 30, 20, 30, 45.5]] },
        ],
      }),
    });
    expect(dataset.images.map((image) => image.path)).toEqual(['a.jpg']);
    expect(dataset.images[0]!.annotations.map((a) => a.box)).toEqual([
      { x1: 1, y1: 2, x2: 4, y2: 6 },
      { x1: 10, y1: 20, x2: 30, y2: 45.5 },
    ]);
    expect(losses.map((loss) => loss.split(':')[0]).sort()).toEqual([
      'converted c.json',
      'duplicate c.json',
      'missing-image c.json',
      'missing-image gone.jpg',
      'unknown-class c.json',
      'unreadable b.jpg',
      'unreadable c.json',
      'unreadable c.json',
      'unreadable d.jpg',
    ]);
  });

  it('leaves out a file that was cut off: its images would pass for empty ones', async () => {
    const good = coco({
      images,
      categories,
      annotations: [{ id: 1, image_id: 7, category_id: 90, bbox: [1, 2, 3, 4] }],
    });
    const bad = `{\n"images": ${JSON.stringify([{ id: 1, file_name: 'b.jpg', width: 9, height: 9 }])},\n"annotations": [{"id": 1, "ima`;
    const { dataset, losses } = await open({ 'a.jpg': '100x80', 'b.jpg': '9x9', 'train.json': good, 'val.json': bad });
    expect(dataset.images.map((image) => image.path)).toEqual(['a.jpg']);
    expect(losses.join('\n')).toMatch(/unreadable val\.json: .*val\.json, line 3: not valid JSON .*cut off/);
  });

  it('leaves out the image of a broken entry and goes on', async () => {
    const two = [...images, { id: 8, file_name: 'b.jpg', width: 100, height: 80 }].map((image) =>
      JSON.stringify(image),
    );
    const json = `{"images": [${two.join()}], "categories": [{"id":90,"name":"x"}],\n"annotations": [\n{"image_id": 8, "category_id": 90, "bbox": [NaN,1,2,3]},\n{"image_id": 7, "category_id": 90, "bbox": [0,1,2,3]}]}`;
    const { dataset, losses } = await open({ 'a.jpg': '100x80', 'b.jpg': '100x80', 'c.json': json });
    expect(dataset.images.map((image) => [image.path, image.annotations.length])).toEqual([['a.jpg', 1]]);
    expect(losses[0]).toMatch(/unreadable c\.json: line 3: an entry of annotations/);
  });
});

describe('other formats', () => {
  it('YOLO: lines that are no labels, classes that are none, values out of range, labels without image', async () => {
    const { dataset, losses } = await open({
      'images/a.jpg': '100x100',
      'images/b.jpg': '100x100',
      'labels/a.txt': '0 0.5 0.5 0.2 0.2\n0 1.0 0.5 0.2 0.2\n0 0.5 0.5 0 0\n0 1.5 0.5 0.2 0.2\n',
      'images/d.jpg': '100x100',
      'labels/d.txt': '0 0.5 0.5 0.2 0.2\n5 0.5 0.5 0.2 0.2\nhello\n0 2.5 0.5 0.2 0.2\n',
      'labels/c.txt': '0 0.5 0.5 0.2 0.2\n',
      'data.yaml': 'names: [x]\n',
    });
    expect(dataset.images.map((image) => image.annotations.map((a) => a.box))).toEqual([
      [
        { x1: 40, y1: 40, x2: 60, y2: 60 },
        { x1: 90, y1: 40, x2: 100, y2: 60 },
      ],
    ]);
    expect(losses.map((loss) => loss.split(':')[0]).sort()).toEqual([
      'clipped labels/a.txt',
      'dropped labels/a.txt',
      'missing-annotation images/b.jpg',
      'missing-image labels/c.txt',
      'unknown-class labels/d.txt',
      'unreadable images/d.jpg',
      'unreadable labels/d.txt',
      'unreadable labels/d.txt',
      'zero-area labels/a.txt',
    ]);
  });

  it('YOLO: labels in a folder of their own, the images elsewhere', async () => {
    const [images, labels] = [await tempFolder(), await tempFolder()];
    await writeTree(images, { 'sub/a.jpg': '100x100', 'b.jpg': '100x100', 'c.jpg': '100x100' });
    await writeTree(labels, { 'classes.txt': 'x', 'sub/a.txt': '0 0.5 0.5 0.5 0.5', 'b.txt': '' });
    const { dataset, report } = await openDataset(labels, { readSize, images, fractions: null });
    const read = dataset.images.map((image) => [image.path, image.annotations.length]);
    expect(read.sort()).toEqual([
      ['b.jpg', 0],
      ['sub/a.jpg', 1],
    ]);
    expect(report.losses.map(({ kind }) => kind)).toEqual(['missing-annotation']);
  });

  it('YOLO: a damaged data.yaml is named with its line, the labels are read', async () => {
    const { dataset, losses } = await open({
      'a.jpg': '10x10',
      'a.txt': '1 0.5 0.5 0.2 0.2',
      'data.yaml': 'names: [x\nnc: 2\n',
    });
    expect(dataset.classes).toEqual(['class 0', 'class 1']);
    expect(losses[0]).toMatch(/unreadable data\.yaml: .*data\.yaml, line \d: not valid YAML/);
  });

  it('CVAT: one bad image element, one bad box, and a file that was cut off', async () => {
    const box = '<box label="x" xtl="1" ytl="1" xbr="5" ybr="5"></box>';
    const image = (name: string, inner: string) =>
      `<image id="0" name="${name}" width="10" height="10">${inner}</image>\n`;
    const bad = '<box label="x" xtl="1" ytl="1" xbr="five" ybr="5"></box>';
    const nameless = '<box xtl="1" ytl="1" xbr="5" ybr="5"></box>';
    const xml = `<annotations>\n${image('a.jpg', box)}${image('b.jpg', '<box label="x"></bex>')}${image('c.jpg', box)}${image('d.jpg', box + bad)}${image('e.jpg', box + nameless)}`;
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.jpg`, '10x10'] as const);
    const { dataset, losses } = await open({ ...Object.fromEntries(names), 'annotations.xml': xml });
    expect(dataset.images.map((i) => i.path)).toEqual(['a.jpg', 'c.jpg']);
    const left = losses.filter((loss) => /^unreadable [bde]\.jpg: a part of its labels/.test(loss));
    expect(left).toHaveLength(3);
    expect(losses.join('\n')).toMatch(/unreadable annotations\.xml: .*line 3: not valid XML/);
    expect(losses.join('\n')).toMatch(/cut off/);
  });

  it('LabelMe: damaged JSON, shapes without points', async () => {
    const points = [
      [1, 1],
      [5, 5],
    ];
    const shape = { label: 'x', points, shape_type: 'rectangle' };
    const file = (imagePath: string, shapes: unknown[]) =>
      JSON.stringify({ version: '5.4.1', flags: {}, shapes, imagePath, imageWidth: 10, imageHeight: 10 });
    const { dataset, losses } = await open({
      'a.jpg': '10x10',
      'b.jpg': '10x10',
      'c.jpg': '10x10',
      'a.json': file('a.jpg', [shape, { label: 'x' }]),
      'b.json': '{\n"version": "5.4.1", "flags": {}, "shapes": [\n{"label": }]}',
      'c.json': file('c.jpg', [shape]),
    });
    expect(dataset.images.map((image) => image.path)).toEqual(['c.jpg']);
    expect(losses.join('\n')).toMatch(/unreadable a\.json: a shape without label or points/);
    expect(losses.join('\n')).toMatch(/unreadable a\.jpg: a part of its labels in a\.json/);
    expect(losses.join('\n')).toMatch(/unreadable b\.json: .*line 3: not valid JSON/);
    expect(losses.join('\n')).toMatch(/unreadable b\.jpg: a part of its labels in b\.json/);
  });

  it('CSV: rows without class, with words for numbers; missing images once', async () => {
    const rows = ['a.jpg,x,1,1,5,5', 'b.jpg,x,1,1,5,5', 'b.jpg,,1,1,5,5', 'c.jpg,x,1,1,5,5', 'c.jpg,x,one,1,5,5'];
    const gone = ['gone.jpg,x,1,1,5,5', 'gone.jpg,x,1,1,6,6'];
    const csv = ['filename,class,xmin,ymin,xmax,ymax', ...rows, ...gone].join('\n');
    const { dataset, losses } = await open({ 'a.jpg': '10x10', 'b.jpg': '10x10', 'c.jpg': '10x10', 'labels.csv': csv });
    expect(dataset.images.map((image) => [image.path, image.annotations.length])).toEqual([['a.jpg', 1]]);
    expect(losses.map((loss) => loss.split(':')[0])).toEqual([
      'unreadable labels.csv',
      'missing-image gone.jpg',
      'unreadable b.jpg',
      'unreadable labels.csv',
      'unreadable c.jpg',
    ]);
  });
});
