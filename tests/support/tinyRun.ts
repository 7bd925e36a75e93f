// A handful of tiny labelled pictures: enough for the training loop to run for real in a second.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { LabelledImage } from '../../src/shared/labels.ts';
import type { RunLabels } from '../../src/core/train/runFolder.ts';

/** Writes `count` pictures with one bright box each, of two classes, into a new folder. The first two also validate. */
export async function tinyLabels(count = 5): Promise<RunLabels> {
  const imageRoot = await mkdtemp(path.join(tmpdir(), 'ttfnet-tiny-'));
  const images: LabelledImage[] = Array.from({ length: count }, (_, i) => ({
    path: `${i}.png`,
    width: 64,
    height: 64,
    annotations: [{ box: { x1: 4 * i, y1: 8, x2: 4 * i + 24, y2: 40 }, classId: i % 2 }],
  }));
  for (const [i, image] of images.entries()) {
    const box = { create: { width: 24, height: 32, channels: 3 as const, background: i % 2 ? 'yellow' : 'red' } };
    const input = await sharp(box).png().toBuffer();
    await sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 9 * i, g: 40, b: 80 } } })
      .composite([{ input, left: 4 * i, top: 8 }])
      .png()
      .toFile(path.join(imageRoot, image.path));
  }
  return { classes: ['red', 'yellow'], imageRoot, train: images, val: images.slice(0, 2), monitor: null, findings: [] };
}
