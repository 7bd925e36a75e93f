// The small parts that formats are made of: exact decimals, run lengths, JSON in pieces, XML, and the search for images.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cocoAnnotation } from '../../../src/core/dataset/cocoRecords.ts';
import { cocoEntry } from '../../../src/core/dataset/cocoWrite.ts';
import {
  addScaled,
  decimalOf,
  divideRounded,
  formatDecimal,
  half,
  parseDecimal,
  times,
  toNumber,
} from '../../../src/core/dataset/decimal.ts';
import { listFolder } from '../../../src/core/dataset/folderFiles.ts';
import { ImageIndex, type Reference } from '../../../src/core/dataset/imageIndex.ts';
import { place } from '../../../src/core/dataset/placing.ts';
import { Report } from '../../../src/core/dataset/report.ts';
import { streamJson } from '../../../src/core/dataset/jsonStream.ts';
import { rotated } from '../../../src/core/dataset/report.ts';
import { boxOfRuns, decodeRuns } from '../../../src/core/dataset/rle.ts';
import { attribute, childText, escapeXml, parseXml } from '../../../src/core/dataset/xml.ts';
import { formatYoloLine, parseYoloLine } from '../../../src/core/dataset/yoloLine.ts';
import { tempFolder, writeTree } from './helpers.ts';

describe('decimals', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });

  it('read back every double, and add and halve exactly', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(toNumber(decimalOf(a))).toBe(a === 0 ? 0 : a);
        const there = addScaled(decimalOf(a), decimalOf(b));
        expect(toNumber(addScaled(there, decimalOf(b), -1n))).toBe(a === 0 ? 0 : a);
        expect(formatDecimal(times(half(decimalOf(a)), 2n))).toBe(formatDecimal(decimalOf(a)));
      }),
    );
  });

  it('round to the nearest', () => {
    const rounded = (text: string, by: bigint, scale: number) =>
      formatDecimal(divideRounded(parseDecimal(text)!, by, scale));
    expect([rounded('1', 3n, 3), rounded('2', 3n, 3), rounded('-2', 3n, 3), rounded('0.05', 1n, 1)]).toEqual([
      '0.333',
      '0.667',
      '-0.667',
      '0.1',
    ]);
  });

  it('refuse what is no number', () => {
    expect(['', '.', 'x', '1.2.3', '1e', 'NaN', '0x1'].map(parseDecimal)).toEqual(Array(7).fill(null));
    expect(['1.5e3', '-.5', '5.', '2E-2'].map((t) => toNumber(parseDecimal(t)!))).toEqual([1500, -0.5, 5, 0.02]);
  });
});

describe('boxes to the last bit', () => {
  const span = fc
    .tuple(fc.double({ min: 0, max: 8000, noNaN: true }), fc.double({ min: 0, max: 8000, noNaN: true }))
    .map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)])
    .map(([a, b]): [number, number] => [a < 1e-6 ? 0 : a, b])
    .filter(([a, b]) => a < b && b > 1e-6);

  it('as COCO', () => {
    fc.assert(
      fc.property(span, span, ([x1, x2], [y1, y2]) => {
        const box = { x1, y1, x2, y2 };
        const entry = JSON.parse(cocoEntry({ box, classId: 0 }, 1, 1)) as unknown;
        expect(cocoAnnotation(entry)?.annotation.box).toEqual(box);
      }),
      {
        numRuns: 2000,
        examples: [
          [
            [186.39073982341006, 7999.999999909195],
            [0, 1.5],
          ],
        ],
      },
    );
    const edited = { image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], far_corner: [9, 9] };
    expect(cocoAnnotation(edited)?.annotation.box).toEqual({ x1: 1, y1: 2, x2: 4, y2: 6 });
  });

  const plain = { keypoints: 0, polygons: false };

  it('as YOLO, in few digits where few do', () => {
    fc.assert(
      fc.property(span, span, fc.integer({ min: 1, max: 9000 }), ([x1, x2], [y1, y2], side) => {
        const size = { width: side + Math.ceil(x2), height: side + Math.ceil(y2) };
        const box = { x1, y1, x2, y2 };
        const { line, exact } = formatYoloLine(3, box, size);
        expect(exact).toBe(true);
        expect(parseYoloLine(line, size, plain)).toEqual({ classId: 3, box, converted: false, details: [] });
      }),
      { numRuns: 1000 },
    );
    const line = formatYoloLine(0, { x1: 64, y1: 0, x2: 128, y2: 480 }, { width: 640, height: 480 }, 0.5).line;
    expect(line).toBe('0 0.15 0.5 0.1 1 0.5');
  });

  it('YOLO poses keep their box, polygons become one', () => {
    const size = { width: 100, height: 100 };
    expect(parseYoloLine('0 .5 .5 .2 .2 .5 .5 2 .1 .1 2', size, { ...plain, keypoints: 6 })).toMatchObject({
      box: { x1: 40, y1: 40, x2: 60, y2: 60 },
    });
    expect(parseYoloLine('0 .25 .5 .5 .5 .5 .75', size, plain)).toEqual({
      classId: 0,
      box: { x1: 25, y1: 50, x2: 50, y2: 75 },
      converted: true,
      details: [],
    });
    expect(
      ['x 1 1 1 1', '0 1 1 1', '-1 .5 .5 .1 .1', '0.5 .5 .5 .1 .1'].map((l) => parseYoloLine(l, size, plain)),
    ).toEqual(Array(4).fill('no label'));
  });
});

it('run lengths: plain and compressed', () => {
  // 4 rows, 5 columns; the object is rows 1..2 of columns 1..2.
  expect(boxOfRuns([5, 2, 2, 2, 9], 4)).toEqual({ x1: 1, y1: 1, x2: 3, y2: 3 });
  expect(boxOfRuns([3, 2, 15], 4)).toEqual({ x1: 0, y1: 0, x2: 2, y2: 4 }); // from the foot of a column to the head of the next
  expect(boxOfRuns([20], 4)).toBeNull();
  expect(decodeRuns('52203')).toEqual([5, 2, 2, 2, 5]); // the last two are 0 and 3 more than two before
  expect(decodeRuns('PP1O')).toEqual([1024, -1]);
});

it('a turned box', () => {
  const box = rotated({ x1: 0, y1: 0, x2: 4, y2: 2 }, 90);
  expect([box.x1, box.y1, box.x2, box.y2].map((v) => Math.round(v * 1e9) / 1e9)).toEqual([1, -1, 3, 3]);
});

describe('JSON in pieces', () => {
  async function stream(text: string) {
    const file = path.join(await tempFolder(), 'x.json');
    await writeFile(file, text);
    const seen: [string, unknown][] = [];
    const broken: [string, number][] = [];
    const done: number[] = [];
    const handlers = {
      value: () => undefined,
      element: (key: string, value: unknown) => void seen.push([key, value]),
      broken: (key: string, line: number) => void broken.push([key, line]),
    };
    await streamJson(file, handlers, { onProgress: (progress) => done.push(progress.done) });
    return { seen, broken, done };
  }

  it('gives the objects of arrays, whatever their content', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.array(fc.dictionary(fc.string(), fc.jsonValue())), { noNullPrototype: true }),
        fc.nat(2),
        async (object, indent) => {
          const text = JSON.stringify(object, null, indent);
          const parsed = JSON.parse(text) as Record<string, unknown[]>;
          const expected = Object.entries(parsed).flatMap(([key, list]) => list.map((value) => [key, value]));
          expect((await stream(text)).seen).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('reads across chunks, umlauts and all', async () => {
    const list = Array.from({ length: 30_000 }, (_, id) => ({ id, name: `käse 🧀 "${id}" \\ }` }));
    const { seen, done } = await stream(JSON.stringify({ info: { a: [{ b: 1 }] }, list }));
    expect(seen.map(([, value]) => value)).toEqual(list);
    expect(done.length).toBeGreaterThan(1);
  });

  it.each([
    ['', /no JSON object/],
    ['[]', /begins with no \{/],
    ['{"a": [{"b": 1}', /cut off/],
    ['{"a": [{"b": 1}}', /line 1: .*unexpected \}/],
    ['{"a": "', /cut off/],
  ])('refuses %j', async (text, message) => {
    await expect(stream(text)).rejects.toThrow(message);
  });
});

describe('XML', () => {
  it('keeps text through elements and attributes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '<', '&', '"', "'", '\n', '\r', '\t', '>', '🦊', ']]>', '&amp;') }),
        (text) => {
          const root = parseXml(
            `<?xml version="1.0"?><!-- <x> --><r a="${escapeXml(text)}"><t>${escapeXml(text)}</t></r>\n`,
            'f',
          );
          expect([attribute(root, 'a'), childText(root, 't')]).toEqual([text, text.trim()]);
        },
      ),
    );
  });

  it.each([
    ['', 1],
    ['hello', 1],
    ['<a>\n<b>\n</a>', 3],
    ['<a>\n\n<b x=1></b></a>', 3],
    ['<a></a><b/>', 1],
    ['<a>\n<b', 2],
    ['</a>', 1],
  ])('refuses %j at line %i', (text, line) => {
    expect(() => parseXml(text, 'file.xml')).toThrow(new RegExp(`^file\\.xml, line ${line}: not valid XML`));
  });
});

it('images are found by path, by tail of another path, by name, by stem; not by guessing', async () => {
  const folder = await tempFolder();
  await writeTree(folder, {
    'images/a/x.jpg': '',
    'images/b/x.jpg': '',
    'images/b/Ünique.JPG': '',
    'images/c.d.png': '',
    '.hidden/h.jpg': '',
    'n.txt': '',
  });
  const files = await listFolder(folder);
  const index = new ImageIndex(files, {});
  const find = (name: string, more: Omit<Reference, 'name'> = {}) => {
    const [found] = place([[{ name, ...more }]], index, new Report('csv', folder));
    return found!.file === undefined ? undefined : index.relative(found!.file);
  };
  expect(index.root).toBe(path.join(folder, 'images'));
  expect(find('a/x.jpg')).toBe('a/x.jpg');
  expect(find('C:\\data\\images\\b\\x.jpg')).toBe('b/x.jpg');
  expect(find('x.jpg')).toBeUndefined();
  expect(find('x.jpg', { hint: 'b' })).toBe('b/x.jpg');
  expect(find('x.jpg', { near: [path.join(folder, 'images', 'a')] })).toBe('a/x.jpg');
  expect(find('u\u0308nique.jpg')).toBe('b/Ünique.JPG');
  expect(find('h.jpg')).toBeUndefined();
  expect(find('c.d', { stem: true })).toBe('c.d.png');
  expect(find('c.d.png')).toBe('c.d.png');
});
