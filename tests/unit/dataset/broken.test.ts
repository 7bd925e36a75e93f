// A picture with a label that can't be read is no background: it is left out whole and said, in every format that has labels by picture.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { readSize, tempFolder, writeTree } from './helpers.ts';

/** Per picture, whether each of its boxes can be read. */
type Pictures = boolean[][];

const nameOf = (n: number): string => `p${n}.jpg`;
const corner = (good: boolean): number | string => (good ? 30 : 'x');

/** The files of a dataset with such boxes, in each format. */
const formats: Record<string, (pictures: Pictures) => Record<string, string>> = {
  voc: (pictures) =>
    Object.fromEntries(
      pictures.map((boxes, n) => {
        const objects = boxes.map(
          (good, i) =>
            `<object><name>cat</name><bndbox><xmin>${i + 1}</xmin><ymin>1</ymin><xmax>${corner(good)}</xmax><ymax>9</ymax></bndbox></object>`,
        );
        return [`p${n}.xml`, `<annotation><filename>${nameOf(n)}</filename>${objects.join('')}</annotation>`];
      }),
    ),
  cvat: (pictures) => {
    const images = pictures.map((boxes, n) => {
      const shapes = boxes.map((good, i) => `<box label="cat" xtl="${i}" ytl="0" xbr="${corner(good)}" ybr="9"/>`);
      return `<image id="${n}" name="${nameOf(n)}" width="100" height="80">${shapes.join('')}</image>`;
    });
    return { 'c.xml': `<annotations>${images.join('\n')}</annotations>` };
  },
  labelme: (pictures) =>
    Object.fromEntries(
      pictures.map((boxes, n) => {
        const shapes = boxes.map((good, i) => ({
          ...{ label: 'cat', shape_type: 'rectangle' },
          points: [[i, 0], [corner(good), 9]], // prettier-ignore
        }));
        return [`p${n}.json`, JSON.stringify({ imagePath: nameOf(n), shapes })];
      }),
    ),
  labelstudio: (pictures) => {
    const tasks = pictures.map((boxes, n) => ({
      data: { image: `/data/upload/1/${nameOf(n)}` },
      annotations: [
        {
          result: boxes.map((good, i) => ({
            type: 'rectanglelabels',
            value: { x: i, y: 0, width: good ? 5 : 'x', height: 9, rectanglelabels: ['cat'] },
          })),
        },
      ],
    }));
    return { 'tasks.json': JSON.stringify(tasks) };
  },
  createml: (pictures) => {
    const entries = pictures.map((boxes, n) => ({
      image: nameOf(n),
      annotations: boxes.map((good, i) => ({
        label: 'cat',
        coordinates: { x: i + 10, y: 10, width: good ? 5 : 'x', height: 9 },
      })),
    }));
    return { 'c.json': JSON.stringify(entries) };
  },
  csv: (pictures) => {
    const rows = pictures.flatMap((boxes, n) =>
      boxes.length === 0 ? [`${nameOf(n)},,,,,`] : boxes.map((good, i) => `${nameOf(n)},${i},0,${corner(good)},9,cat`),
    );
    return { 'c.csv': ['filename,xmin,ymin,xmax,ymax,class', ...rows].join('\n') };
  },
};

const pictures = fc.array(fc.array(fc.boolean(), { maxLength: 3 }), { minLength: 1, maxLength: 4 });

describe.each(Object.keys(formats))('%s', (format) => {
  it('leaves out exactly the pictures with a box that cannot be read', async () => {
    await fc.assert(
      fc.asyncProperty(pictures, async (drawn) => {
        const all: Pictures = [...drawn, [true]]; // one at least can be read
        const folder = await tempFolder();
        const images = all.map((_, n): [string, string] => [nameOf(n), '100x80']);
        await writeTree(folder, { ...Object.fromEntries(images), ...formats[format]!(all) });
        const opened = await openDataset(folder, { readSize, fractions: null });
        expect(opened.format).toBe(format);
        const isWhole = (boxes: boolean[]) => !boxes.includes(false);
        const read = opened.dataset.images.map((image) => [image.path, image.annotations.length]);
        const whole = all.map((boxes, n) => [nameOf(n), boxes.length, isWhole(boxes)] as const);
        expect(read.sort()).toEqual(whole.filter(([, , good]) => good).map(([name, count]) => [name, count]));
        const told = opened.report.losses.filter(({ said }) => said?.key === 'loss.partUnread').map(({ file }) => file);
        expect(told.sort()).toEqual(whole.filter(([, , good]) => !good).map(([name]) => name));
      }),
      { numRuns: 15 },
    );
  });
});
