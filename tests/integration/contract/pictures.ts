// Small real image files for the contract suite.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeImage } from '../../../src/core/image/encode.ts';

/** Writes `count` JPEG files of 160 x 120 pixels, each of another colour, and one file that is no image. */
export async function writePictures(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const data = new Uint8Array(160 * 120 * 3).map((_, at) => (at * (i + 3) + i * 40) % 256);
    const bytes = await encodeImage({ width: 160, height: 120, data }, { format: 'jpeg' });
    await writeFile(path.join(folder, `picture ${i + 1}.jpg`), bytes);
  }
  await writeFile(path.join(folder, 'broken.jpg'), 'no picture');
}
