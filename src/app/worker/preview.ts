// Pictures of validation images as a model sees them: its heatmap laid over, its boxes drawn, saved as small files.
import path from 'node:path';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { makeFolder } from '../../core/files/makeFolder.ts';
import type { Detector } from '../../core/detect/detector.ts';
import { scaleBoxes } from '../../core/image/augment/sample.ts';
import { decodeCovering, decodeResized } from '../../core/image/decode.ts';
import { drawBoxes } from '../../core/image/draw.ts';
import type { RgbImage } from '../../core/image/rgbImage.ts';
import type { Heat } from './heat.ts';

const side = 512;
const leastScore = 0.3;

/** Paints one image and writes `<folder>/<id>.webp`. */
export async function paintPreview(detector: Detector, heat: Heat, file: string, target: string): Promise<void> {
  const detections = await detector.detectResized(await decodeResized(file, detector.inputSize), leastScore);
  const { image, original } = await decodeCovering(file, { width: side, height: side });
  blend(image, heat);
  const boxes = scaleBoxes(detections, original, image);
  await makeFolder(path.dirname(target));
  const bytes = await drawBoxes(image, boxes, { classes: detector.classes, format: 'webp', quality: 80 });
  await writeFileAtomic(target, bytes);
}

/** Lays the strongest class of each cell over the picture, from nothing over red to yellow. `scores` are planes of 0 to 255. */
export function blend(
  { width, height, data }: RgbImage,
  { columns, rows, scores }: Pick<Heat, 'columns' | 'rows' | 'scores'>,
): void {
  const cells = columns * rows;
  const strongest = new Uint8Array(cells);
  for (let i = 0; i < scores.length; i++) strongest[i % cells] = Math.max(strongest[i % cells]!, scores[i]!);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const cell = Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
      const heat = strongest[cell]! / 255;
      const share = Math.min(0.7, heat);
      const at = (y * width + x) * 3;
      data[at] = data[at]! * (1 - share) + 255 * share;
      data[at + 1] = data[at + 1]! * (1 - share) + 255 * heat * share;
      data[at + 2] = data[at + 2]! * (1 - share);
    }
}
