// Pictures whose EXIF orientation keeps their shape: which pixels their labels lie on is what the side-turned pictures of the dataset show.
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import type { Size } from '../../../src/shared/geometry.ts';
import { readSize, tempFolder, writeTree } from './helpers.ts';

const wide = { width: 100, height: 80 };
const square = { width: 100, height: 100 };
const none = { width: 0, height: 0 };

/** A picture: its upright size and orientation, and the size that its labels declare. */
interface Picture {
  real: string;
  declared: Size;
}

const names = (pictures: readonly Picture[]): [string, Picture][] => pictures.map((it, i) => [`e${i}.jpg`, it]);

/** Annotations in each format, with one box, (10, 20) to (30, 40), on each picture. */
const writers: Record<string, (pictures: [string, Picture][]) => Record<string, string>> = {
  voc: (pictures) =>
    Object.fromEntries(
      pictures.map(([name, { declared }]) => [
        name.replace('jpg', 'xml'),
        `<annotation><filename>${name}</filename><size><width>${declared.width}</width><height>${declared.height}</height></size><object><name>cat</name><bndbox><xmin>11</xmin><ymin>21</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object></annotation>`,
      ]),
    ),
  coco: (pictures) => ({
    'c.json': JSON.stringify({
      images: pictures.map(([name, { declared }], id) => ({ id, file_name: name, ...declared })),
      categories: [{ id: 1, name: 'cat' }],
      annotations: pictures.map((_, id) => ({ id, image_id: id, category_id: 1, bbox: [10, 20, 20, 20] })),
    }),
  }),
  csv: (pictures) => {
    const rows = pictures.map(([name, { declared }]) => `${name},${declared.width},${declared.height},cat,10,20,30,40`);
    return { 'c.csv': ['filename,width,height,class,xmin,ymin,xmax,ymax', ...rows, ''].join('\n') };
  },
};

describe.each(Object.keys(writers))('%s', (format) => {
  async function read(...pictures: Picture[]) {
    const folder = await tempFolder();
    const named = names(pictures);
    await writeTree(folder, Object.fromEntries(named.map(([name, { real }]) => [name, real])));
    await writeTree(folder, writers[format]!(named));
    const { dataset, report } = await openDataset(folder, { readSize, fractions: null });
    const box = ({ x1, y1, x2, y2 }: { x1: number; y1: number; x2: number; y2: number }) => [x1, y1, x2, y2].join(' ');
    const boxes = new Map(dataset.images.map((image) => [image.path, box(image.annotations[0]!.box)]));
    const losses = report.losses.filter(({ kind }) => kind === 'rescaled' || kind === 'guessed');
    return {
      boxes: named.map(([name]) => boxes.get(name)),
      said: losses
        .map(({ file, kind, said }) => {
          const count = said?.values['count'];
          return typeof count === 'number' ? `${file} ${kind} ${count}` : `${file} ${kind}`;
        })
        .sort(),
    };
  }
  const asIs = '10 20 30 40';
  const stored = { real: '80x100 6', declared: wide };
  const upright = { real: '80x100 6', declared: { width: 80, height: 100 } };

  it('turns them where every side-turned picture was labelled on its stored pixels, and says so of each', async () => {
    const alike = [2, 3, 4].map((orientation) => ({ real: `100x80 ${orientation}`, declared: wide }));
    const { boxes, said } = await read(stored, { real: '100x80', declared: wide }, ...alike);
    expect(boxes).toEqual(['40 10 60 30', asIs, '70 20 90 40', '70 40 90 60', '10 40 30 60']);
    expect(said).toEqual(['e0.jpg rescaled', 'e2.jpg rescaled', 'e3.jpg rescaled', 'e4.jpg rescaled']);
  });

  it('turns square ones likewise, and resized ones', async () => {
    const squares = [5, 6, 7, 8].map((orientation) => ({ real: `100x100 ${orientation}`, declared: square }));
    const { boxes, said } = await read(stored, ...squares, { real: '200x160 3', declared: wide });
    expect(boxes.slice(1)).toEqual(['20 10 40 30', '60 10 80 30', '60 70 80 90', '20 70 40 90', '140 80 180 120']);
    expect(said).toHaveLength(6);
  });

  it('takes them as upright without a word where every side-turned picture was labelled so', async () => {
    const { boxes, said } = await read(
      upright,
      { real: '100x80 3', declared: wide },
      { real: '80x100 8', declared: none },
    );
    expect(boxes).toEqual([asIs, asIs, asIs]);
    expect(said).toEqual([]);
  });

  it('takes them as upright, and says so once, where nothing shows it or pictures disagree', async () => {
    const unclear = [
      { real: '100x80 3', declared: wide },
      { real: '100x100 6', declared: square },
    ];
    const alone = await read({ real: '100x80', declared: wide }, ...unclear);
    expect(alone).toEqual({ boxes: [asIs, asIs, asIs], said: ['e1.jpg guessed 2'] });
    const mixed = await read(stored, upright, ...unclear);
    expect(mixed.boxes.slice(2)).toEqual([asIs, asIs]);
    expect(mixed.said).toEqual(['e0.jpg rescaled', 'e2.jpg guessed 2']);
  });

  it('takes pictures without a declared size as upright, and counts them', async () => {
    const { boxes, said } = await read(stored, { real: '100x80 3', declared: none });
    expect(boxes[1]).toBe(asIs);
    expect(said).toEqual(['e0.jpg rescaled', 'e1.jpg guessed 1']);
  });

  it('learns nothing from a picture that is left out for its shape', async () => {
    const { said } = await read({ real: '80x100 6', declared: square }, { real: '100x80 3', declared: wide });
    expect(said).toEqual(['e1.jpg guessed 1']);
  });
});
