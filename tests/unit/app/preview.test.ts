// Pictures of what a network sees while it learns: heat laid over where it is strong, boxes drawn where it detects, the rest as it was.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Detector } from '../../../src/core/detect/detector.ts';
import type { Heat } from '../../../src/app/worker/heat.ts';
import { paintPreview } from '../../../src/app/worker/preview.ts';
import type { Detection } from '../../../src/shared/labels.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-preview-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Paints a grey picture of 800 x 400 with heat in its left quarter's top half and one box at its right. */
async function paint(detections: Detection[]) {
  const file = path.join(folder, 'grey.png');
  const grey = { create: { width: 800, height: 400, channels: 3 as const, background: { r: 90, g: 90, b: 90 } } };
  await writeFile(file, await sharp(grey).png().toBuffer());
  const scores = Uint8Array.of(...[255, 0, 0, 0, 0, 0, 0, 0], ...[0, 0, 0, 0, 0, 0, 0, 0]); // two classes, 4 columns, 2 rows
  const heat = { columns: 4, rows: 2, cellWidth: 200, cellHeight: 200, scores } as Heat;
  const detector = {
    classes: ['cat', 'dog'],
    inputSize: { width: 64, height: 64 },
    detectResized: () => Promise.resolve(detections),
  } as unknown as Detector;
  const target = path.join(folder, 'made', '7.webp');
  await paintPreview(detector, heat, file, target);
  const { data, info } = await sharp(target).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
  return { at, width: info.width, height: info.height };
}

test('heat is laid over where some class is seen, and nowhere else', async () => {
  const { at, width, height } = await paint([]);
  expect(width / height).toBeCloseTo(2, 1);
  const [red, , blue] = at(Math.round(width / 8), Math.round(height / 4));
  expect(red! - blue!).toBeGreaterThan(120);
  for (const channel of at(Math.round(width * 0.6), Math.round(height * 0.75)))
    expect(Math.abs(channel - 90)).toBeLessThan(8);
});

test('boxes are drawn where they are in the picture', async () => {
  const box = { x1: 480, y1: 220, x2: 760, y2: 380 };
  const plain = await paint([]);
  const { at, width } = await paint([{ box, classId: 1, score: 0.9 }]);
  const scale = width / 800;
  const edge = [Math.round(600 * scale), Math.round(380 * scale)] as const;
  const differs = [-2, -1, 0, 1, 2].some((d) =>
    at(edge[0], edge[1] + d).some((v, i) => Math.abs(v - plain.at(edge[0], edge[1] + d)[i]!) > 40),
  );
  expect(differs).toBe(true);
});
