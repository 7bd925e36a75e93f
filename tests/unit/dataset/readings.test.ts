// What other tools write is read for what it says: encodings, delimiters and columns, shares, tracks, Label Studio, Create ML.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { readSize, tempFolder, writeTree } from './helpers.ts';

/** Opens files given as text or bytes; boxes as `class x1,y1,x2,y2`. */
async function read(tree: Record<string, string | Buffer>) {
  const folder = await tempFolder();
  for (const [name, content] of Object.entries(tree))
    if (typeof content === 'string') await writeTree(folder, { [name]: content });
    else await writeFile(path.join(folder, name), content);
  const { dataset, report, format } = await openDataset(folder, { readSize, fractions: null });
  const boxes = dataset.images.map((image): [string, string[]] => [
    image.path,
    image.annotations.map(
      ({ classId, box }) => `${dataset.classes[classId]} ${[box.x1, box.y1, box.x2, box.y2].join()}`,
    ),
  ]);
  return {
    format,
    boxes: Object.fromEntries(boxes),
    losses: report.losses.map(({ kind, file }) => `${kind} ${file}`),
    report,
  };
}

const voc = (name: string, declaration = '') =>
  `${declaration}<annotation><filename>a.jpg</filename><object><name>${name}</name><bndbox><xmin>11</xmin><ymin>21</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object></annotation>`;
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');
const image = { 'a.jpg': '100x80' };
const right = '10,20,30,40';

describe('encodings', () => {
  it.each([
    ['declared ISO-8859-1', Buffer.from(voc('rosé', '<?xml version="1.0" encoding="ISO-8859-1"?>'), 'latin1')],
    ['UTF-16 with its mark', utf16(voc('rosé', '<?xml version="1.0" encoding="UTF-16"?>'))],
    ['UTF-16 without a mark', Buffer.from(voc('rosé', '<?xml version="1.0" encoding="UTF-16"?>'), 'utf16le')],
    ['UTF-8 with its mark', Buffer.from(`\uFEFF${voc('rosé')}`)],
  ])('VOC: %s', async (_, xml) => {
    const { boxes, losses } = await read({ ...image, 'a.xml': xml });
    expect(boxes).toEqual({ 'a.jpg': [`rosé ${right}`] });
    expect(losses).toEqual([]);
  });

  it('VOC: GB 18030, and an encoding that nobody knows', async () => {
    const gb = Buffer.concat([
      Buffer.from(voc('<', '<?xml version="1.0" encoding="gb18030"?>').split('<name>')[0]! + '<name>'),
      Buffer.from([0xba, 0xec]), // 红
      Buffer.from('</name>' + voc('').split('</name>')[1]!),
    ]);
    expect((await read({ ...image, 'a.xml': gb })).boxes).toEqual({ 'a.jpg': [`红 ${right}`] });
    const unknown = { 'b.jpg': '100x80', 'b.xml': voc('x', '<?xml version="1.0" encoding="martian"?>') };
    const { boxes, losses } = await read({ ...image, 'a.xml': voc('cat'), ...unknown });
    expect(boxes).toEqual({ 'a.jpg': [`cat ${right}`] });
    expect(losses).toEqual(['unreadable b.xml', 'unreadable b.jpg']);
  });

  it.each([
    ['csv', (name: string) => `filename,class,xmin,ymin,xmax,ymax\na.jpg,${name},10,20,30,40\n`, 'a.csv'],
    ['voc', (name: string) => voc(name), 'a.xml'],
    [
      'labelme',
      (name: string) =>
        `{"imagePath":"a.jpg","shapes":[{"label":"${name}","points":[[10,20],[30,40]],"shape_type":"rectangle"}]}`,
      'a.json',
    ],
  ])('%s: bytes that are no UTF-8 are never two classes made one, and are told', async (_, make, file) => {
    const [one, other] = [
      await read({ ...image, [file]: Buffer.from(make('rosé'), 'latin1') }),
      await read({ ...image, [file]: Buffer.from(make('rosè'), 'latin1') }),
    ];
    expect([one.boxes['a.jpg'], other.boxes['a.jpg']]).toEqual([[`rosé ${right}`], [`rosè ${right}`]]);
    expect(one.losses).toEqual([`guessed ${file}`]);
  });

  it('CSV: UTF-16, as spreadsheets write it', async () => {
    const { boxes } = await read({
      ...image,
      'a.csv': utf16('filename\tclass\txmin\tymin\txmax\tymax\na.jpg\t猫\t10\t20\t30\t40\n'),
    });
    expect(boxes).toEqual({ 'a.jpg': [`猫 ${right}`] });
  });

  it('one class by a name in either normal form of its accent', async () => {
    const rows = ['a.jpg,caf\u00e9,10,20,30,40', 'a.jpg,cafe\u0301,1,1,5,5'];
    const { boxes } = await read({ ...image, 'a.csv': ['filename,class,xmin,ymin,xmax,ymax', ...rows].join('\n') });
    expect(boxes['a.jpg']).toEqual([`caf\u00e9 ${right}`, 'caf\u00e9 1,1,5,5']);
  });
});

describe('CSV', () => {
  it.each([
    ['semicolons', 'filename;class;xmin;ymin;xmax;ymax\na.jpg;cat;10;20;30;40\n'],
    ['tabs', 'filename\tclass\txmin\tymin\txmax\tymax\na.jpg\tcat\t10\t20\t30\t40\n'],
    ['bars', 'filename|class|xmin|ymin|xmax|ymax\na.jpg|cat|10|20|30|40\n'],
    ['decimal commas', 'filename;class;xmin;ymin;xmax;ymax\na.jpg;cat;10,0;20,0;30,0;40,0\n'],
    ['an id in front of the name', 'image_id,file_name,class,xmin,ymin,xmax,ymax\n17,a.jpg,cat,10,20,30,40\n'],
    ['spaces for underlines', 'File Name,Class Name,X Min,Y Min,X Max,Y Max\na.jpg,cat,10,20,30,40\n'],
    ['names without ending', 'image_id,class,xmin,ymin,xmax,ymax\na,cat,10,20,30,40\n'],
    ['corners, then sizes', 'filename,class,bbox_x,bbox_y,bbox_width,bbox_height\na.jpg,cat,10,20,20,20\n'],
  ])('is read with %s', async (_, csv) => {
    const { boxes, losses } = await read({ ...image, 'a.csv': csv });
    expect(boxes).toEqual({ 'a.jpg': [`cat ${right}`] });
    expect(losses).toEqual([]);
  });

  it('takes coordinates that all lie from 0 to 1 for shares, and says so', async () => {
    const header = 'ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf';
    const { boxes, losses } = await read({ ...image, 'boxes.csv': `${header}\na,x,/m/01,1,0.1,0.3,0.25,0.5,1,0,0\n` });
    expect(boxes).toEqual({ 'a.jpg': [`/m/01 ${right}`] });
    expect(losses).toEqual(['guessed boxes.csv', 'detail-lost boxes.csv']);
  });

  it('names the columns that it saw and the one that it misses', async () => {
    const opening = read({ ...image, 'a.csv': 'filename,kind,xmin,ymin,xmax,ymax\na.jpg,cat,10,20,30,40\n' });
    await expect(opening).rejects.toThrow(
      /a\.csv has the columns filename, kind, xmin, ymin, xmax, ymax, but none for the class/,
    );
  });

  it('takes a row that is there twice once, and says so', async () => {
    const { boxes, losses } = await read({ ...image, 'a.csv': 'a.jpg,10,20,30,40,cat\na.jpg,10,20,30,40,cat\n' });
    expect(boxes).toEqual({ 'a.jpg': [`cat ${right}`] });
    expect(losses).toEqual(['duplicate a.csv']);
  });
});

describe('coordinates that all lie from 0 to 1', () => {
  const corners = (a: number, b: number, c: number, d: number) =>
    `<object><name>cat</name><bndbox><xmin>${a}</xmin><ymin>${b}</ymin><xmax>${c}</xmax><ymax>${d}</ymax></bndbox></object>`;
  const labelme = (...points: number[][]) =>
    JSON.stringify({ imagePath: 'a.jpg', shapes: [{ label: 'cat', shape_type: 'rectangle', points }] });
  const createMl = (x: number, y: number, width: number, height: number) =>
    JSON.stringify([{ image: 'a.jpg', annotations: [{ label: 'cat', coordinates: { x, y, width, height } }] }]);

  it.each([
    ['Pascal VOC', { 'a.xml': `<annotation>${corners(0.1, 0.25, 0.3, 0.5)}</annotation>` }, right],
    ['Pascal VOC, from the edge on', { 'a.xml': `<annotation>${corners(0, 0, 0.5, 1)}</annotation>` }, '0,0,50,80'],
    [
      'Pascal VOC, with another that fills its picture',
      {
        'a.xml': `<annotation>${corners(0.1, 0.25, 0.3, 0.5)}</annotation>`,
        'b.jpg': '100x80',
        'b.xml': `<annotation>${corners(0, 0, 1, 1)}</annotation>`,
      },
      right,
    ],
    ['LabelMe', { 'a.json': labelme([0.1, 0.25], [0.3, 0.5]) }, right],
    ['Create ML', { 'a.json': createMl(0.2, 0.375, 0.2, 0.25) }, '10,20,30,40'],
  ])('are shares of the picture in %s, and that is said', async (_, file, box) => {
    const { boxes, report } = await read({ ...image, ...file });
    expect(boxes['a.jpg']?.map((text) => text.replace(/\.0{5,}\d*/g, ''))).toEqual([`cat ${box}`]);
    expect(report.losses.map(({ kind, reason }) => `${kind}: ${reason}`)).toEqual([
      "guessed: all coordinates are from 0 to 1; they are taken as shares of the image's width and height",
    ]);
  });

  it('are pixels where another picture has larger ones', async () => {
    const { boxes, losses } = await read({
      ...image,
      'b.jpg': '100x80',
      'a.json': labelme([0.25, 0.25], [0.5, 0.5]),
      'b.json': labelme([10, 20], [30, 40]).replace('a.jpg', 'b.jpg'),
    });
    expect(boxes).toEqual({ 'a.jpg': ['cat 0.25,0.25,0.5,0.5'], 'b.jpg': ['cat 10,20,30,40'] });
    expect(losses).toEqual([]);
  });
});
