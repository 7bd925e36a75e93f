// The pixel methods: facts, thumbnails and pictures of image files.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { decodeImage, decodeCovering, resizeRgb } from '../../core/image/decode.ts';
import { encodeImage, thumbnail } from '../../core/image/encode.ts';
import type { RgbImage } from '../../core/image/rgbImage.ts';
import { readImageInfo, readSource } from '../../core/image/source.ts';
import { generateSample } from '../../core/sample/generate.ts';
import type { ImageFacts } from '../../core/store/types.ts';
import { fromFileError } from '../../shared/errors.ts';
import { paintAugmented } from './augmented.ts';
import { Lane } from './lane.ts';
import type { PixelMethods } from './methods.ts';
import type { WorkerMethods } from './protocol.ts';

const thumbnails = new Lane(Math.min(4, availableParallelism()));

/** Implements {@link PixelMethods}. */
export const pixelMethods: WorkerMethods<PixelMethods> = {
  facts: ({ file }) => factsOf(file),
  sample: async ({ folder }, { signal, emit }) => {
    const { classes } = await generateSample(folder, { signal, onProgress: (done, total) => emit({ done, total }) });
    return { classes: [...classes] };
  },
  thumbnail: ({ file, side }, { signal }) =>
    thumbnails.run(signal, () => thumbnail(file, side, { format: 'webp', quality: 78, effort: 1 })),
  augmented: paintAugmented,
  picture: async ({ file }) => ({
    bytes: await encodeImage(await decodeImage(file), { format: 'png' }),
    type: 'image/png',
  }),
};

/** What a project notes about an image file: content hash, upright size, orientation, perceptual hash. @throws file errors, image-unreadable */
export async function factsOf(file: string): Promise<ImageFacts> {
  try {
    const [bytes, info] = await Promise.all([readSource(file), stat(file)]);
    const source = { bytes, name: file };
    const { width, height, orientation } = await readImageInfo(source);
    const { image } = await decodeCovering(source, { width: 32, height: 32 });
    return {
      hash: createHash('sha256').update(bytes).digest('hex'),
      width,
      height,
      orientation,
      bytes: bytes.length,
      modified: info.mtimeMs,
      perceptualHash: differenceHash(await resizeRgb(image, 9, 8)),
    };
  } catch (error) {
    throw fromFileError(error, file);
  }
}

/** 64 bits, one for each of 8 x 8 neighbours in a row of a 9 x 8 picture: is the right one brighter? As 16 hex digits. */
export function differenceHash({ width, data }: RgbImage): string {
  const brightness = (x: number, y: number) => {
    const at = (y * width + x) * 3;
    return 299 * data[at]! + 587 * data[at + 1]! + 114 * data[at + 2]!;
  };
  let hash = '';
  for (let y = 0; y < 8; y++)
    for (let half = 0; half < 8; half += 4) {
      let digit = 0;
      for (let x = half; x < half + 4; x++) digit = digit * 2 + (brightness(x + 1, y) > brightness(x, y) ? 1 : 0);
      hash += digit.toString(16);
    }
  return hash;
}
