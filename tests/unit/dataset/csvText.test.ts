// Names that a spreadsheet would run as formulas: made harmless in every CSV, and read back exactly.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../src/core/dataset/csvRead.ts';
import { writeCsv } from '../../../src/core/dataset/csvWrite.ts';
import { csvLine, plainText } from '../../../src/core/dataset/csvText.ts';
import { writeDetections } from '../../../src/core/dataset/detections.ts';
import { listFolder } from '../../../src/core/dataset/folderFiles.ts';
import { readSize, tempFolder, writeImages } from './helpers.ts';

const starts = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
const cellOf = (row: string): string => (parse(row)[0] as string[])[0]!;

describe('cells', () => {
  it.each(starts)('%j at the beginning of a text gets an apostrophe, in a number it stays', (start) => {
    expect(cellOf(csvLine([`${start}1+1`]))).toBe(`'${start}1+1`);
    expect(csvLine([-1.5])).toBe('-1.5\n');
    expect(cellOf(csvLine([`${start}1+1`], true))).toBe(`${start}1+1`);
  });

  it('come back as they were, raw or not', () => {
    const text = fc
      .tuple(fc.string({ unit: fc.constantFrom("'", '"', ',', 'a', ...starts), maxLength: 4 }), fc.string())
      .map((parts) => parts.join(''))
      .filter((all) => all !== '');
    fc.assert(
      fc.property(text, fc.boolean(), (value, raw) => {
        expect(plainText(cellOf(csvLine([value], raw)))).toBe(value);
      }),
    );
  });
});

describe('files', () => {
  const classes = ['=HYPERLINK("http://x","y")', '@cat', 'dog', "'=odd"];
  const dataset = (imageRoot: string) => ({
    classes,
    imageRoot,
    images: classes.map((_, classId) => ({
      path: `${classId === 0 ? '=' : '-'}${classId}.jpg`,
      width: 20,
      height: 10,
      annotations: [{ classId, box: { x1: 0, y1: 1, x2: 5, y2: 6 } }],
    })),
  });

  it.each([false, true])('a dataset, raw: %s', async (rawCsv) => {
    const folder = await tempFolder();
    const given = dataset(path.join(folder, 'in'));
    await writeImages(given);
    const written = await writeCsv(given, path.join(folder, 'out'), { rawCsv });
    expect(written.losses.length).toBe(rawCsv ? 0 : 6);
    const text = await readFile(path.join(folder, 'out/annotations.csv'), 'utf8');
    expect(/^[=+\-@]/m.test(text)).toBe(rawCsv);
    const options = { readSize, images: given.imageRoot };
    const { dataset: read } = await readCsv(await listFolder(path.join(folder, 'out'), options), options);
    expect(read.classes).toEqual(classes);
    expect(read.images.map(({ path: name, annotations }) => [name, annotations[0]!.classId]).sort()).toEqual(
      given.images.map(({ path: name, annotations }) => [name, annotations[0]!.classId]).sort(),
    );
  });

  it('detections', async () => {
    const folder = await tempFolder();
    const images = dataset(folder).images.map((image) => ({
      ...image,
      detections: image.annotations.map((a) => ({ ...a, score: 0.5 })),
    }));
    await writeDetections('csv', folder, classes, images);
    const rows = parse(await readFile(path.join(folder, 'detections.csv'), 'utf8'));
    expect(rows.slice(1).map((row) => [row[0], row[3]])).toEqual([
      ["'=0.jpg", `'${classes[0]!}`],
      ["'-1.jpg", "'@cat"],
      ["'-2.jpg", 'dog'],
      ["'-3.jpg", "''=odd"],
    ]);
  });
});
