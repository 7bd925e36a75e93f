// Overlays, thumbnails, crops, normalising and the palette: what is drawn is where it should be, and never outside.
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/core/image/decode.ts';
import { drawBoxes, overlaySvg, placeLabel } from '../../../src/core/image/draw.ts';
import { encodeCrop, encodeImage, renderSvg, thumbnail } from '../../../src/core/image/encode.ts';
import { identityNormalisation, imageNetNormalisation, normaliseInto } from '../../../src/core/image/normalise.ts';
import { type RgbImage, filledImage } from '../../../src/core/image/rgbImage.ts';
import { classColour, textColourOn } from '../../../src/shared/palette.ts';

const grey = filledImage(200, 120, [128, 128, 128]);
const pixel = ({ data, width }: RgbImage, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

describe('drawBoxes', () => {
  it('draws the frame on the box and leaves the rest', async () => {
    const bytes = await drawBoxes(grey, [{ box: { x1: 50, y1: 40, x2: 150, y2: 100 }, classId: 0, score: 0.876 }], {
      classes: ['mug'],
      colour: () => '#ff0000',
      format: 'png',
    });
    const image = await decodeImage({ bytes, name: 'o' });
    expect([image.width, image.height]).toEqual([200, 120]);
    const [r, g] = pixel(image, 100, 40) as [number, number, number];
    expect(r).toBeGreaterThan(200);
    expect(g).toBeLessThan(60);
    expect(pixel(image, 100, 70)).toEqual([128, 128, 128]);
    expect(pixel(image, 180, 20)).toEqual([128, 128, 128]);
    const label = pixel(image, 51, 30);
    expect(label[0]! > 200 && label[1]! < 100, `label colour ${String(label)}`).toBe(true);
  });
  it('writes JPEG, PNG and WebP; no boxes gives the picture', async () => {
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const bytes = await drawBoxes(grey, [], { classes: [], format });
      expect((await sharp(bytes).metadata()).format).toBe(format);
    }
    expect(
      (await decodeImage({ bytes: await drawBoxes(grey, [], { classes: [], format: 'png' }), name: 'p' })).data,
    ).toEqual(grey.data);
  });
  it('survives any class name and any box', async () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('猫 & 犬', '<b>"x"</b>', '👩‍🚀 /\\', '\u0000\u0008', '\ud800', ''),
    );
    const coordinate = fc.double({ min: -300, max: 500, noNaN: true });
    await fc.assert(
      fc.asyncProperty(name, coordinate, coordinate, coordinate, coordinate, async (n, x1, y1, x2, y2) => {
        const bytes = await drawBoxes(grey, [{ box: { x1, y1, x2, y2 }, classId: 0, score: 1, dashed: true }], {
          classes: [n],
          format: 'jpeg',
        });
        expect((await sharp(bytes).metadata()).width).toBe(200);
      }),
      { numRuns: 40 },
    );
  });
  it('keeps every label inside the image, shortened where it must be', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -100, max: 900, noNaN: true }),
        fc.double({ min: -100, max: 700, noNaN: true }),
        fc.string({ maxLength: 200 }),
        fc.integer({ min: 1, max: 800 }),
        fc.integer({ min: 1, max: 600 }),
        (x, y, text, width, height) => {
          const { box } = placeLabel({ x1: x, y1: y, x2: x + 50, y2: y + 50 }, text, ' 99%', { width, height });
          expect(box.x1 >= 0 && box.y1 >= 0 && box.x2 <= width + 1e-9 && box.y2 <= height + 1e-9).toBe(true);
          expect(box.x2 > box.x1 && box.y2 > box.y1).toBe(true);
        },
      ),
    );
    const long = placeLabel({ x1: 0, y1: 50, x2: 10, y2: 60 }, 'x'.repeat(500), ' 87%', { width: 200, height: 120 });
    expect(long.text).toMatch(/^x+… 87%$/);
    expect(placeLabel({ x1: 10, y1: 50, x2: 90, y2: 90 }, 'mug', ' 87%', { width: 200, height: 120 })).toMatchObject({
      text: 'mug 87%',
      box: { x1: 10, y2: 50 },
    });
  });
  it('the drawn text stays within its background', async () => {
    const svg = overlaySvg({ width: 400, height: 100 }, [{ box: { x1: 100, y1: 40, x2: 110, y2: 50 }, classId: 0 }], {
      classes: ['WMwm@ Wide Name'],
      colour: () => '#000000',
    });
    const image = await renderSvg(svg, { width: 400, height: 100 }, [0, 0, 255]);
    const { box } = placeLabel({ x1: 100, y1: 40, x2: 110, y2: 50 }, 'WMwm@ Wide Name', '', {
      width: 400,
      height: 100,
    });
    let [white, last] = [0, 0];
    for (let y = 0; y < 100; y++)
      for (let x = 0; x < 400; x++) {
        const [r] = pixel(image, x, y) as [number, number, number];
        if (r < 128) continue;
        white++;
        last = Math.max(last, x);
        expect(x >= box.x1 && x < box.x2 && y >= box.y1 && y < box.y2).toBe(true);
      }
    if (white > 0) expect(last).toBeLessThan(box.x2 - 2); // none where the machine has no font at all
  });
});

describe('thumbnails and crops', () => {
  it('are upright, bounded, never enlarged', async () => {
    const tall = await sharp({ create: { width: 300, height: 100, channels: 3, background: '#246' } })
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const meta = async (side: number) => sharp(await thumbnail({ bytes: tall, name: 't' }, side)).metadata();
    expect(await meta(60)).toMatchObject({ format: 'jpeg', width: 20, height: 60 });
    expect(await meta(1000)).toMatchObject({ width: 100, height: 300 });
    const webp = await thumbnail({ bytes: tall, name: 't' }, 60, { format: 'webp' });
    expect((await sharp(webp).metadata()).format).toBe('webp');
  });
  it('a crop holds the pixels under the box, grown to whole pixels, cut at the edges', async () => {
    const image = filledImage(20, 10, [0, 0, 0]);
    for (let i = 0; i < 200; i++) image.data[i * 3] = i;
    const crop = await decodeImage({
      bytes: await encodeCrop(image, { x1: 3.2, y1: 2.9, x2: 5.1, y2: 4 }, { format: 'png' }),
      name: 'c',
    });
    expect([crop.width, crop.height]).toEqual([3, 2]);
    expect(pixel(crop, 0, 0)[0]).toBe(2 * 20 + 3);
    const edge = await decodeImage({
      bytes: await encodeCrop(image, { x1: 15, y1: -4, x2: 90, y2: 3 }, { format: 'png' }),
      name: 'c',
    });
    expect([edge.width, edge.height]).toEqual([5, 3]);
    await expect(encodeCrop(image, { x1: 30, y1: 0, x2: 40, y2: 5 }, { format: 'png' })).rejects.toMatchObject({
      code: 'argument-invalid',
    });
  });
  it('encodeImage in PNG is lossless', async () => {
    const noise = { width: 30, height: 20, data: Uint8Array.from({ length: 1800 }, (_, i) => (i * 7919) % 256) };
    expect(await decodeImage({ bytes: await encodeImage(noise, { format: 'png' }), name: 'n' })).toEqual(noise);
  });
});

describe('normaliseInto', () => {
  const image: RgbImage = { width: 3, height: 2, data: Uint8Array.from({ length: 18 }, (_, i) => i * 14) };
  it('writes planes at the item’s place and nothing else', () => {
    const out = new Float32Array(3 * 18).fill(-1);
    normaliseInto(image, out, 1);
    expect([...out.subarray(0, 18), ...out.subarray(36)].every((v) => v === -1)).toBe(true);
    for (let c = 0; c < 3; c++) for (let i = 0; i < 6; i++) expect(out[18 + c * 6 + i]).toBe(image.data[i * 3 + c]);
    expect(identityNormalisation.std).toEqual([1, 1, 1]);
  });
  it('scales per channel, exact to float32', () => {
    const out = new Float32Array(18);
    normaliseInto(image, out, 0, imageNetNormalisation);
    const { mean, std } = imageNetNormalisation;
    for (let c = 0; c < 3; c++)
      for (let i = 0; i < 6; i++)
        expect(out[c * 6 + i]).toBe(Math.fround((image.data[i * 3 + c]! - mean[c]!) / std[c]!));
  });
  it('refuses a batch that is too small', () => {
    expect(() => normaliseInto(image, new Float32Array(18), 1)).toThrow("doesn't fit");
    expect(() => normaliseInto(image, new Float32Array(18), -1)).toThrow("doesn't fit");
  });
});

describe('palette', () => {
  it('gives each class a colour of its own, the same always', () => {
    const colours = Array.from({ length: 80 }, (_, i) => classColour(i));
    expect(new Set(colours).size).toBe(80);
    for (const c of colours) expect(c).toMatch(/^#[0-9a-f]{6}$/);
    expect(classColour(0)).toBe('#e69f00');
  });
  it('picks readable text', () => {
    expect(textColourOn('#f0e442')).toBe('#000000');
    expect(textColourOn('#0072b2')).toBe('#ffffff');
  });
});
