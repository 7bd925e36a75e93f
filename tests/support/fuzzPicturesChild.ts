// A process that damages pictures by the seeds it is given and reads each in every way that the program does.
import sharp from 'sharp';
import { BmpCompression, encode } from 'bmp-ts';
import { decodeImage, decodeResized } from '../../src/core/image/decode.ts';
import { thumbnail } from '../../src/core/image/encode.ts';
import { readImageInfo } from '../../src/core/image/source.ts';
import { Rng } from '../../src/shared/random.ts';
import { mutated } from './mutate.ts';
import { doTasks } from './tasksOfChild.ts';

const [width, height] = [37, 23];
const noise = (channels: 1 | 3 | 4) =>
  sharp(
    Buffer.from({ length: width * height * channels } as ArrayLike<number>).map((_, i) => (i * 151) % 256),
    {
      raw: { width, height, channels },
    },
  );
const palette = Array.from({ length: 256 }, (_, i) => ({ red: i, green: 255 - i, blue: i, quad: 0 }));
const bmp = (bitPP: 8 | 24 | 32, compression = BmpCompression.NONE) => {
  const data = Buffer.alloc(width * height * 4, 99);
  return encode({ data, width, height, bitPP, compression, palette }).data;
};

/** Pictures of all formats and of what they differ in. */
const encoded: Uint8Array[] = await Promise.all([
  noise(3).jpeg().toBuffer(),
  noise(3).jpeg({ progressive: true, quality: 40 }).toBuffer(),
  noise(1).jpeg().toBuffer(),
  noise(3).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  noise(3).toColourspace('cmyk').jpeg().toBuffer(),
  noise(3)
    .jpeg({ chromaSubsampling: '4:4:4', restartInterval: 2 } as object)
    .toBuffer(),
  noise(3).png().toBuffer(),
  noise(4).png().toBuffer(),
  noise(1).png().toBuffer(),
  noise(3).png({ palette: true }).toBuffer(),
  noise(4).toColourspace('rgb16').png().toBuffer(),
  noise(3).png({ progressive: true }).toBuffer(),
  noise(3).webp().toBuffer(),
  noise(4).webp({ lossless: true }).toBuffer(),
  noise(3).withMetadata({ orientation: 3 }).webp().toBuffer(),
  noise(3).tiff().toBuffer(),
  noise(3).tiff({ compression: 'lzw' }).toBuffer(),
  noise(3).tiff({ compression: 'deflate', predictor: 'horizontal' }).toBuffer(),
  noise(3).tiff({ tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
  noise(1).tiff({ bitdepth: 1 }).toBuffer(),
  noise(4).toColourspace('rgb16').tiff().toBuffer(),
  noise(3).gif().toBuffer(),
  noise(4).gif().toBuffer(),
  noise(3).avif({ effort: 0 }).toBuffer(),
]);
const bases = [...encoded, bmp(24), bmp(32), bmp(8)];

await doTasks(async (seed) => {
  const rng = Rng.seeded(seed);
  const index = rng.int(0, bases.length - 1);
  const source = { bytes: mutated(bases[index]!, rng), name: `${seed}.picture` };
  const info = await readImageInfo(source);
  const whole = await decodeImage(source);
  const fits = whole.data.length === whole.width * whole.height * 3 && whole.width === info.width;
  if (!fits) throw new Error(`base ${index}: ${whole.data.length} bytes for ${whole.width}x${whole.height}`);
  const { image } = await decodeResized(source, { width: 16, height: 16 });
  if (image.data.length !== 768) throw new Error(`base ${index}: ${image.data.length} bytes for 16x16`);
  await thumbnail(source, 20);
  return [`base ${index}: ${info.format} ${info.width}x${info.height}`];
});
