// Augmented samples as a person is shown them: boxes where the run's pipeline puts them, heat where its targets are, the same for the same seed.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { paintAugmented } from '../../../src/app/worker/augmented.ts';
import type { PixelMethods } from '../../../src/app/worker/methods.ts';
import { makeConfig } from '../../../src/core/train/config.ts';
import type { LabelledImage } from '../../../src/shared/labels.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-augmented-'));
  const grey = { create: { width: 800, height: 400, channels: 3 as const, background: { r: 90, g: 90, b: 90 } } };
  await writeFile(path.join(folder, 'grey.png'), await sharp(grey).png().toBuffer());
  await writeFile(path.join(folder, 'broken.png'), 'no picture');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A box in the left quarter: its centre is at 1/8 of the width and half the height. */
const image = (file = 'grey.png'): LabelledImage => ({
  path: file,
  width: 800,
  height: 400,
  annotations: [{ box: { x1: 20, y1: 100, x2: 180, y2: 300 }, classId: 1 }],
});

type Input = PixelMethods['augmented']['input'];
const paint = (change: Partial<Input> = {}, signal = new AbortController().signal) => {
  const config = makeConfig({ start: 'base', epochs: 1, width: 256, height: 256, augment: 'none' });
  const input = { images: [image()], imageRoot: folder, classes: 2, config, heat: true, ...change };
  return paintAugmented(input, { signal, emit: () => undefined, onTell: () => undefined });
};
async function pixels(bytes: Uint8Array) {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => {
    const place = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 3;
    return [...data.subarray(place, place + 3)] as [number, number, number];
  };
  return { at, size: [info.width, info.height] };
}
const isHot = ([red, , blue]: [number, number, number]) => red - blue > 100;

test('the picture has the size of the input, heat at the centre of the box, and none elsewhere', async () => {
  const [made] = await paint();
  expect(made).toMatchObject({ index: 0, boxes: 1 });
  const { at, size } = await pixels(made!.bytes);
  expect(size).toEqual([256, 256]);
  expect(isHot(at(0.125, 0.5))).toBe(true);
  for (const channel of at(0.7, 0.5)) expect(Math.abs(channel - 90)).toBeLessThan(8);
  const plain = await pixels((await paint({ heat: false }))[0]!.bytes);
  expect(isHot(plain.at(0.125, 0.5))).toBe(false);
});

test('mirrored samples have the box on the other side, and both kinds come', async () => {
  const images = Array.from({ length: 12 }, () => image());
  const config = makeConfig({ start: 'base', epochs: 1, width: 256, height: 256, augment: 'flip' });
  const made = await paint({ images, config });
  const sides = new Set<string>();
  for (const { bytes } of made) {
    const { at } = await pixels(bytes);
    const [left, right] = [isHot(at(0.125, 0.5)), isHot(at(0.875, 0.5))];
    expect(left).not.toBe(right);
    sides.add(left ? 'left' : 'right');
  }
  expect([...sides].sort()).toEqual(['left', 'right']);
});

test('the same seed gives the same pictures, another one others', async () => {
  const config = (seed: number) =>
    makeConfig({ start: 'base', epochs: 1, width: 128, height: 128, augment: 'ssd', seed });
  const [a, b, c] = await Promise.all([3, 3, 4].map(async (seed) => (await paint({ config: config(seed) }))[0]!.bytes));
  expect(Buffer.compare(a!, b!)).toBe(0);
  expect(Buffer.compare(a!, c!)).not.toBe(0);
});

test('an unreadable or missing image leaves the others; a cancelled one ends it', async () => {
  const images = [image('broken.png'), image(), image('gone.png')];
  expect((await paint({ images })).map(({ index }) => index)).toEqual([1]);
  await expect(paint({}, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
});
