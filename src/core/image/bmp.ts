// Windows bitmaps, which libvips doesn't read: 1, 4, 8 (also run-length), 16, 24 and 32 bits. Layout from Microsoft's "Bitmap Storage".
import type { Size } from '../../shared/geometry.ts';
import type { RgbImage } from './rgbImage.ts';

interface Header extends Size {
  bits: number;
  compression: number;
  topDown: boolean;
  pixelsAt: number;
  paletteAt: number;
  paletteEntry: 3 | 4;
  colours: number;
  /** Red, green, blue masks of 16 and 32 bit pixels. */
  masks: [number, number, number];
}

const uncompressed = 0;
const runLength8 = 1;
const runLength4 = 2;
const bitFields = 3;
const alphaBitFields = 6;

/** Whether the first bytes are those of a bitmap. */
export function isBmp(head: Uint8Array): boolean {
  return head[0] === 0x42 && head[1] === 0x4d && head.length >= 26;
}

/** Size from the first 70 bytes. Throws a plain Error saying what is wrong. */
export function bmpSize(bytes: Uint8Array): Size {
  const { width, height } = readHeader(bytes);
  return { width, height };
}

/** Pixels after which other work has its turn: a kilobyte of run lengths may stand for a hundred million. */
const pixelsPerTurn = 4_000_000;

/** Decodes a whole file. Alpha is ignored, as most programs that write 32 bits leave it 0. Throws a plain Error saying what is wrong. */
export async function decodeBmp(bytes: Uint8Array): Promise<RgbImage> {
  const header = readHeader(bytes);
  const data = new Uint8Array(header.width * header.height * 3);
  const row = header.bits <= 8 ? indexedRows(bytes, header, data) : directRows(bytes, header, data);
  const perTurn = Math.max(1, Math.floor(pixelsPerTurn / header.width));
  for (let y = 0; y < header.height; y++) {
    row(y);
    if (y % perTurn === perTurn - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return { width: header.width, height: header.height, data };
}

function readHeader(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  const size = view.getUint32(14, true);
  const old = size === 12;
  if (!old && (size < 16 || size > 256)) throw new Error(`its header of ${size} bytes is unknown`);
  const rawHeight = old ? view.getInt16(20, true) : view.getInt32(22, true);
  const field = (at: number): number => (!old && size >= at - 14 + 4 ? view.getUint32(at, true) : 0);
  const header: Header = {
    width: old ? view.getUint16(18, true) : view.getInt32(18, true),
    height: Math.abs(rawHeight),
    topDown: rawHeight < 0,
    bits: view.getUint16(old ? 24 : 28, true),
    compression: field(30),
    pixelsAt: view.getUint32(10, true),
    paletteAt: 14 + size,
    paletteEntry: old ? 3 : 4,
    colours: field(46),
    masks: [0, 0, 0],
  };
  header.masks = masksOf(view, header);
  checkHeader(header);
  return header;
}

function masksOf(view: DataView, { bits, compression }: Header): [number, number, number] {
  if (compression === bitFields || compression === alphaBitFields)
    return [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)];
  return bits === 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0x00ff00, 0x0000ff];
}

function checkHeader({ width, height, bits, compression }: Header): void {
  const known =
    compression === uncompressed
      ? [1, 4, 8, 16, 24, 32].includes(bits)
      : compression === runLength8
        ? bits === 8
        : compression === runLength4
          ? bits === 4
          : (compression === bitFields || compression === alphaBitFields) && (bits === 16 || bits === 32);
  if (!known) throw new Error(`its ${bits} bit pixels of compression ${compression} are not supported`);
  if (width < 1 || height < 1) throw new Error(`its size of ${width}x${height} is not possible`);
}

/** Writes one row of the picture, from the top. */
type RowDecoder = (y: number) => void;

function indexedRows(bytes: Uint8Array, header: Header, out: Uint8Array): RowDecoder {
  const { width, height, bits, compression } = header;
  const packed = compression === uncompressed ? null : runLengths(bytes, header);
  const palette = readPalette(bytes, header);
  const stride = packed ? width : rowBytes(header);
  const source = packed ?? pixelBytes(bytes, header);
  return (y) => {
    const row = (header.topDown ? y : height - 1 - y) * stride;
    for (let x = 0, to = y * width * 3; x < width; x++, to += 3) {
      const from = (packed ? source[row + x]! : indexAt(source, row, x, bits)) * 3;
      out[to] = palette[from]!;
      out[to + 1] = palette[from + 1]!;
      out[to + 2] = palette[from + 2]!;
    }
  };
}

function indexAt(source: Uint8Array, row: number, x: number, bits: number): number {
  if (bits === 8) return source[row + x]!;
  const perByte = 8 / bits;
  const byte = source[row + Math.floor(x / perByte)]!;
  return (byte >> (8 - bits * ((x % perByte) + 1))) & ((1 << bits) - 1);
}

/** 256 colours, RGB; entries that the file leaves out are black. */
function readPalette(bytes: Uint8Array, header: Header): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  const count = Math.min(256, header.colours === 0 ? 1 << header.bits : header.colours);
  for (let i = 0; i < count; i++) {
    const at = header.paletteAt + i * header.paletteEntry;
    if (at + 3 > bytes.length) throw new Error('it ends inside its colour table');
    palette[i * 3] = bytes[at + 2]!;
    palette[i * 3 + 1] = bytes[at + 1]!;
    palette[i * 3 + 2] = bytes[at]!;
  }
  return palette;
}

/** Expands run-length coding to one byte per pixel, bottom row first. Codes: 0,0 end of line; 0,1 end; 0,2 move; 0,n literal run. */
function runLengths(bytes: Uint8Array, { width, height, bits, pixelsAt }: Header): Uint8Array {
  const out = new Uint8Array(width * height);
  let [at, x, y] = [pixelsAt, 0, 0];
  const put = (value: number): void => {
    if (x < width && y < height) out[y * width + x] = value;
    x++;
  };
  const nibble = (byte: number, i: number): number => (bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15);
  while (y < height) {
    if (at + 2 > bytes.length) throw new Error('it ends before its last row');
    const [count, value] = [bytes[at]!, bytes[at + 1]!];
    at += 2;
    if (count > 0) for (let i = 0; i < count; i++) put(nibble(value, i));
    else if (value === 0) [x, y] = [0, y + 1];
    else if (value === 1) break;
    else if (value === 2) {
      if (at + 2 > bytes.length) throw new Error('it ends before its last row');
      [x, y, at] = [x + bytes[at]!, y + bytes[at + 1]!, at + 2];
    } else {
      const length = bits === 8 ? value : Math.ceil(value / 2);
      if (at + length > bytes.length) throw new Error('it ends before its last row');
      for (let i = 0; i < value; i++) put(nibble(bytes[at + (bits === 8 ? i : i >> 1)]!, i));
      at += length + (length % 2);
    }
  }
  return out;
}

function directRows(bytes: Uint8Array, header: Header, out: Uint8Array): RowDecoder {
  const { width, height, bits } = header;
  const source = pixelBytes(bytes, header);
  const view = viewOf(source);
  const stride = rowBytes(header);
  const pick = header.masks.map(channelOf);
  return (y) => {
    let to = y * width * 3;
    let at = (header.topDown ? y : height - 1 - y) * stride;
    for (let x = 0; x < width; x++, at += bits / 8, to += 3) {
      if (bits === 24) {
        out[to] = source[at + 2]!;
        out[to + 1] = source[at + 1]!;
        out[to + 2] = source[at]!;
        continue;
      }
      const pixel = bits === 16 ? view.getUint16(at, true) : view.getUint32(at, true);
      for (let c = 0; c < 3; c++) out[to + c] = pick[c]!(pixel);
    }
  };
}

/** Reads the bits of `mask` from a pixel and stretches them to 0..255. */
function channelOf(mask: number): (pixel: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const max = mask >>> shift;
  return (pixel) => Math.round((((pixel & mask) >>> shift) * 255) / max);
}

function rowBytes({ width, bits }: Header): number {
  return Math.ceil((width * bits) / 32) * 4;
}

function pixelBytes(bytes: Uint8Array, header: Header): Uint8Array {
  const need = rowBytes(header) * header.height;
  if (header.pixelsAt + need > bytes.length) {
    const missing = header.pixelsAt + need - bytes.length;
    throw new Error(`it is cut off: ${missing} bytes of pixels are missing`);
  }
  return bytes.subarray(header.pixelsAt, header.pixelsAt + need);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
