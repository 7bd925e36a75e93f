// Small picture files that stand for many pixels.
import { crc32, deflateSync } from 'node:zlib';

/** A bitmap of 8 bits with run lengths: one row is written, the rest is left out by its end mark. */
export function bmpOfRuns(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(54 + 4 + 6);
  bytes.write('BM');
  bytes.writeUInt32LE(58, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(8, 28);
  bytes.writeUInt32LE(1, 30);
  bytes.writeUInt32LE(1, 46);
  bytes.set([255, 0, 0, 0, 0, 1], 58);
  return bytes;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** An RGBA PNG of 16 bits that is clear and interlaced: its decoder holds all of it. */
export function hugePng(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([16, 6, 0, 0, 1], 8);
  // Seven passes, which together have the same pixels and at most twice as many rows, each with its filter's byte.
  const bytes = (width * 8 + 2) * height;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.alloc(bytes), { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', new Uint8Array())]);
}
