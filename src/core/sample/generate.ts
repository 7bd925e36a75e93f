// Writes the sample dataset: seeded pictures of coins, keys and mugs with Pascal VOC labels and split files.
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import type { Box } from '../../shared/geometry.ts';
import { Rng } from '../../shared/random.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { encodeImage } from '../image/encode.ts';
import type { RgbImage } from '../image/rgbImage.ts';
import { renderSurface } from './backgrounds.ts';
import { drawScene } from './drawScene.ts';
import { type Scene, layOutScene, sampleClasses, sceneLabels, sceneSize } from './scene.ts';

/** Settings of {@link generateSample}. */
export interface SampleOptions {
  /** Equal seeds write equal files (with the same version of the image library). Default 1. */
  seed?: number;
  /** Number of pictures, from 3; default 60: 42 to train, 9 to validate, 9 to test. */
  count?: number;
  /** Called after each picture. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** What was written. */
export interface SampleSummary {
  folder: string;
  classes: readonly string[];
  images: number;
  boxes: number;
  /** File stems by split. */
  splits: Record<'train' | 'val' | 'test', string[]>;
}

/**
 * Draws the sample into `folder` (made if missing): JPEGImages/, Annotations/ (VOC: 1-based inclusive integers), ImageSets/Main/{train,val,test}.txt.
 * Files of the same names are replaced, others left alone.
 * @throws StudioError `argument-invalid`, `file-permission`, `disk-full`, `cancelled`
 */
export async function generateSample(folder: string, options: SampleOptions = {}): Promise<SampleSummary> {
  const { seed = 1, count = 60, onProgress, signal } = options;
  if (!Number.isInteger(count) || count < 3)
    throw new StudioError(
      'argument-invalid',
      `A sample of ${count} pictures is not possible; use a whole number from 3.`,
    );
  await makeFolders(folder);
  const tables = new Map<number, RgbImage>();
  let boxes = 0;
  for (let i = 0; i < count; i++) {
    if (signal?.aborted) throw new StudioError('cancelled', 'Drawing the sample was cancelled.');
    const rng = Rng.seeded(seed).fork(`picture ${i}`);
    const scene = layOutScene(rng);
    boxes += scene.objects.length;
    await writePicture(folder, stem(i), scene, await tableFor(scene, tables), rng);
    onProgress?.(i + 1, count);
  }
  const splits = splitStems(Array.from({ length: count }, (_, i) => stem(i)));
  for (const [name, stems] of Object.entries(splits))
    await writeFileAtomic(path.join(folder, 'ImageSets', 'Main', `${name}.txt`), `${stems.join('\n')}\n`);
  return { folder, classes: sampleClasses, images: count, boxes, splits };
}

async function makeFolders(folder: string): Promise<void> {
  for (const part of ['.', 'JPEGImages', 'Annotations', path.join('ImageSets', 'Main')])
    await makeFolder(path.join(folder, part));
}

async function tableFor(scene: Scene, tables: Map<number, RgbImage>): Promise<RgbImage> {
  const table = tables.get(scene.surface) ?? (await renderSurface(scene.surface));
  tables.set(scene.surface, table);
  return table;
}

async function writePicture(folder: string, name: string, scene: Scene, table: RgbImage, rng: Rng): Promise<void> {
  const jpeg = await encodeImage(await drawScene(scene, table, rng), { format: 'jpeg', quality: 88 });
  await writeFileAtomic(path.join(folder, 'JPEGImages', `${name}.jpg`), jpeg);
  await writeFileAtomic(path.join(folder, 'Annotations', `${name}.xml`), vocXml(name, scene));
}

function stem(index: number): string {
  return `sample${String(index + 1).padStart(3, '0')}`;
}

/** Pictures are independent draws, so any fixed parts will do: about 70, 15 and 15 percent, none of them empty. */
function splitStems(stems: string[]): SampleSummary['splits'] {
  const held = Math.max(1, Math.round(stems.length * 0.15));
  const train = stems.length - 2 * held;
  return { train: stems.slice(0, train), val: stems.slice(train, train + held), test: stems.slice(train + held) };
}

function vocXml(name: string, scene: Scene): string {
  const objects = sceneLabels(scene).map(({ box, classId }) => objectXml(sampleClasses[classId]!, box));
  const { width, height } = sceneSize;
  return [
    '<annotation>',
    '  <folder>JPEGImages</folder>',
    `  <filename>${name}.jpg</filename>`,
    `  <size><width>${width}</width><height>${height}</height><depth>3</depth></size>`,
    '  <segmented>0</segmented>',
    ...objects,
    '</annotation>',
    '',
  ].join('\n');
}

/** VOC counts pixels from 1 and includes the last one: the box covers every pixel that the thing touches. */
function objectXml(name: string, box: Box): string {
  const corners = `<xmin>${Math.floor(box.x1) + 1}</xmin><ymin>${Math.floor(box.y1) + 1}</ymin><xmax>${Math.ceil(box.x2)}</xmax><ymax>${Math.ceil(box.y2)}</ymax>`;
  return `  <object><name>${name}</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult><bndbox>${corners}</bndbox></object>`;
}
