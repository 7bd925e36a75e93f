// Damages files in the ways that disks, transfers, editors and attackers do, by a seed, so that every case can be made again.
import type { Rng } from '../../src/shared/random.ts';

/** What is put in: numbers and marks that parsers trip over. */
const odd = [
  ...['0', '-1', '1e308', '1e400', 'NaN', 'Infinity', '99999999999999999999', '0.0000000001', '4294967296'],
  ...['"', "'", '<', '>', '{', '}', '[', ']', '&', '*a', '&a ', ',', ';', ':', '\n', '\r', '\t', '#', '%', '\\', '/'],
  ...[
    '\u0000',
    '\uFEFF',
    '\uFFFF',
    '../',
    '../../../../etc/passwd',
    '__proto__',
    'constructor',
    'null',
    'true',
    'é',
    '猫',
    '🦊',
  ],
].map((text) => Buffer.from(text));

/** `bytes` with one to four damages. */
export function mutated(bytes: Uint8Array, rng: Rng): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let n = rng.int(1, 4); n > 0; n--) result = damaged(result, rng);
  return result;
}

/** `bytes` with one to four others, so that what they are part of still fits together. */
export function withOtherBytes(bytes: Uint8Array, rng: Rng): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let n = rng.int(1, 4); n > 0; n--) result = withByte(result, rng.int(0, bytes.length - 1), rng.int(0, 255));
  return result;
}

function damaged(bytes: Buffer, rng: Rng): Buffer {
  const at = rng.int(0, bytes.length);
  const other = rng.int(0, bytes.length);
  const [start, end] = [Math.min(at, other), Math.max(at, other)];
  const near = Math.min(bytes.length, at + rng.int(1, 40));
  switch (rng.int(0, 8)) {
    case 0:
      return withByte(bytes, at, rng.int(0, 255));
    case 1:
      return withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << rng.int(0, 7)));
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(near)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, near), bytes.subarray(at)]);
    case 5:
      return Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(start, Math.min(end, start + 2000)),
        bytes.subarray(at),
      ]);
    case 6:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.alloc(rng.int(1, 64), rng.int(0, 255)),
        bytes.subarray(near),
      ]);
    default:
      return Buffer.concat([
        bytes.subarray(0, at),
        odd[rng.int(0, odd.length - 1)]!,
        bytes.subarray(rng.int(0, 1) ? at : near),
      ]);
  }
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  if (at < copy.length) copy[at] = value;
  return copy;
}
