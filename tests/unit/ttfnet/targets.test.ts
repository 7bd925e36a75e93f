// Targets beyond the official cases: bad boxes, the paper's ablations, batches, speed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Box } from '../../../src/shared/geometry.ts';
import { cornerNetRadius } from '../../../src/core/ttfnet/targetPlaces.ts';
import {
  createTargetMaps,
  defaultTargets,
  drawTargets,
  officialTargets,
  toInclusive,
  type TargetMaps,
  type TargetSettings,
} from '../../../src/core/ttfnet/targets.ts';

const size = { classes: 2, height: 16, width: 24 }; // 64 x 96 pixels
const box = (x1: number, y1: number, x2: number, y2: number): Box => ({ x1, y1, x2, y2 });

function draw(boxes: Box[], settings: Partial<TargetSettings> = {}): { maps: TargetMaps; dropped: number } {
  const maps = createTargetMaps(1, size);
  const objects = boxes.map((b) => ({ box: b, classId: 1 }));
  return { maps, dropped: drawTargets(objects, { ...defaultTargets, ...settings }, maps, 0) };
}

const sum = (a: Float32Array): number => a.reduce((s, v) => s + v, 0);
const weighted = ({ regWeight }: TargetMaps): number[] => [...regWeight.keys()].filter((i) => regWeight[i]! > 0);

test('a continuous box becomes an inclusive one in input pixels', () => {
  expect(toInclusive(box(10, 20, 30, 60), 0.5, 2)).toEqual(box(5, 40, 14, 119));
});

describe('bad boxes', () => {
  const good = box(8, 8, 40, 40);
  test.each([
    ['no area', box(20, 20, 19, 30)],
    ['inverted', box(40, 40, 10, 10)],
    ['left of the image', box(-50, 10, -5, 20)],
    ['below the image', box(10, 64, 20, 90)],
    ['not a number', box(NaN, 10, 20, 20)],
  ])('are dropped and counted: %s', (_, bad) => {
    const { maps, dropped } = draw([bad, good]);
    expect(dropped).toBe(1);
    expect(maps).toEqual(draw([good]).maps);
  });

  test('poison the batch when the official code is to be equalled', () => {
    const { maps, dropped } = draw([box(12, 30, 10, 41), good], { badBoxes: 'official' });
    expect(dropped).toBe(0);
    expect(draw([box(20, 20, 19, 30)], { badBoxes: 'official' }).maps.regWeight).toContain(-Infinity);
    expect(maps.regWeight.some((v) => Number.isNaN(v))).toBe(true);
  });

  test('that stick out are cut, so that their centre is inside', () => {
    const { maps, dropped } = draw([box(-60, 10, 20, 40)]);
    expect(dropped).toBe(0);
    expect(maps).toEqual(draw([box(0, 10, 20, 40)]).maps);
    expect(maps.heatmap).toContain(1);
  });

  test('smaller than a pixel keep a peak and a weight that is not negative', () => {
    const { maps } = draw([box(20, 20, 19.5, 19.5)]);
    expect(maps.heatmap).toContain(1);
    expect(Math.min(...maps.regWeight)).toBe(0);
    expect(draw([box(20, 20, 19.5, 19.5)], { badBoxes: 'official' }).maps.regWeight.some((v) => v < 0)).toBe(true);
  });

  test('never leave a number that is not finite', () => {
    const corner = fc.double({ min: -200, max: 200 });
    const settings = fc.record({
      kernel: fc.constantFrom('elliptic' as const, 'isotropic' as const),
      sampling: fc.constantFrom('gaussian' as const, 'center-region' as const, 'center' as const),
      area: fc.constantFrom('log' as const, 'sqrt' as const, 'none' as const, 'norm' as const),
      beta: fc.double({ min: 0.1, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(corner, corner, corner, corner), { maxLength: 6 }), settings, (corners, chosen) => {
        const { maps, dropped } = draw(
          corners.map((c) => box(...c)),
          chosen,
        );
        const peaks = maps.heatmap.filter((v) => v === 1).length;
        expect(peaks).toBeLessThanOrEqual(corners.length - dropped);
        expect(peaks > 0).toBe(dropped < corners.length);
        expect([...maps.heatmap, ...maps.regWeight].every((v) => v >= 0 && Number.isFinite(v))).toBe(true);
        expect(maps.boxTarget.every((v) => v >= -1 && v < 96)).toBe(true);
      }),
    );
  });

  test('a class that the maps lack is named', () => {
    const maps = createTargetMaps(1, size);
    const objects = [{ box: good, classId: 2 }];
    expect(() => drawTargets(objects, defaultTargets, maps, 0)).toThrow('Class 2 is not one of 0..1');
  });
});

describe('ablations', () => {
  const flat = box(8, 24, 87, 39); // 80 x 16 pixels: centre cell (11, 7)
  test('center samples one cell with weight 1', () => {
    const { maps } = draw([flat], { sampling: 'center' });
    expect(weighted(maps)).toEqual([7 * 24 + 11]);
    expect(sum(maps.regWeight)).toBe(1);
    expect(maps.boxTarget[7 * 24 + 11]).toBe(8);
  });

  test('center-region weighs alike, and as much as the Gaussian in all', () => {
    const { maps } = draw([flat], { sampling: 'center-region' });
    const cells = weighted(maps);
    expect(new Set(cells.map((i) => maps.regWeight[i])).size).toBe(1);
    expect(cells.length).toBeGreaterThan(10);
    expect(sum(maps.regWeight)).toBeCloseTo(Math.log(80 * 16), 4);
    expect(sum(draw([flat]).maps.regWeight)).toBeCloseTo(Math.log(80 * 16), 4);
  });

  test('the elliptic kernel follows the box, the isotropic one is round', () => {
    const extent = (kernel: TargetSettings['kernel']): [number, number] => {
      const { heatmap } = draw([flat], { kernel }).maps;
      const hits = [...heatmap.keys()].filter((i) => heatmap[i]! > 0).map((i) => i - 16 * 24);
      return [new Set(hits.map((i) => i % 24)).size, new Set(hits.map((i) => Math.floor(i / 24))).size];
    };
    expect(extent('elliptic')).toEqual([11, 3]);
    expect(extent('isotropic')).toEqual([3, 3]);
  });

  test("CornerNet's radius keeps the overlap of 0.7", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 128 }), (w, h) => {
        const r = cornerNetRadius(w, h);
        const overlap = (by: number): number => (w * h) / ((w + 2 * by) * (h + 2 * by));
        expect(overlap((r + 1) / 2.8)).toBeLessThan(0.7);
        expect(r === 0 || overlap(r / 2.8) >= 0.7 - 1e-9).toBe(true); // CenterNet's code leaves out a division by 4 * 0.7
      }),
    );
    expect(cornerNetRadius(20, 20)).toBe(5);
  });
});

test('one image of a batch is written, and all of it', () => {
  const maps = createTargetMaps(3, size, true);
  for (const array of [maps.heatmap, maps.boxTarget, maps.regWeight]) array.fill(5);
  drawTargets([{ box: box(8, 8, 40, 40), classId: 1 }], { ...officialTargets, perClass: true }, maps, 1);
  for (const [array, empty] of [
    [maps.heatmap, 0],
    [maps.boxTarget, -1],
    [maps.regWeight, 0],
  ] as const) {
    const third = array.length / 3;
    expect([...array.subarray(0, third), ...array.subarray(2 * third)].every((v) => v === 5)).toBe(true);
    expect(array.subarray(third, 2 * third)).not.toContain(5);
    expect(array.subarray(third, 1.5 * third).every((v) => v === empty)).toBe(true); // class 0 has nothing
    expect(array.subarray(1.5 * third, 2 * third).every((v) => v === empty)).toBe(false);
  }
});
