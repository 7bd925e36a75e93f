// Decoding: every format and colour kind to upright RGB, orientations, and every kind of bad file as a clear error.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCovering, decodeImage, decodeResized, resizeRgb } from '../../../src/core/image/decode.ts';
import type { RgbImage } from '../../../src/core/image/rgbImage.ts';
import { readImageInfo } from '../../../src/core/image/source.ts';
import { setImageThreads } from '../../../src/core/image/vips.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ttfnet-decode-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, bytes: Uint8Array | string): string => {
  const full = path.join(folder, name);
  writeFileSync(full, bytes);
  return full;
};
const pixel = ({ data, width }: RgbImage, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
const near = (actual: number[], expected: number[], tolerance = 6): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((v, i) =>
    expect(Math.abs(v - expected[i]!), `${String(actual)} ~ ${String(expected)}`).toBeLessThanOrEqual(tolerance),
  );
};

/** 32x16: left half red, right half split into green (top) and blue (bottom). */
function quadrants(): Sharp {
  const data = Buffer.alloc(32 * 16 * 3);
  for (let y = 0; y < 16; y++) for (let x = 0; x < 32; x++) data[(y * 32 + x) * 3 + (x < 16 ? 0 : y < 8 ? 1 : 2)] = 255;
  return sharp(data, { raw: { width: 32, height: 16, channels: 3 } });
}

async function expectQuadrants(source: string, tolerance: number): Promise<void> {
  const image = await decodeImage(source);
  expect([image.width, image.height, image.data.length]).toEqual([32, 16, 32 * 16 * 3]);
  near(pixel(image, 4, 4), [255, 0, 0], tolerance);
  near(pixel(image, 28, 3), [0, 255, 0], tolerance);
  near(pixel(image, 28, 13), [0, 0, 255], tolerance);
}

describe('formats', () => {
  const cases: [string, () => Promise<Buffer>, number][] = [
    ['jpeg', () => quadrants().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), 6],
    ['png', () => quadrants().png().toBuffer(), 0],
    ['webp', () => quadrants().webp({ lossless: true }).toBuffer(), 0],
    ['tiff', () => quadrants().tiff({ compression: 'lzw' }).toBuffer(), 0],
    ['gif', () => quadrants().gif().toBuffer(), 6],
    ['avif', () => quadrants().avif({ lossless: true }).toBuffer(), 12],
  ];
  it.each(cases)('%s, whatever the file is called', async (format, make, tolerance) => {
    const at = file(`photo ${format} 图.dat`, await make());
    await expectQuadrants(at, tolerance);
    expect(await readImageInfo(at)).toEqual({ format, width: 32, height: 16, orientation: 1 });
  });

  it('takes bytes as well as paths', async () => {
    const bytes = await quadrants().png().toBuffer();
    expect((await decodeImage({ bytes, name: 'clip' })).data).toEqual((await decodeImage(file('b.png', bytes))).data);
    expect(await readImageInfo({ bytes, name: 'clip' })).toMatchObject({ width: 32, height: 16 });
  });

  it('first frame of an animated GIF', async () => {
    const frame = (colour: string): Promise<Buffer> =>
      sharp({ create: { width: 8, height: 6, channels: 3, background: colour } })
        .png()
        .toBuffer();
    const gif = await sharp([await frame('#ff0000'), await frame('#0000ff')], { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    const image = await decodeImage({ bytes: gif, name: 'gif' });
    expect([image.width, image.height]).toEqual([8, 6]);
    near(pixel(image, 3, 3), [255, 0, 0]);
  });
});

describe('colour kinds', () => {
  const grey = (value: number) => sharp(Buffer.alloc(48, value), { raw: { width: 8, height: 6, channels: 1 } });
  it('grey becomes R = G = B', async () => {
    for (const bytes of [
      await grey(90).toColourspace('b-w').png().toBuffer(),
      await grey(90).toColourspace('b-w').jpeg().toBuffer(),
    ]) {
      expect((await sharp(bytes).metadata()).channels).toBe(1);
      const image = await decodeImage({ bytes, name: 'grey' });
      near(pixel(image, 4, 4), [90, 90, 90], 2);
      near(pixel((await decodeResized({ bytes, name: 'grey' }, { width: 5, height: 5 })).image, 2, 2), [90, 90, 90], 2);
    }
  });
  it('16 bit is cut to 8', async () => {
    const data = new Uint16Array(8 * 6 * 3).fill(0x80ff);
    const wide = sharp(data, { raw: { width: 8, height: 6, channels: 3 } }).toColourspace('rgb16');
    for (const bytes of [
      await wide.clone().png().toBuffer(),
      await wide.clone().tiff({ compression: 'none' }).toBuffer(),
    ]) {
      expect((await sharp(bytes).metadata()).depth).toBe('ushort');
      near(pixel(await decodeImage({ bytes, name: '16' }), 4, 4), [128, 128, 128], 1);
    }
    const grey16 = await sharp(new Uint16Array(48).fill(0x4000), { raw: { width: 8, height: 6, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    near(pixel(await decodeImage({ bytes: grey16, name: '16' }), 4, 4), [64, 64, 64], 1);
  });
  it('CMYK JPEG and TIFF become RGB', async () => {
    const cmyk = quadrants().toColourspace('cmyk');
    for (const bytes of [await cmyk.clone().jpeg({ quality: 100 }).toBuffer(), await cmyk.clone().tiff().toBuffer()]) {
      expect((await sharp(bytes).metadata()).space).toBe('cmyk');
      const image = await decodeImage({ bytes, name: 'cmyk' });
      const [r, g, b] = pixel(image, 4, 4) as [number, number, number];
      expect(r).toBeGreaterThan(180);
      expect(Math.max(g, b)).toBeLessThan(90);
    }
  });
  it('alpha is laid on white, or on the background asked for', async () => {
    const half = Buffer.alloc(8 * 6 * 4);
    for (let i = 0; i < 48; i++) half.set([0, 0, 200, i % 8 < 4 ? 0 : 128], i * 4);
    const bytes = await sharp(half, { raw: { width: 8, height: 6, channels: 4 } })
      .png()
      .toBuffer();
    const onWhite = await decodeImage({ bytes, name: 'alpha' });
    near(pixel(onWhite, 1, 1), [255, 255, 255], 1);
    near(pixel(onWhite, 6, 1), [127, 127, 227], 2);
    near(pixel(await decodeImage({ bytes, name: 'alpha' }, { background: [10, 20, 30] }), 1, 1), [10, 20, 30], 1);
    const greyAlpha = await sharp(bytes).toColourspace('b-w').png().toBuffer();
    expect((await sharp(greyAlpha).metadata()).channels).toBe(2);
    near(pixel(await decodeImage({ bytes: greyAlpha, name: 'ga' }), 1, 1), [255, 255, 255], 1);
  });
  it('palette PNG', async () => {
    await expectQuadrants(file('palette.png', await quadrants().png({ palette: true, colours: 4 }).toBuffer()), 6);
  });
});

/** Which upright pixel (of 32x16) the stored pixel (x, y) shows: what row 0 and column 0 stand for, from the EXIF standard's table. */
const uprightOf: Record<number, (x: number, y: number) => [number, number]> = {
  1: (x, y) => [x, y],
  2: (x, y) => [31 - x, y],
  3: (x, y) => [31 - x, 15 - y],
  4: (x, y) => [x, 15 - y],
  5: (x, y) => [y, x],
  6: (x, y) => [31 - y, x],
  7: (x, y) => [31 - y, 15 - x],
  8: (x, y) => [y, 15 - x],
};

async function stored(orientation: number): Promise<Sharp> {
  const upright = await quadrants().raw().toBuffer();
  const [width, height] = orientation >= 5 ? [16, 32] : [32, 16];
  const data = Buffer.alloc(upright.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [u, v] = uprightOf[orientation]!(x, y);
      data.set(upright.subarray((v * 32 + u) * 3, (v * 32 + u) * 3 + 3), (y * width + x) * 3);
    }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

describe('EXIF orientation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('%i is applied to pixels and size', async (orientation) => {
    const pixels = await stored(orientation);
    const at = file(
      `o${orientation}.jpg`,
      await pixels.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).withMetadata({ orientation }).toBuffer(),
    );
    const meta = await sharp(readFileSync(at)).metadata();
    expect([meta.width, meta.height]).toEqual(orientation >= 5 ? [16, 32] : [32, 16]);
    await expectQuadrants(at, 6);
    expect(await readImageInfo(at)).toEqual({ format: 'jpeg', width: 32, height: 16, orientation });
    const { image, original } = await decodeResized(at, { width: 8, height: 8 });
    expect(original).toEqual({ width: 32, height: 16 });
    near(pixel(image, 1, 1), [255, 0, 0]);
    near(pixel(image, 6, 1), [0, 255, 0]);
    near(pixel(image, 6, 6), [0, 0, 255]);
  });
});

describe('resizing', () => {
  it('shrinks on load to the exact size, near a full decode and resize', async () => {
    const noise = Buffer.from(Uint8Array.from({ length: 100 * 60 * 3 }, (_, i) => (i * 7919) % 251));
    const jpeg = await sharp(noise, { raw: { width: 100, height: 60, channels: 3 } })
      .resize(1600, 1000, { fit: 'fill' })
      .jpeg({ quality: 95 })
      .toBuffer();
    const { image, original } = await decodeResized({ bytes: jpeg, name: 'n' }, { width: 200, height: 150 });
    expect(original).toEqual({ width: 1600, height: 1000 });
    expect([image.width, image.height, image.data.length]).toEqual([200, 150, 200 * 150 * 3]);
    const full = await resizeRgb(await decodeImage({ bytes: jpeg, name: 'n' }), 200, 150);
    const mean = full.data.reduce((sum, v, i) => sum + Math.abs(v - image.data[i]!), 0) / full.data.length;
    expect(mean).toBeLessThan(2);
  });
  it('enlarges too, and returns the same picture for the same size', async () => {
    const image = await decodeImage({ bytes: await quadrants().png().toBuffer(), name: 'q' });
    expect(await resizeRgb(image, 32, 16)).toBe(image);
    near(pixel(await resizeRgb(image, 64, 64), 60, 4), [0, 255, 0]);
    await expect(resizeRgb(image, 0, 4)).rejects.toMatchObject({ code: 'argument-invalid' });
    await expect(resizeRgb(image, 4.5, 4)).rejects.toMatchObject({ code: 'argument-invalid' });
  });
  it('covers without enlarging', async () => {
    const source = { bytes: await quadrants().png().toBuffer(), name: 'q' };
    expect((await decodeCovering(source, { width: 8, height: 8 })).image).toMatchObject({ width: 16, height: 8 });
    expect((await decodeCovering(source, { width: 800, height: 8 })).image).toMatchObject({ width: 32, height: 16 });
  });
});

describe('bad files', () => {
  const refused = async (source: string, code: string, part: string): Promise<void> => {
    const size = { width: 16, height: 16 };
    for (const attempt of [() => decodeImage(source), () => decodeResized(source, size)]) {
      const error = await attempt().then(
        () => null,
        (e: unknown) => e as Error & { code: string },
      );
      expect(error, `${source} should be refused`).toMatchObject({ name: 'StudioError', code });
      expect(error!.message).toContain(source);
      expect(error!.message).toContain(part);
    }
  };
  it('missing, folder, empty, text', async () => {
    await refused(path.join(folder, 'none.jpg'), 'file-missing', 'does not exist');
    mkdirSync(path.join(folder, 'dir.jpg'));
    await refused(path.join(folder, 'dir.jpg'), 'file-permission', 'folder');
    await refused(file('empty.jpg', ''), 'image-unreadable', '0 bytes');
    await refused(file('text.jpg', 'hello, I am no picture'), 'image-unreadable', 'JPEG, PNG');
    await refused(file('short.bmp', 'BM'), 'image-unreadable', 'JPEG, PNG');
    await refused(file('long.jpg', 'no picture '.repeat(100)), 'image-unreadable', 'JPEG, PNG');
    await expect(readImageInfo(path.join(folder, 'none.jpg'))).rejects.toMatchObject({ code: 'file-missing' });
    await expect(readImageInfo(path.join(folder, 'dir.jpg'))).rejects.toMatchObject({ code: 'file-permission' });
    await expect(readImageInfo(path.join(folder, 'empty.jpg'))).rejects.toMatchObject({ code: 'image-unreadable' });
    await expect(readImageInfo(path.join(folder, 'text.jpg'))).rejects.toMatchObject({ code: 'image-unreadable' });
  });
  it('SVG and other things that the library could open are no pictures here', async () => {
    await refused(
      file('a.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>'),
      'image-unreadable',
      'svg',
    );
  });
  it('truncated files of every format', async () => {
    const noise = sharp(
      Buffer.from(Uint8Array.from({ length: 200 * 150 * 3 }, (_, i) => (i * 7919 + (i >> 3) * 31) % 256)),
      {
        raw: { width: 200, height: 150, channels: 3 },
      },
    );
    const made: Record<string, Buffer> = {
      jpg: await noise.clone().jpeg().toBuffer(),
      png: await noise.clone().png().toBuffer(),
      webp: await noise.clone().webp().toBuffer(),
      tif: await noise.clone().tiff({ compression: 'lzw' }).toBuffer(),
      gif: await noise.clone().gif().toBuffer(),
    };
    for (const [kind, bytes] of Object.entries(made))
      for (const part of [0.95, 0.5, 0.1]) {
        const at = file(`cut-${part}.${kind}`, bytes.subarray(0, Math.floor(bytes.length * part)));
        await refused(at, 'image-unreadable', 'Replace the file');
      }
  });
  it('junk after the end of a whole JPEG is no reason to refuse it', async () => {
    const bytes = await quadrants().jpeg({ quality: 100 }).toBuffer();
    const image = await decodeImage({ bytes: Buffer.concat([bytes, Buffer.from('trailing junk')]), name: 'junk' });
    expect(image.width).toBe(32);
  });
  it('a 30000x30000 PNG is refused without memory for it; the limit is a setting', async () => {
    const at = file('huge.png', hugePng(30_000));
    const before = process.memoryUsage().rss;
    await refused(at, 'image-too-large', '30000x30000');
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    expect(await readImageInfo(at)).toMatchObject({ width: 30_000, height: 30_000 });
    const small = file('q.png', await quadrants().png().toBuffer());
    await expect(decodeImage(small, { maxPixels: 511 })).rejects.toMatchObject({ code: 'image-too-large' });
    await decodeImage(small, { maxPixels: 512 });
  });
  it.skipIf(process.platform === 'win32')('a file without permission', async () => {
    const at = file('locked.png', await quadrants().png().toBuffer());
    chmodSync(at, 0);
    const root = process.geteuid!() === 0;
    if (root) {
      chmodSync(folder, 0o755);
      process.seteuid!(65534);
    }
    try {
      await refused(at, 'file-permission', 'permissions');
      await expect(readImageInfo(at)).rejects.toMatchObject({ code: 'file-permission' });
    } finally {
      if (root) process.seteuid!(0);
    }
  });
});

/** A PNG with `side` x `side` pixels, whose pixels end early: the head alone must be enough to refuse it. */
function hugePng(side: number): Buffer {
  const chunk = (type: string, body: Uint8Array): Buffer => {
    const out = Buffer.alloc(12 + body.length);
    out.writeUInt32BE(body.length, 0);
    out.write(type, 4, 'latin1');
    out.set(body, 8);
    out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const idat = Buffer.alloc(1 << 20, 0x55);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', idat),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('setImageThreads', () => {
  it('sets the library for the whole process', () => {
    const before = sharp.concurrency();
    setImageThreads(1);
    expect(sharp.concurrency()).toBe(1);
    setImageThreads(before);
    expect(() => setImageThreads(-1)).toThrow('whole number');
    expect(() => setImageThreads(1.5)).toThrow('whole number');
  });
});
