// Decoding details that the golden cases leave open: plateaus, limits, and the way back to image coordinates.
import { expect, test } from 'vitest';
import { decode, findPeaks, toContinuous } from '../../../src/core/ttfnet/decode.ts';
import { toInclusive } from '../../../src/core/ttfnet/targets.ts';

test('a plateau is all peaks, the threshold is strict, borders have fewer neighbours', () => {
  const heat = Float32Array.of(0.75, 0, 0, 0, 0, 0.5, 0, 0, 0.5);
  expect(findPeaks(heat, 3, 0.25)).toEqual([
    { cell: 0, score: 0.75 },
    { cell: 5, score: 0.5 },
    { cell: 8, score: 0.5 },
  ]);
  expect(findPeaks(heat, 3, 0.5).map((p) => p.cell)).toEqual([0]);
});

test('equal scores come by class and place, and the limit cuts', () => {
  const heatmapLogits = new Float32Array(2 * 4).fill(30); // saturates: eight peaks of exactly 1
  const maps = { images: 1, classes: 2, height: 2, width: 2, heatmapLogits, distances: new Float32Array(16).fill(2) };
  const [image] = decode(maps, { threshold: 0.3, limit: 5 });
  expect(image!.classes).toEqual(Int32Array.of(0, 0, 0, 0, 1));
  expect(image!.scores).toEqual(new Float32Array(5).fill(1));
  expect(image!.boxes.slice(4, 8)).toEqual(Float32Array.of(2, 0, 6, 2));
});

test('continuous coordinates survive the way through the network', () => {
  const box = { x1: 10, y1: 20, x2: 50, y2: 25 };
  const back = toContinuous(toInclusive(box, 0.4, 3), 0.4, 3);
  for (const side of ['x1', 'y1', 'x2', 'y2'] as const) expect(back[side]).toBeCloseTo(box[side], 10);
});
