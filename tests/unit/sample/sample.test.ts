// The sample dataset: boxes are tight on the rendered pixels, nothing covers anything, and a seed always writes the same files.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderSvg } from '../../../src/core/image/encode.ts';
import type { RgbImage } from '../../../src/core/image/rgbImage.ts';
import { thingsSvg } from '../../../src/core/sample/drawScene.ts';
import { generateSample } from '../../../src/core/sample/generate.ts';
import { layOutScene, sampleClasses, sceneLabels, sceneSize } from '../../../src/core/sample/scene.ts';
import { type Box, area, intersect } from '../../../src/shared/geometry.ts';
import { Rng } from '../../../src/shared/random.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ttfnet-sample-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Extent of the pixels that a drawing covers by more than a quarter: where it looks different on white and on black. */
function drawnExtent(white: RgbImage, black: RgbImage): Box {
  const box = { x1: Infinity, y1: Infinity, x2: 0, y2: 0 };
  for (let i = 0; i < white.data.length; i += 3) {
    if (white.data[i]! - black.data[i]! > 191) continue;
    const x = (i / 3) % white.width;
    const y = Math.floor(i / 3 / white.width);
    box.x1 = Math.min(box.x1, x);
    box.y1 = Math.min(box.y1, y);
    box.x2 = Math.max(box.x2, x + 1);
    box.y2 = Math.max(box.y2, y + 1);
  }
  return box;
}

describe('scenes', () => {
  const scenes = Array.from({ length: 60 }, (_, i) => layOutScene(Rng.seeded(5).fork(i)));

  it('boxes are tight on what is drawn', async () => {
    const objects = scenes
      .flatMap((s) => s.objects.map((o, i) => ({ o, label: sceneLabels(s)[i]!, light: s.light })))
      .slice(0, 40);
    for (const classId of [0, 1, 2]) expect(objects.filter((x) => x.o.classId === classId).length).toBeGreaterThan(5);
    for (const { o, label, light } of objects) {
      const svg = thingsSvg([o], 't', light);
      const seen = drawnExtent(await renderSvg(svg, sceneSize), await renderSvg(svg, sceneSize, [0, 0, 0]));
      for (const side of ['x1', 'y1', 'x2', 'y2'] as const)
        expect(Math.abs(seen[side] - label.box[side]), `${sampleClasses[label.classId]!} ${side}`).toBeLessThanOrEqual(
          1.2,
        );
    }
  });

  it('labelled things lie inside, are large enough and hardly overlap even as boxes', () => {
    for (const scene of scenes) {
      const labels = sceneLabels(scene);
      expect(labels.length).toBeGreaterThan(0);
      labels.forEach(({ box }, i) => {
        expect(box.x1 > 0 && box.y1 > 0 && box.x2 < sceneSize.width && box.y2 < sceneSize.height).toBe(true);
        expect(Math.min(box.x2 - box.x1, box.y2 - box.y1)).toBeGreaterThan(12);
        for (const other of labels.slice(i + 1))
          expect(area(intersect(box, other.box)) / Math.min(area(box), area(other.box))).toBeLessThan(0.9);
      });
    }
  });
});

describe('generateSample', () => {
  const contents = (root: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((f) => f.isFile())
        .map((f) => path.join(f.parentPath, f.name))
        .map((f) => [path.relative(root, f), readFileSync(f).toString('base64')]),
    );

  it('writes VOC files that agree with one another, the same for a seed and others for another', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((n) => path.join(folder, n)) as [string, string, string];
    const steps: string[] = [];
    const summary = await generateSample(a, {
      count: 3,
      seed: 8,
      onProgress: (done, total) => steps.push(`${done}/${total}`),
    });
    expect(steps).toEqual(['1/3', '2/3', '3/3']);
    expect(summary.splits).toEqual({ train: ['sample001'], val: ['sample002'], test: ['sample003'] });
    expect(readFileSync(path.join(a, 'ImageSets/Main/val.txt'), 'utf8')).toBe('sample002\n');
    let boxes = 0;
    for (const stem of ['sample001', 'sample002', 'sample003']) {
      const xml = readFileSync(path.join(a, 'Annotations', `${stem}.xml`), 'utf8');
      expect(xml).toContain(`<filename>${stem}.jpg</filename>`);
      expect(await sharp(path.join(a, 'JPEGImages', `${stem}.jpg`)).metadata()).toMatchObject({
        format: 'jpeg',
        ...sceneSize,
      });
      for (const [, name, x1, y1, x2, y2] of xml.matchAll(
        /<name>(\w+)<\/name>.*<xmin>(\d+)<\/xmin><ymin>(\d+)<\/ymin><xmax>(\d+)<\/xmax><ymax>(\d+)<\/ymax>/g,
      )) {
        boxes++;
        expect(sampleClasses).toContain(name);
        expect(
          Number(x1) >= 1 &&
            Number(y1) >= 1 &&
            Number(x2) <= 640 &&
            Number(y2) <= 480 &&
            Number(x2) > Number(x1) &&
            Number(y2) > Number(y1),
        ).toBe(true);
      }
    }
    expect(boxes).toBe(summary.boxes);
    await generateSample(b, { count: 3, seed: 8 });
    expect(contents(b)).toEqual(contents(a));
    await generateSample(c, { count: 3, seed: 9 });
    expect(contents(c)['JPEGImages/sample001.jpg']).not.toBe(contents(a)['JPEGImages/sample001.jpg']);
  }, 120_000);

  it('refuses too few pictures, stops when cancelled, names a folder that can’t be made', async () => {
    await expect(generateSample(folder, { count: 2 })).rejects.toMatchObject({ code: 'argument-invalid' });
    await expect(generateSample(path.join(folder, 'd'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    await expect(generateSample('/dev/null/x')).rejects.toMatchObject({ name: 'StudioError' });
  });
});
