// Reads the directory of a zip archive whose entries are stored uncompressed, as torch.save writes it.
import { StudioError } from '../../shared/errors.ts';
import type { FileBytes } from './fileBytes.ts';

/** A stored entry: where its local header begins, and its size in bytes. */
export interface ZipEntry {
  readonly name: string;
  readonly header: number;
  readonly size: number;
}

const maxDirectory = 32 << 20;
const maxEntries = 100_000;
const endSignature = 0x06054b50;
const utf8 = new TextDecoder();

function damaged(bytes: FileBytes, what: string): StudioError {
  return new StudioError(
    'model-invalid',
    `${bytes.file} is not a readable zip archive: ${what}. Copy or download it again.`,
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The "end of central directory" record, searched from the end since a comment may follow it. */
async function findEnd(bytes: FileBytes): Promise<{ view: DataView; position: number }> {
  const length = Math.min(bytes.size, 22 + 65535);
  const view = viewOf(await bytes.read(bytes.size - length, length));
  for (let at = length - 22; at >= 0; at--) {
    if (view.getUint32(at, true) === endSignature)
      return { view: new DataView(view.buffer, at, 22), position: bytes.size - length + at };
  }
  throw damaged(bytes, 'its directory is missing, so it is probably truncated');
}

interface Place {
  entries: number;
  offset: number;
  length: number;
}

async function zip64Place(bytes: FileBytes, end: number): Promise<Place> {
  const locator = viewOf(await bytes.read(end - 20, 20));
  if (locator.getUint32(0, true) !== 0x07064b50) throw damaged(bytes, 'its zip64 directory is missing');
  const record = viewOf(await bytes.read(Number(locator.getBigUint64(8, true)), 56));
  if (record.getUint32(0, true) !== 0x06064b50) throw damaged(bytes, 'its zip64 directory is damaged');
  const number = (at: number): number => Number(record.getBigUint64(at, true));
  return { entries: number(32), length: number(40), offset: number(48) };
}

async function findDirectory(bytes: FileBytes): Promise<Place> {
  const { view, position } = await findEnd(bytes);
  const place = {
    entries: view.getUint16(10, true),
    length: view.getUint32(12, true),
    offset: view.getUint32(16, true),
  };
  const is64 = place.entries === 0xffff || place.length === 0xffffffff || place.offset === 0xffffffff;
  const found = is64 ? await zip64Place(bytes, position) : place;
  if (found.entries > maxEntries || found.length > maxDirectory || found.offset + found.length > position)
    throw damaged(bytes, 'its directory has an impossible size or place');
  return found;
}

/** The 64-bit values that replace fields of 0xffffffff, in the order size, stored size, header offset. */
function wide(fields: readonly number[], extra: DataView): number[] {
  let at = 0;
  while (at + 4 <= extra.byteLength && extra.getUint16(at, true) !== 1) at += 4 + extra.getUint16(at + 2, true);
  at += 4;
  return fields.map((field) => {
    if (field !== 0xffffffff || at + 8 > extra.byteLength) return field;
    at += 8;
    return Number(extra.getBigUint64(at - 8, true));
  });
}

function parseEntry(bytes: FileBytes, directory: Uint8Array, at: number): { entry: ZipEntry; next: number } {
  const view = viewOf(directory);
  if (at + 46 > directory.length || view.getUint32(at, true) !== 0x02014b50)
    throw damaged(bytes, 'its directory is damaged');
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
  const nameEnd = at + 46 + nameLength!;
  const next = nameEnd + extraLength! + commentLength!;
  if (next > directory.length) throw damaged(bytes, 'its directory is damaged');
  const name = utf8.decode(directory.subarray(at + 46, nameEnd));
  const fields = [24, 20, 42].map((offset) => view.getUint32(at + offset, true));
  const [size, stored, header] = wide(fields, viewOf(directory.subarray(nameEnd, nameEnd + extraLength!)));
  if (view.getUint16(at + 10, true) !== 0 || size !== stored || view.getUint16(at + 8, true) & 1)
    throw damaged(bytes, `its entry ${JSON.stringify(name)} is compressed or encrypted, which PyTorch never does`);
  return { entry: { name, size: size!, header: header! }, next };
}

/**
 * The entries of a zip archive by name. Sizes are only claims until {@link locateEntry} or a read checks them.
 * @throws model-invalid when the directory is missing, damaged, or has compressed entries
 */
export async function readZipDirectory(bytes: FileBytes): Promise<Map<string, ZipEntry>> {
  const { entries, offset, length } = await findDirectory(bytes);
  const directory = await bytes.read(offset, length);
  const found = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < entries; i++) {
    const { entry, next } = parseEntry(bytes, directory, at);
    if (found.has(entry.name)) throw damaged(bytes, `it has two entries named ${JSON.stringify(entry.name)}`);
    found.set(entry.name, entry);
    at = next;
  }
  return found;
}

/**
 * Position of an entry's first byte, from its local header.
 * @throws model-invalid when header and directory disagree, or the entry reaches past the end of the file
 */
export async function locateEntry(bytes: FileBytes, entry: ZipEntry): Promise<number> {
  const view = viewOf(await bytes.read(entry.header, 30));
  const nameLength = view.getUint16(26, true);
  const name = utf8.decode(await bytes.read(entry.header + 30, nameLength));
  if (view.getUint32(0, true) !== 0x04034b50 || name !== entry.name)
    throw damaged(bytes, `its directory is wrong about ${JSON.stringify(entry.name)}`);
  const start = entry.header + 30 + nameLength + view.getUint16(28, true);
  if (start + entry.size > bytes.size) throw damaged(bytes, `its entry ${JSON.stringify(name)} is truncated`);
  return start;
}
