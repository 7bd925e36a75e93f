// Makes what the project commands are measured on: a folder of 100,000 small real pictures and one COCO file with 1,000,000 boxes.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const perFolder = 1000;
const boxesPerImage = 10;
const classCount = 20;
const [width, height] = [64, 48];

/** A generator of the same numbers every time (a linear congruence), so that runs compare. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const nameOf = (i: number): string => `folder ${Math.floor(i / perFolder)}/IMG_${i}.jpg`;

/** One picture of random blocks: no two alike, about a kilobyte. */
function picture(random: () => number): Promise<Buffer> {
  const raw = { width: 9, height: 8, channels: 3 } as const;
  const pixels = Uint8Array.from({ length: 9 * 8 * 3 }, () => random() * 256);
  return sharp(pixels, { raw }).resize(width, height, { kernel: 'nearest' }).jpeg({ quality: 60 }).toBuffer();
}

async function writePictures(folder: string, count: number): Promise<void> {
  const random = randomFrom(1);
  for (let start = 0; start < count; start += perFolder) {
    await mkdir(path.dirname(path.join(folder, nameOf(start))), { recursive: true });
    for (let at = start; at < Math.min(count, start + perFolder); at += 8) {
      const numbers = Array.from({ length: Math.min(8, count - at) }, (_, i) => at + i);
      const files = numbers.map(async (i) => writeFile(path.join(folder, nameOf(i)), await picture(random)));
      await Promise.all(files);
    }
  }
}

function* records(count: number): Generator<string> {
  const random = randomFrom(2);
  yield '{"images":[';
  for (let i = 0; i < count; i++)
    yield `${i ? ',' : ''}\n${JSON.stringify({ id: i + 1, file_name: nameOf(i), width, height })}`;
  yield '],\n"annotations":[';
  for (let i = 0; i < count * boxesPerImage; i++) {
    const bbox = [random() * 40, random() * 30, 2 + random() * 20, 2 + random() * 15].map((v) => Number(v.toFixed(2)));
    const image = Math.floor(i / boxesPerImage) + 1;
    const category = 1 + Math.floor(random() ** 2 * classCount);
    yield `${i ? ',' : ''}\n${JSON.stringify({ id: i + 1, image_id: image, category_id: category, bbox, area: bbox[2]! * bbox[3]!, iscrowd: 0 })}`;
  }
  const categories = Array.from({ length: classCount }, (_, i) => ({ id: i + 1, name: `class ${i}` }));
  yield `],\n"categories":${JSON.stringify(categories)}}\n`;
}

async function writeLabels(file: string, count: number): Promise<void> {
  const out = createWriteStream(file);
  let text = '';
  for (const record of records(count)) {
    text += record;
    if (text.length < 1 << 20) continue;
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  }
  out.end(text);
  await finished(out);
}

/** Writes `pictures/` and `labels/instances.json` into `folder`. */
export async function makeBigFolder(folder: string, count: number): Promise<void> {
  await mkdir(path.join(folder, 'labels'), { recursive: true });
  await writePictures(path.join(folder, 'pictures'), count);
  await writeLabels(path.join(folder, 'labels', 'instances.json'), count);
}

const [, script, target, count] = process.argv;
if (script === fileURLToPath(import.meta.url) && target !== undefined)
  await makeBigFolder(path.resolve(target), Number(count ?? 100_000));
