// Augmentations: boxes travel with the pixels they mark, draws are reproducible, colours change as said, and nothing is slow.
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { brightness } from '../../../src/core/image/augment/brightness.ts';
import { expand } from '../../../src/core/image/augment/expand.ts';
import { flipHorizontal } from '../../../src/core/image/augment/flipHorizontal.ts';
import { flipVertical } from '../../../src/core/image/augment/flipVertical.ts';
import { iouCrop } from '../../../src/core/image/augment/iouCrop.ts';
import { photometric } from '../../../src/core/image/augment/photometric.ts';
import {
  type AugmentationName,
  type AugmentStep,
  applySteps,
  augmentations,
  augmentPresets,
  prepareSample,
} from '../../../src/core/image/augment/pipeline.ts';
import { rotate90 } from '../../../src/core/image/augment/rotate90.ts';
import { scaleJitter } from '../../../src/core/image/augment/scaleJitter.ts';
import { meanFill } from '../../../src/core/image/augment/window.ts';
import { type RgbImage, filledImage } from '../../../src/core/image/rgbImage.ts';
import { type Box, clip, iou } from '../../../src/shared/geometry.ts';
import { Rng } from '../../../src/shared/random.ts';

interface Marked {
  box: Box;
  classId: number;
}

/** Paints each box in a red of its own on grey 7; whole-pixel boxes, so that the paint is exactly the box. */
function marked(width: number, height: number, boxes: Marked[]): RgbImage {
  const image = filledImage(width, height, [7, 7, 7]);
  boxes.forEach(({ box, classId }) => {
    for (let y = box.y1; y < box.y2; y++)
      for (let x = box.x1; x < box.x2; x++) image.data.set([100 + classId, 0, 0], (y * width + x) * 3);
  });
  return image;
}

/** Where the paint of `classId` is, or null. */
function found({ width, height, data }: RgbImage, classId: number): Box | null {
  let box: Box | null = null;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) * 3;
      if (data[i] !== 100 + classId || data[i + 1] !== 0 || data[i + 2] !== 0) continue;
      box = box
        ? { x1: Math.min(box.x1, x), y1: Math.min(box.y1, y), x2: Math.max(box.x2, x + 1), y2: Math.max(box.y2, y + 1) }
        : { x1: x, y1: y, x2: x + 1, y2: y + 1 };
    }
  return box;
}

/** A picture with up to three boxes that don't touch each other (one per third of its width). */
const scene = fc
  .record({
    width: fc.integer({ min: 30, max: 60 }),
    height: fc.integer({ min: 12, max: 50 }),
    parts: fc.array(
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
      ),
      { maxLength: 3 },
    ),
    seed: fc.integer(),
  })
  .map(({ width, height, parts, seed }) => {
    const third = Math.floor(width / 3);
    const boxes = parts.map(([fx, fy, fw, fh], i): Marked => {
      const w = Math.max(1, Math.floor(third * fw));
      const h = Math.max(1, Math.floor(height * fh));
      const x1 = i * third + Math.floor((third - w) * fx);
      const y1 = Math.floor((height - h) * fy);
      return { box: { x1, y1, x2: x1 + w, y2: y1 + h }, classId: i };
    });
    return { image: marked(width, height, boxes), boxes, rng: Rng.seeded(seed) };
  });

const geometric: [string, AugmentStep][] = [
  ['flipHorizontal', { name: 'flipHorizontal', params: { probability: 1 } }],
  ['flipVertical', { name: 'flipVertical', params: { probability: 1 } }],
  ['rotate90', { name: 'rotate90', params: { probability: 1 } }],
  ['expand', { name: 'expand', params: { probability: 1 } }],
  ['iouCrop', { name: 'iouCrop', params: { minIous: [0.1, 0.3] } }],
  ['scaleJitter', { name: 'scaleJitter', params: { probability: 1, minScale: 0.5, maxScale: 2 } }],
];

describe('boxes travel with their pixels', () => {
  it.each(geometric)('%s', (_name, step) => {
    fc.assert(
      fc.property(scene, ({ image, boxes, rng }) => {
        const before = image.data.slice();
        const out = applySteps({ image, boxes }, rng, [step]);
        expect(Buffer.compare(image.data, before)).toBe(0); // toEqual on bytes takes seconds
        expect(out.image.data.length).toBe(out.image.width * out.image.height * 3);
        for (const { box, classId } of out.boxes) expect(found(out.image, classId)).toEqual(box);
      }),
      { numRuns: 150 },
    );
  });

  it.each(geometric.slice(0, 4))('%s keeps every box and its other fields', (_name, step) => {
    fc.assert(
      fc.property(scene, ({ image, boxes, rng }) => {
        const out = applySteps({ image, boxes }, rng, [step]);
        expect(out.boxes.map((b) => b.classId)).toEqual(boxes.map((b) => b.classId));
      }),
    );
  });

  it('a box whose centre leaves is dropped, one whose centre stays is clipped', () => {
    const boxes = [0, 10, 20, 29].map((x1, classId) => ({ box: { x1, y1: 4, x2: x1 + 10, y2: 14 }, classId }));
    const image = marked(40, 20, boxes);
    let [dropped, clipped] = [0, 0];
    for (let i = 0; i < 300; i++) {
      const out = scaleJitter(image, boxes, Rng.seeded(i), {
        probability: 1,
        minScale: 1.5,
        maxScale: 2,
        maxStretch: 1,
        fill: meanFill,
      });
      const widths = new Map(out.boxes.map((b) => [b.classId, b.box.x2 - b.box.x1]));
      dropped += boxes.length - widths.size;
      for (const [, w] of widths) {
        expect(w).toBeGreaterThanOrEqual(5);
        if (w < 10) clipped++;
      }
    }
    expect(dropped).toBeGreaterThan(50);
    expect(clipped).toBeGreaterThan(50);
  });

  it('twice the same flip gives the picture back', () => {
    fc.assert(
      fc.property(scene, ({ image, boxes, rng }) => {
        for (const flip of [flipHorizontal, flipVertical]) {
          const once = flip(image, boxes, rng, { probability: 1 });
          const twice = flip(once.image, once.boxes, rng, { probability: 1 });
          expect(twice.boxes).toEqual(boxes);
          expect(Buffer.compare(twice.image.data, image.data)).toBe(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('a quarter turn is clockwise', () => {
    const image = marked(4, 2, [{ box: { x1: 0, y1: 0, x2: 1, y2: 1 }, classId: 1 }]);
    const turned = new Set(
      Array.from({ length: 60 }, (_, i) => rotate90(image, [], Rng.seeded(i), { probability: 1 }).image).map((t) =>
        JSON.stringify([t.width, t.height, found(t, 1)]),
      ),
    );
    const at = (width: number, height: number, x: number, y: number): string =>
      JSON.stringify([width, height, { x1: x, y1: y, x2: x + 1, y2: y + 1 }]);
    expect(turned).toEqual(new Set([at(2, 4, 1, 0), at(4, 2, 3, 1), at(2, 4, 0, 3)]));
  });
});

describe('the SSD crop and expand', () => {
  it('keeps the minimum IoU and the centre of a box', () => {
    const boxes = [{ box: { x1: 10, y1: 10, x2: 70, y2: 50 }, classId: 0 }];
    const image = marked(80, 60, boxes);
    let crops = 0;
    for (let i = 0; i < 200; i++) {
      const out = iouCrop(image, boxes, Rng.seeded(i), { minIous: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], minSize: 0.3 });
      expect(out.boxes.length).toBe(1);
      const { width, height } = out.image;
      expect(height / width).toBeGreaterThanOrEqual(0.5 - 1e-9);
      expect(height / width).toBeLessThanOrEqual(2 + 1e-9);
      if (out.image !== image) crops++;
    }
    expect(crops).toBeGreaterThan(100);
    const strict = Array.from({ length: 200 }, (_, i) =>
      iouCrop(image, boxes, Rng.seeded(i), { minIous: [], minSize: 0.3 }),
    );
    expect(strict.some((s) => s.image === image)).toBe(true);
    expect(
      strict.some(
        (s) => iou(clip(boxes[0]!.box, s.image), { x1: 0, y1: 0, x2: s.image.width, y2: s.image.height }) < 0.5,
      ),
    ).toBe(true);
  });
  it('a picture without boxes is cropped as well', () => {
    const image = filledImage(40, 40, [1, 2, 3]);
    const sizes = Array.from(
      { length: 40 },
      (_, i) => iouCrop(image, [], Rng.seeded(i), { minIous: [0.5], minSize: 0.3 }).image.width,
    );
    expect(Math.min(...sizes)).toBeLessThan(40);
  });
  it('fills the rest of the canvas with the mean colour', () => {
    const out = expand(filledImage(20, 10, [1, 2, 3]), [], Rng.seeded(3), {
      probability: 1,
      minRatio: 3,
      maxRatio: 3,
      fill: meanFill,
    });
    expect([out.image.width, out.image.height]).toEqual([60, 30]);
    const count = (rgb: readonly number[]): number =>
      Array.from({ length: 1800 }, (_, i) => out.image.data.subarray(i * 3, i * 3 + 3)).filter((p) =>
        p.every((v, c) => v === rgb[c]),
      ).length;
    expect(count([1, 2, 3])).toBe(200);
    expect(count(meanFill)).toBe(1600);
  });
});

describe('colours', () => {
  const none = {
    probability: 1,
    brightness: 0,
    minContrast: 1,
    maxContrast: 1,
    minSaturation: 1,
    maxSaturation: 1,
    hue: 0,
  };
  const noise: RgbImage = {
    width: 50,
    height: 40,
    data: Uint8Array.from({ length: 6000 }, (_, i) => (i * 7919) % 256),
  };

  it('photometric with nothing to do changes nothing', () => {
    for (let i = 0; i < 20; i++)
      expect(Buffer.compare(photometric(noise, [], Rng.seeded(i), none).image.data, noise.data)).toBe(0);
  });
  /** The distinct results of a setting: with each half chance taken or not. */
  const results = (params: typeof none, image = noise): Uint8Array[] => {
    const seen = new Map<string, Uint8Array>();
    for (let i = 0; i < 40; i++) {
      const { data } = photometric(image, [], Rng.seeded(i), params).image;
      seen.set(String(data), data);
    }
    return [...seen.values()].filter((d) => String(d) !== String(image.data));
  };
  it('contrast multiplies, saturation and hue follow the definition of HSV', () => {
    expect(results({ ...none, minContrast: 0.5, maxContrast: 0.5 })).toEqual([
      noise.data.map((v) => Uint8ClampedArray.of(v * 0.5)[0]!),
    ]);
    const [doubled] = results({ ...none, minSaturation: 0.5, maxSaturation: 0.5 });
    const one = (rgb: number[], p: typeof none): number[][] =>
      results(p, { width: 1, height: 1, data: Uint8Array.from(rgb) }).map((d) => [...d]);
    expect(doubled).toBeDefined();
    expect(one([200, 100, 0], { ...none, minSaturation: 0.5, maxSaturation: 0.5 })).toEqual([[200, 150, 100]]);
    const turned = photometricHue([255, 0, 0], 60);
    expect(turned).toEqual([255, 255, 0]);
    expect(photometricHue([255, 0, 0], -60)).toEqual([255, 0, 255]);
    expect(photometricHue([0, 255, 0], 120)).toEqual([0, 0, 255]);
    expect(photometricHue([10, 200, 60], 0.0001)).toEqual([10, 200, 60]);
    expect(photometricHue([90, 90, 90], 77)).toEqual([90, 90, 90]);
  });
  /** The hue turned by exactly `degrees`: a stand-in source of numbers that always draws the top of a range. */
  function photometricHue(rgb: number[], degrees: number): number[] {
    const rng = { chance: () => true, float: (_low: number, high: number) => high } as unknown as Rng;
    return [
      ...photometric({ width: 1, height: 1, data: Uint8Array.from(rgb) }, [], rng, { ...none, hue: degrees }).image
        .data,
    ];
  }
  it('agrees with a plain HSV conversion on every pixel', () => {
    for (const degrees of [-170, -18, 5, 18, 100, 179]) {
      const rng = { chance: () => true, float: (_low: number, high: number) => high } as unknown as Rng;
      const out = photometric(noise, [], rng, { ...none, maxSaturation: 0.7, hue: degrees }).image.data;
      for (let i = 0; i < 6000; i += 3) {
        const expected = viaHsv([...noise.data.subarray(i, i + 3)] as [number, number, number], 0.7, degrees);
        expect(Math.max(...expected.map((v, c) => Math.abs(v - out[i + c]!)))).toBeLessThanOrEqual(0.51);
      }
    }
  });
  it('brightness multiplies and clamps', () => {
    const out = brightness(noise, [], Rng.seeded(1), { probability: 1, minFactor: 2, maxFactor: 2 });
    expect(out.image.data).toEqual(noise.data.map((v) => Math.min(255, v * 2)));
  });
});

/** Textbook conversion to HSV and back (f(n) = V - V S max(0, min(k, 4 - k, 1)), k = (n + H / 60) mod 6). */
function viaHsv([r, g, b]: [number, number, number], saturation: number, degrees: number): number[] {
  const max = Math.max(r, g, b);
  const d = max - Math.min(r, g, b);
  const sector = d === 0 ? 0 : max === r ? ((g - b) / d) % 6 : max === g ? (b - r) / d + 2 : (r - g) / d + 4;
  const h = sector * 60 + degrees;
  return [5, 3, 1].map((n) => {
    const k = (((n + h / 60) % 6) + 6) % 6;
    return max - d * saturation * Math.max(0, Math.min(k, 4 - k, 1));
  });
}

describe('lists of steps', () => {
  const boxes = [{ box: { x1: 100, y1: 80, x2: 300, y2: 400 }, classId: 0 }];
  const picture = async (): Promise<{ bytes: Uint8Array; name: string }> => ({
    bytes: await sharp(marked(640, 480, boxes).data, { raw: { width: 640, height: 480, channels: 3 } })
      .png()
      .toBuffer(),
    name: 'p.png',
  });

  it('prepare a sample of the exact size, the same for the same seed, another for another', async () => {
    const source = await picture();
    for (const steps of Object.values(augmentPresets)) {
      const make = (seed: number) => prepareSample(source, boxes, { width: 128, height: 96 }, Rng.seeded(seed), steps);
      const sample = await make(5);
      expect(sample).toMatchObject({ image: { width: 128, height: 96 }, original: { width: 640, height: 480 } });
      expect(sample.image.data.length).toBe(128 * 96 * 3);
      const again = await make(5);
      expect(again.boxes).toEqual(sample.boxes);
      expect(Buffer.compare(again.image.data, sample.image.data)).toBe(0);
      if (steps.length > 1) expect(Buffer.compare((await make(6)).image.data, sample.image.data)).not.toBe(0);
      for (const b of sample.boxes) expect(clip(b.box, sample.image)).toEqual(b.box);
    }
  });
  it('without steps boxes are scaled to the new size', async () => {
    const sample = await prepareSample(await picture(), boxes, { width: 320, height: 480 }, Rng.seeded(1), []);
    expect(sample.boxes).toEqual([{ box: { x1: 50, y1: 80, x2: 150, y2: 400 }, classId: 0 }]);
    expect([...sample.image.data.subarray((200 * 320 + 100) * 3, (200 * 320 + 100) * 3 + 3)]).toEqual([100, 0, 0]);
  });
  it('refuse a name that is not in the table', () => {
    const steps = [{ name: 'blur' as AugmentationName }] as AugmentStep[];
    expect(() => applySteps({ image: filledImage(2, 2, [0, 0, 0]), boxes }, Rng.seeded(1), steps)).toThrow(
      'flipHorizontal',
    );
  });
  it('take a few milliseconds on 640x480', () => {
    const image = marked(640, 480, boxes);
    for (let i = 3; i < image.data.length; i++) image.data[i] = (i * 7919) % 256;
    const names = Object.keys(augmentations) as AugmentationName[];
    const times = names.map((name) => {
      const run = (i: number) =>
        applySteps({ image, boxes }, Rng.seeded(i), [
          { name, params: name === 'iouCrop' ? {} : { probability: 1 } } as AugmentStep,
        ]);
      for (let i = 0; i < 8; i++) run(i);
      const spent = Array.from({ length: 9 }, (_, i) => {
        const start = process.cpuUsage();
        run(i);
        return process.cpuUsage(start).user / 1000; // of computing: how long it waited for a processor doesn't count
      }).sort((a, b) => a - b);
      return [name, spent[4]!] as const;
    });
    if (process.env['TTFNET_TIMES']) console.log(times);
    for (const [name, ms] of times) expect(ms, name).toBeLessThan(60); // an order of magnitude above what it takes
  });
});
