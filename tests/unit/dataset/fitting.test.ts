// Boxes that were made for another size of their picture: scaled, turned with its EXIF orientation, or left out, in every format.
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitSize } from '../../../src/core/dataset/fitting.ts';
import { openDataset } from '../../../src/core/dataset/openDataset.ts';
import { decodeImage } from '../../../src/core/image/decode.ts';
import { sharp } from '../../../src/core/image/vips.ts';
import type { Box, Size } from '../../../src/shared/geometry.ts';
import { readSize, tempFolder, writeTree } from './helpers.ts';

const boxIn = ({ width, height }: Size): fc.Arbitrary<Box> =>
  fc
    .tuple(
      fc.nat(width - 2),
      fc.nat(height - 2),
      fc.integer({ min: 1, max: width }),
      fc.integer({ min: 1, max: height }),
    )
    .map(([x1, y1, w, h]) => ({ x1, y1, x2: Math.min(width, x1 + w), y2: Math.min(height, y1 + h) }));

/** A stored picture, black but for a white box, and where the decoder shows it upright. */
async function shown(stored: Size, box: Box, orientation: number): Promise<Box> {
  const { width, height } = stored;
  const pixels = Buffer.alloc(width * height);
  for (let y = box.y1; y < box.y2; y++) pixels.fill(255, y * width + box.x1, y * width + box.x2);
  const bytes = await sharp(pixels, { raw: { width, height, channels: 1 } })
    .withMetadata({ orientation })
    .png()
    .toBuffer();
  const { width: across, data } = await decodeImage({ bytes, name: 'box.png' });
  const found = { x1: Infinity, y1: Infinity, x2: 0, y2: 0 };
  for (let at = 0; at * 3 < data.length; at++) {
    if (data[at * 3]! < 128) continue;
    const [x, y] = [at % across, Math.floor(at / across)];
    Object.assign(found, { x1: Math.min(found.x1, x), y1: Math.min(found.y1, y) });
    Object.assign(found, { x2: Math.max(found.x2, x + 1), y2: Math.max(found.y2, y + 1) });
  }
  return found;
}

describe('fitSize', () => {
  const stored = { width: 12, height: 8 };
  it.each([2, 3, 4, 5, 6, 7, 8])(
    'turns boxes as the decoder turns a picture of orientation %i',
    async (orientation) => {
      const real = orientation > 4 ? { width: 8, height: 12, orientation } : { ...stored, orientation };
      await fc.assert(
        fc.asyncProperty(boxIn(stored), async (box) => {
          const fit = fitSize(stored, real, 'stored')!;
          expect(fit.box(box)).toEqual(await shown(stored, box, orientation));
        }),
        { numRuns: 15 },
      );
    },
  );

  it.each([1, 2, 3, 4])(
    'leaves boxes of a picture of orientation %i where nothing tells of stored pixels',
    (orientation) => {
      const fit = fitSize(stored, { ...stored, orientation }, 'upright')!;
      expect(fit.said).toBeNull();
      expect(fit.box({ x1: 1, y1: 2, x2: 3, y2: 4 })).toEqual({ x1: 1, y1: 2, x2: 3, y2: 4 });
    },
  );

  it('scales between any two sizes of one shape, sides rounded either way', () => {
    const side = fc.integer({ min: 20, max: 5000 });
    fc.assert(
      fc.property(side, side, fc.double({ min: 0.1, max: 8, noNaN: true }), fc.boolean(), (width, height, by, up) => {
        const round = up ? Math.ceil : Math.floor;
        const real = { width: Math.max(1, round(width * by)), height: Math.max(1, round(height * by)) };
        const { x1, y1, x2, y2 } = fitSize({ width, height }, real, 'stored')!.box({
          x1: 0,
          y1: 0,
          x2: width,
          y2: height,
        });
        expect([x1, y1]).toEqual([0, 0]);
        expect([x2, y2].map((v) => Math.round(v * 1e6) / 1e6)).toEqual([real.width, real.height]);
      }),
    );
  });

  it('turns and scales at once, and refuses another shape', () => {
    const fit = fitSize({ width: 400, height: 300 }, { width: 600, height: 800, orientation: 6 }, 'upright')!;
    expect(fit.said?.key).toBe('loss.turnedAndScaled');
    expect(fit.box({ x1: 0, y1: 0, x2: 100, y2: 50 })).toEqual({ x1: 500, y1: 0, x2: 600, y2: 200 });
    expect(fitSize({ width: 300, height: 400 }, { width: 400, height: 300 }, 'stored')).toBeNull();
    expect(fitSize({ width: 100, height: 100 }, { width: 400, height: 300, orientation: 6 }, 'stored')).toBeNull();
  });
});

/** A dataset in each format with one box, (10, 20) to (30, 40), on `a.jpg`, made for that size. */
const trees: Record<string, (size: Size) => Record<string, string>> = {
  voc: ({ width, height }) => ({
    'a.xml': `<annotation><filename>a.jpg</filename><size><width>${width}</width><height>${height}</height></size><object><name>cat</name><bndbox><xmin>11</xmin><ymin>21</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object></annotation>`,
  }),
  cvat: ({ width, height }) => ({
    'c.xml': `<annotations><image id="0" name="a.jpg" width="${width}" height="${height}"><box label="cat" xtl="10" ytl="20" xbr="30" ybr="40"/></image></annotations>`,
  }),
  labelme: ({ width, height }) => ({
    'a.json': JSON.stringify({
      ...{ imagePath: 'a.jpg', imageWidth: width, imageHeight: height },
      shapes: [{ label: 'cat', points: [[10, 20], [30, 40]], shape_type: 'rectangle' }], // prettier-ignore
    }),
  }),
  coco: ({ width, height }) => ({
    'c.json': JSON.stringify({
      images: [{ id: 1, file_name: 'a.jpg', width, height }],
      categories: [{ id: 1, name: 'cat' }],
      annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [10, 20, 20, 20] }],
    }),
  }),
  csv: ({ width, height }) => ({
    'c.csv': `filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,${width},${height},cat,10,20,30,40\n`,
  }),
};

describe.each(Object.keys(trees))('%s', (format) => {
  async function read(image: string, size: Size) {
    const folder = await tempFolder();
    await writeTree(folder, { 'a.jpg': image, 'b.jpg': '1x1', ...trees[format]!(size) });
    const opened = await openDataset(folder, { readSize, fractions: null }).catch(() => null);
    const kinds = opened?.report.losses.filter(({ file }) => path.basename(file) === 'a.jpg').map(({ kind }) => kind);
    return { boxes: opened?.dataset.images.flatMap((i) => i.annotations.map((a) => a.box)) ?? [], kinds };
  }
  const size = { width: 100, height: 80 };

  it('scales the boxes of a picture that was resized, and says so', async () => {
    const { boxes, kinds } = await read('200x160', size);
    expect(boxes).toEqual([{ x1: 20, y1: 40, x2: 60, y2: 80 }]);
    expect(kinds).toEqual(['rescaled']);
  });

  it('turns boxes of stored pixels with their picture, and says so', async () => {
    const { boxes, kinds } = await read('80x100 6', size);
    expect(boxes).toEqual([{ x1: 40, y1: 10, x2: 60, y2: 30 }]);
    expect(kinds).toEqual(['rescaled']);
  });

  it('leaves out a picture of another shape, or one that cannot be read', async () => {
    expect((await read('80x100', size)).boxes).toEqual([]);
    expect((await read('no picture', size)).boxes).toEqual([]);
  });
});
