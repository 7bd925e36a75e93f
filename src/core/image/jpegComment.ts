// A comment in the head of a JPEG file: what the program knows its own pictures by.
import { open } from 'node:fs/promises';

const start = Buffer.from([0xff, 0xd8]);
const jfif = 0xe0;
const comment = 0xfe;

/** The JPEG with a comment (ASCII, at most 1000 letters) behind its JFIF head. */
export function addComment(jpeg: Uint8Array, text: string): Uint8Array {
  const bytes = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  const at = placeOf(bytes);
  const head = Buffer.from([0xff, comment, 0, 0]);
  head.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([bytes.subarray(0, at), head, Buffer.from(text, 'latin1'), bytes.subarray(at)]);
}

/** The comment that {@link addComment} put into a file; null where there is none, or no such file. */
export async function readComment(file: string): Promise<string | null> {
  const bytes = await headOf(file).catch(() => null);
  if (!bytes?.subarray(0, 2).equals(start)) return null;
  const at = placeOf(bytes);
  if (bytes[at] !== 0xff || bytes[at + 1] !== comment || at + 4 > bytes.length) return null;
  const end = at + 2 + bytes.readUInt16BE(at + 2);
  return end > bytes.length ? null : bytes.toString('latin1', at + 4, end);
}

/** Behind the start and the JFIF head, which must come first. */
function placeOf(bytes: Buffer): number {
  return bytes.length >= 6 && bytes[2] === 0xff && bytes[3] === jfif ? 4 + bytes.readUInt16BE(4) : 2;
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2048), 0, 2048, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
