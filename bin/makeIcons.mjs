// Draws the app's icons of every system from resources/icon.svg, before packaging: PNG files for Linux, an .ico for Windows, an .icns for macOS.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const icoSizes = [16, 24, 32, 48, 64, 128, 256];
/** Types of an .icns and their sides in pixels; those ending in @2x are the same picture for dense screens. */
const icnsTypes = { ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 };

/** PNG of one size. Small ones are drawn at that size from the vectors, not shrunk from a big picture. */
const png = (svg, side) =>
  sharp(svg, { density: ((72 * side) / 1024) * 4 })
    .resize(side, side)
    .png({ compressionLevel: 9 })
    .toBuffer();

/** An .ico of PNG pictures: a header, one 16-byte entry each, then the files. */
export function icoOf(pictures) {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  for (const [i, { side, bytes }] of pictures.entries()) {
    const at = 6 + 16 * i;
    head.writeUInt8(side % 256, at); // 256 is written as 0
    head.writeUInt8(side % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(bytes.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += bytes.length;
  }
  return Buffer.concat([head, ...pictures.map(({ bytes }) => bytes)]);
}

/** An .icns: a header with the whole length, then each picture behind its four-letter type and length (big endian). */
export function icnsOf(pictures) {
  const parts = pictures.flatMap(({ type, bytes }) => {
    const head = Buffer.alloc(8);
    head.write(type, 0, 'latin1');
    head.writeUInt32BE(bytes.length + 8, 4);
    return [head, bytes];
  });
  const head = Buffer.alloc(8);
  head.write('icns', 0, 'latin1');
  head.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0), 4);
  return Buffer.concat([head, ...parts]);
}

/** Writes `folder`/icon.ico, icon.icns and png/NxN.png. */
export async function makeIcons(source, folder) {
  const svg = await readFile(source);
  await mkdir(path.join(folder, 'png'), { recursive: true });
  const sides = [...new Set([...linuxSizes, ...icoSizes, ...Object.values(icnsTypes)])];
  const drawn = new Map(await Promise.all(sides.map(async (side) => [side, await png(svg, side)])));
  for (const side of linuxSizes) await writeFile(path.join(folder, 'png', `${side}x${side}.png`), drawn.get(side));
  const ico = icoOf(icoSizes.map((side) => ({ side, bytes: drawn.get(side) })));
  const icns = icnsOf(Object.entries(icnsTypes).map(([type, side]) => ({ type, bytes: drawn.get(side) })));
  await writeFile(path.join(folder, 'icon.ico'), ico);
  await writeFile(path.join(folder, 'icon.icns'), icns);
}

const root = fileURLToPath(new URL('..', import.meta.url));
if (process.argv[1] === fileURLToPath(import.meta.url))
  await makeIcons(path.join(root, 'resources/icon.svg'), path.join(root, 'out/icons'));
