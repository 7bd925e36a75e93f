// Bitmaps: written here by bytes and by an independent encoder, read to the same pixels; damaged ones refused.
import { BmpCompression, encode } from 'bmp-ts';
import { describe, expect, it } from 'vitest';
import { decodeImage, decodeResized } from '../../../src/core/image/decode.ts';
import { readImageInfo } from '../../../src/core/image/source.ts';

const width = 5;
const height = 3;
const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256);

interface Made {
  bits: number;
  compression?: number;
  masks?: number[];
  palette?: number[][];
  rows: Uint8Array;
  topDown?: boolean;
  headerSize?: number;
}

function bmp({
  bits,
  compression = 0,
  masks = [],
  palette = [],
  rows,
  topDown = false,
  headerSize = 40,
}: Made): Buffer {
  const head = Buffer.alloc(14 + headerSize + (headerSize === 40 ? masks.length * 4 : 0));
  head.write('BM');
  head.writeUInt32LE(headerSize, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(topDown ? -height : height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(compression, 30);
  head.writeUInt32LE(palette.length, 46);
  masks.forEach((m, i) => head.writeUInt32LE(m >>> 0, 54 + i * 4));
  const table = Buffer.from(palette.flatMap(([r, g, b]) => [b!, g!, r!, 0]));
  head.writeUInt32LE(head.length + table.length, 10);
  return Buffer.concat([head, table, rows]);
}

/** Rows from the bottom up, each padded to 4 bytes. */
function rows(bytesOf: (x: number, y: number) => number[], topDown = false): Uint8Array {
  return Buffer.concat(
    Array.from({ length: height }, (_, i) => {
      const y = topDown ? i : height - 1 - i;
      const row = Array.from({ length: width }, (_, x) => bytesOf(x, y)).flat();
      return Buffer.from([...row, ...new Array<number>((4 - (row.length % 4)) % 4).fill(0)]);
    }),
  );
}
const at = (x: number, y: number): [number, number, number] => {
  const i = (y * width + x) * 3;
  return [rgb[i]!, rgb[i + 1]!, rgb[i + 2]!];
};
const bgr = (x: number, y: number): number[] => at(x, y).reverse();
const pixels = async (bytes: Uint8Array): Promise<number[]> => [...(await decodeImage({ bytes, name: 'a.bmp' })).data];

describe('BMP', () => {
  it('24 and 32 bits, bottom up and top down, old and new headers', async () => {
    for (const topDown of [false, true])
      for (const headerSize of [40, 108, 124]) {
        expect(await pixels(bmp({ bits: 24, rows: rows(bgr, topDown), topDown, headerSize }))).toEqual([...rgb]);
        const wide = rows((x, y) => [...bgr(x, y), 0], topDown);
        expect(await pixels(bmp({ bits: 32, rows: wide, topDown, headerSize }))).toEqual([...rgb]);
      }
  });
  it('32 bits with masks', async () => {
    const masks = [0x000000ff, 0x0000ff00, 0x00ff0000];
    expect(await pixels(bmp({ bits: 32, compression: 3, masks, rows: rows((x, y) => [...at(x, y), 9]) }))).toEqual([
      ...rgb,
    ]);
    const high = [0xff000000, 0x00ff0000, 0x0000ff00];
    expect(
      await pixels(
        bmp({ bits: 32, compression: 3, masks: high, rows: rows((x, y) => [0, ...bgr(x, y)]), headerSize: 124 }),
      ),
    ).toEqual([...rgb]);
  });
  it('16 bits: 555 and 565', async () => {
    const five = (v: number): number => v >> 3;
    const stretch = (v: number, max: number): number => Math.round((v * 255) / max);
    const word = (v: number): number[] => [v & 255, v >> 8];
    const r555 = rows((x, y) => word((five(at(x, y)[0]) << 10) | (five(at(x, y)[1]) << 5) | five(at(x, y)[2])));
    expect(await pixels(bmp({ bits: 16, rows: r555 }))).toEqual([...rgb].map((v) => stretch(v >> 3, 31)));
    const r565 = rows((x, y) => word((five(at(x, y)[0]) << 11) | ((at(x, y)[1] >> 2) << 5) | five(at(x, y)[2])));
    expect(await pixels(bmp({ bits: 16, compression: 3, masks: [0xf800, 0x07e0, 0x001f], rows: r565 }))).toEqual(
      [...rgb].map((v, i) => (i % 3 === 1 ? stretch(v >> 2, 63) : stretch(v >> 3, 31))),
    );
  });
  it('1, 4 and 8 bits with a palette', async () => {
    const palette = [
      [10, 20, 30],
      [200, 100, 50],
      [1, 2, 3],
      [4, 5, 6],
    ];
    const index = (x: number, y: number, n: number): number => (x * 3 + y) % n;
    const expected = (n: number): number[] =>
      Array.from({ length: width * height }, (_, i) => palette[index(i % width, Math.floor(i / width), n)]!).flat();
    expect(await pixels(bmp({ bits: 8, palette, rows: rows((x, y) => [index(x, y, 4)]) }))).toEqual(expected(4));
    const nibbles = rows((x, y) => (x % 2 ? [] : [(index(x, y, 4) << 4) | (x + 1 < width ? index(x + 1, y, 4) : 0)]));
    expect(await pixels(bmp({ bits: 4, palette, rows: nibbles }))).toEqual(expected(4));
    const packed = rows((x, y) =>
      x ? [] : [Array.from({ length: width }, (_, i) => index(i, y, 2) << (7 - i)).reduce((a, b) => a | b)],
    );
    expect(await pixels(bmp({ bits: 1, palette: palette.slice(0, 2), rows: packed }))).toEqual(expected(2));
  });
  it('run-length coding with literal runs, moves and early end', async () => {
    const palette = [
      [0, 0, 0],
      [255, 0, 0],
      [0, 255, 0],
    ];
    const code = Uint8Array.of(5, 1, 0, 0, 0, 3, 2, 1, 2, 0, 2, 1, 0, 0, 0, 2, 1, 0, 3, 2, 0, 1);
    const image = (await pixels(bmp({ bits: 8, compression: 1, palette, rows: code }))).map((v) => (v ? 1 : 0));
    const line = (s: string): number[] =>
      Array.from(s).flatMap((c) => (c === 'r' ? [1, 0, 0] : c === 'g' ? [0, 1, 0] : [0, 0, 0]));
    expect(image).toEqual(line('.ggg.' + 'grgrr' + 'rrrrr'));
    const four = Uint8Array.of(5, 0x12, 0, 0, 0, 1);
    expect(
      (await pixels(bmp({ bits: 4, compression: 2, palette, rows: four }))).slice(-15).map((v) => (v ? 1 : 0)),
    ).toEqual(line('rgrgr'));
  });
  it('reads what another encoder writes', async () => {
    const abgr = Buffer.from(
      Array.from({ length: width * height }, (_, i) => [255, ...bgr(i % width, Math.floor(i / width))]).flat(),
    );
    const { data } = encode({ width, height, data: abgr, bitPP: 24, compression: BmpCompression.NONE });
    expect(await pixels(data)).toEqual([...rgb]);
  });
  it('knows its size, resizes, and refuses damage and sizes beyond the limit', async () => {
    const whole = bmp({ bits: 24, rows: rows(bgr) });
    const source = { bytes: whole, name: 'a.bmp' };
    expect(await readImageInfo(source)).toEqual({ format: 'bmp', width, height, orientation: 1 });
    expect((await decodeResized(source, { width: 10, height: 9 })).original).toEqual({ width, height });
    for (const length of [30, 60, whole.length - 1])
      await expect(decodeImage({ bytes: whole.subarray(0, length), name: 'a.bmp' })).rejects.toMatchObject({
        code: 'image-unreadable',
      });
    const lies = Buffer.from(whole);
    lies.writeInt32LE(30_000, 18);
    lies.writeInt32LE(30_000, 22);
    await expect(decodeImage({ bytes: lies, name: 'a.bmp' })).rejects.toMatchObject({ code: 'image-too-large' });
    const unlimited = { maxPixels: 1e9 };
    await expect(decodeImage({ bytes: lies, name: 'a.bmp' }, unlimited)).rejects.toThrow('MB of memory');
    lies.writeInt32LE(3_000, 22);
    await expect(decodeImage({ bytes: lies, name: 'a.bmp' }, unlimited)).rejects.toMatchObject({
      code: 'image-unreadable',
    });
    lies.writeUInt16LE(7, 28);
    await expect(decodeImage({ bytes: lies, name: 'a.bmp' })).rejects.toThrow('7 bit');
  });
});
