// COCO evaluation: numbers of an independent reference, hand-computed cases with their derivation, and properties.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/core/evaluate/coco.ts';
import { iouThresholds, recallThresholds } from '../../../src/core/evaluate/grid.ts';
import type { EvaluatedAnnotation, EvaluatedImage, Summary } from '../../../src/core/evaluate/types.ts';
import type { Detection } from '../../../src/shared/labels.ts';

interface Case {
  name: string;
  classes: number;
  images: {
    gt: { cls: number; bbox: number[]; area: number; crowd: boolean; ignore: boolean }[];
    dt: { cls: number; bbox: number[]; score: number }[];
  }[];
  expected: { summary: Summary; perClass: { ap: number | null; ap50: number | null }[] };
}

const fixture = new URL('../../fixtures/evaluate/cocoCases.json', import.meta.url);
const cases = JSON.parse(readFileSync(fixture, 'utf8')) as Case[];

const xywh = ([x, y, w, h]: number[]) => ({ x1: x!, y1: y!, x2: x! + w!, y2: y! + h! });
const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `class ${i}`);
const gt = (bbox: number[], extra: Partial<EvaluatedAnnotation> = {}): EvaluatedAnnotation => ({
  box: xywh(bbox),
  classId: 0,
  ...extra,
});
const dt = (bbox: number[], score: number, classId = 0): Detection => ({ box: xywh(bbox), classId, score });
const image = (annotations: EvaluatedAnnotation[], detections: Detection[], path = 'a.jpg'): EvaluatedImage => ({
  path,
  annotations,
  detections,
});
const ap50 = (...images: EvaluatedImage[]) => evaluate(images, ['thing']).summary.ap50;

function expectClose(actual: number | null, expected: number | null, what: string): void {
  if (expected === null || actual === null) expect(actual, what).toBe(expected);
  else expect(Math.abs(actual - expected), `${what}: ${actual} for ${expected}`).toBeLessThan(1e-12);
}

describe('thresholds', () => {
  it("carry numpy's rounding", () => {
    // np.linspace(.5, .95, 10)[3] and np.linspace(0, 1, 101)[29], printed by numpy
    expect(iouThresholds[3]).toBe(0.65);
    expect(iouThresholds[8]).toBe(0.8999999999999999);
    expect(iouThresholds[9]).toBe(0.95);
    expect(recallThresholds[29]).toBe(0.29);
    expect(recallThresholds[35]).toBe(0.35000000000000003);
    expect(recallThresholds[100]).toBe(1);
  });
});

describe('numbers of the independent reference (tests/fixtures/evaluate/reference.py)', () => {
  it.each(cases)('$name', ({ classes, images, expected }) => {
    const input = images.map((im, i) =>
      image(
        im.gt.map(({ cls, bbox, ...rest }) => gt(bbox, { classId: cls, ...rest })),
        im.dt.map((d) => dt(d.bbox, d.score, d.cls)),
        `${i}.jpg`,
      ),
    );
    const result = evaluate(input, names(classes));
    for (const key of Object.keys(expected.summary) as (keyof Summary)[])
      expectClose(result.summary[key], expected.summary[key], key);
    expected.perClass.forEach((c, id) => {
      expectClose(result.perClass[id]!.ap, c.ap, `ap of class ${id}`);
      expectClose(result.perClass[id]!.ap50, c.ap50, `ap50 of class ${id}`);
    });
  });
});

describe('hand-computed cases', () => {
  it('a perfect find is 1 everywhere it is defined', () => {
    const { summary } = evaluate([image([gt([10, 10, 50, 50])], [dt([10, 10, 50, 50], 0.9)])], ['thing']);
    expect(summary.ap).toBeCloseTo(1, 12);
    expect(summary.apMedium).toBeCloseTo(1, 12); // 2500 square pixels
    expect(summary.apSmall).toBeNull();
    expect(summary.apLarge).toBeNull();
    expect(summary.ar1).toBe(1);
  });

  it('IoU 0.6 counts at 0.50, 0.55 and 0.60 only', () => {
    // 100x100 against 60x100 inside it: 6000 / 10000 = 0.6. linspace gives 0.6 as 0.6 exactly, and >= holds: 3 of 10 thresholds.
    const { summary } = evaluate([image([gt([0, 0, 100, 100])], [dt([0, 0, 60, 100], 0.9)])], ['thing']);
    expect(summary.ap).toBeCloseTo(0.3, 12);
    expect(summary.ap50).toBeCloseTo(1, 12);
    expect(summary.ap75).toBe(0);
  });

  it('a false find above the only right one halves precision, below it costs nothing', () => {
    const right = gt([0, 0, 50, 50]);
    // order F T: recall 0, 1; precision 0, 1/2; the envelope lifts both to 1/2
    expect(ap50(image([right], [dt([200, 0, 50, 50], 0.9), dt([0, 0, 50, 50], 0.8)]))).toBeCloseTo(0.5, 12);
    expect(ap50(image([right], [dt([200, 0, 50, 50], 0.7), dt([0, 0, 50, 50], 0.8)]))).toBeCloseTo(1, 12);
  });

  it('two labels, one found: precision 1 up to recall 0.5, so 51 of 101 recalls', () => {
    expect(ap50(image([gt([0, 0, 50, 50]), gt([200, 0, 50, 50])], [dt([0, 0, 50, 50], 0.8)]))).toBeCloseTo(
      51 / 101,
      12,
    );
  });

  it('a second find of one label is wrong', () => {
    // T F T over 2 labels: recall .5 .5 1, precision 1 1/2 2/3: 51 recalls at 1, 50 at 2/3
    const labels = [gt([0, 0, 50, 50]), gt([200, 0, 50, 50])];
    const found = [dt([0, 0, 50, 50], 0.9), dt([1, 0, 50, 50], 0.8), dt([200, 0, 50, 50], 0.7)];
    expect(ap50(image(labels, found))).toBeCloseTo((51 + 50 * (2 / 3)) / 101, 12);
  });

  it('a crowd swallows any number of finds, by the share of the find inside it', () => {
    const crowd = gt([100, 0, 200, 200], { crowd: true });
    const inside = [0, 1, 2, 3].map((i) => dt([100 + 40 * i, 0, 40, 40], 0.95)); // IoU with the crowd is 0.04, share 1
    expect(ap50(image([crowd, gt([0, 0, 50, 50])], [...inside, dt([0, 0, 50, 50], 0.5)]))).toBeCloseTo(1, 12);
    // half inside is enough at 0.5, less is not
    expect(ap50(image([crowd, gt([0, 0, 50, 50])], [dt([80, 0, 40, 40], 0.9), dt([0, 0, 50, 50], 0.5)]))).toBeCloseTo(
      1,
      12,
    );
    expect(ap50(image([crowd, gt([0, 0, 50, 50])], [dt([79, 0, 40, 40], 0.9), dt([0, 0, 50, 50], 0.5)]))).toBeCloseTo(
      0.5,
      12,
    );
  });

  it('an ignored label swallows one find only, at ordinary IoU', () => {
    const ignored = gt([100, 0, 50, 50], { ignore: true });
    const own = dt([0, 0, 50, 50], 0.5);
    expect(ap50(image([ignored, gt([0, 0, 50, 50])], [dt([100, 0, 50, 50], 0.9), own]))).toBeCloseTo(1, 12);
    const twice = [dt([100, 0, 50, 50], 0.9), dt([101, 0, 50, 50], 0.8), own];
    expect(ap50(image([ignored, gt([0, 0, 50, 50])], twice))).toBeCloseTo(0.5, 12);
    expect(ap50(image([ignored, gt([0, 0, 50, 50])], [dt([110, 10, 20, 20], 0.9), own]))).toBeCloseTo(0.5, 12);
  });

  it('prefers a counting label over an ignored one that it overlaps more', () => {
    const labels = [gt([0, 0, 50, 50], { ignore: true }), gt([0, 0, 40, 50])]; // IoU 1 and 0.8
    expect(ap50(image(labels, [dt([0, 0, 50, 50], 0.9)]))).toBeCloseTo(1, 12);
  });

  it('areas of exactly 32² and 96² belong to both neighbours', () => {
    const at = (side: number) =>
      evaluate([image([gt([0, 0, side, side])], [dt([0, 0, side, side], 1)])], ['t']).summary;
    expect(at(32)).toMatchObject({ arSmall: 1, arMedium: 1, arLarge: null });
    expect(at(96)).toMatchObject({ arSmall: null, arMedium: 1, arLarge: 1 });
    expect(at(97)).toMatchObject({ arSmall: null, arMedium: null, arLarge: 1 });
  });

  it('an unmatched detection of another size is no mistake of a range', () => {
    const { summary } = evaluate(
      [image([gt([0, 0, 20, 20])], [dt([200, 0, 200, 200], 1), dt([0, 0, 20, 20], 0.5)])],
      ['t'],
    );
    expect(summary.apSmall).toBeCloseTo(1, 12);
    expect(summary.ap).toBeCloseTo(0.5, 12);
  });

  it('keeps the order given among equal scores, image after image', () => {
    const right = image([gt([0, 0, 50, 50])], [dt([0, 0, 50, 50], 0.5)], 'right');
    const wrong = image([], [dt([0, 0, 50, 50], 0.5)], 'wrong');
    expect(ap50(right, wrong)).toBeCloseTo(1, 12);
    expect(ap50(wrong, right)).toBeCloseTo(0.5, 12);
  });

  it('recall at 1, 10 and 100 detections per image', () => {
    const labels = Array.from({ length: 120 }, (_, i) => gt([60 * i, 0, 50, 50]));
    const found = labels.map((_, i) => dt([60 * i, 0, 50, 50], 1 - i / 1000));
    const { summary } = evaluate([image(labels, found)], ['t']);
    expectClose(summary.ar1, 1 / 120, 'ar1');
    expectClose(summary.ar10, 10 / 120, 'ar10');
    expectClose(summary.ar100, 100 / 120, 'ar100');
  });

  it('no label, no detection, nothing at all', () => {
    const noLabel = evaluate([image([], [dt([0, 0, 9, 9], 1)])], ['t']);
    expect(Object.values(noLabel.summary).every((v) => v === null)).toBe(true);
    const noDetection = evaluate([image([gt([0, 0, 50, 50])], [])], ['t', 'u']);
    expect(noDetection.summary).toMatchObject({ ap: 0, ar100: 0, apMedium: 0, apSmall: null });
    expect(noDetection.perClass[1]).toMatchObject({ ap: null, labels: 0 });
    expect(evaluate([], []).summary.ap).toBeNull();
    expect(evaluate([image([gt([0, 0, 9, 9], { crowd: true })], [dt([0, 0, 9, 9], 1)])], ['t']).summary.ap).toBeNull();
  });

  it('refuses unknown classes and numbers that are none, naming the image', () => {
    expect(() => evaluate([image([gt([0, 0, 9, 9], { classId: 3 })], [])], ['t'])).toThrow(
      /a\.jpg: a label has class 3/,
    );
    expect(() => evaluate([image([], [dt([0, 0, 9, 9], NaN)])], ['t'])).toThrow(/a\.jpg: a detection/);
  });
});

const boxes = fc.tuple(
  fc.integer({ min: 0, max: 60 }),
  fc.integer({ min: 0, max: 60 }),
  fc.integer({ min: 1, max: 60 }),
  fc.integer({ min: 1, max: 60 }),
);
const anyImage = fc.record({
  path: fc.constant('x'),
  annotations: fc.array(
    fc.record({ b: boxes, classId: fc.nat(1) }).map(({ b, classId }) => gt(b, { classId })),
    { maxLength: 6 },
  ),
  detections: fc.array(
    fc.record({ b: boxes, s: fc.integer({ min: 1, max: 9 }), c: fc.nat(1) }).map(({ b, s, c }) => dt(b, s / 10, c)),
    { maxLength: 8 },
  ),
});

describe('properties', () => {
  it('every number is null or 0 to 1; recall grows with the detections allowed', () => {
    fc.assert(
      fc.property(fc.array(anyImage, { maxLength: 4 }), (images) => {
        const { summary: s } = evaluate(images, ['a', 'b']);
        for (const v of Object.values(s)) expect(v === null || (v >= 0 && v <= 1)).toBe(true);
        expect(s.ar1! <= s.ar10! && s.ar10! <= s.ar100!).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('a detection under all others that finds nothing never changes AP', () => {
    fc.assert(
      fc.property(fc.array(anyImage, { minLength: 1, maxLength: 4 }), (images) => {
        const more = images.map((im) => ({ ...im, detections: [...im.detections, dt([900, 900, 9, 9], 0.01)] }));
        expect(evaluate(more, ['a', 'b']).summary.ap).toEqual(evaluate(images, ['a', 'b']).summary.ap);
      }),
      { numRuns: 50 },
    );
  });
});

/** A small linear congruential generator: the load test needs speed and repeatability, not quality. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

describe('size', () => {
  it('evaluates 5,000 images with 100 detections each over 80 classes', () => {
    const random = generator(7);
    const images = Array.from({ length: 5000 }, (_, i) => {
      const labels = Array.from({ length: 7 }, () =>
        gt([random() * 500, random() * 500, 10 + random() * 150, 10 + random() * 150], {
          classId: Math.floor(random() * 80),
        }),
      );
      const found = Array.from({ length: 100 }, (_, d) => {
        const l = labels[d % 7]!;
        const classId = d < 20 ? l.classId : Math.floor(random() * 80);
        const { x1, y1, x2, y2 } = l.box;
        return dt([x1 + random() * 20, y1 + random() * 20, x2 - x1, y2 - y1], random(), classId);
      });
      return image(labels, found, `${i}`);
    });
    // 2 s on an idle core: a change of order would not end before the test's limit.
    expect(evaluate(images, names(80)).summary.ap).toBeGreaterThan(0);
  });
});
