// Writes pickles, PyTorch files and zip archives byte by byte, so that tests can make honest and hostile ones.

/** Something that becomes bytes: text as latin1, numbers as single bytes. */
export type Part = string | number | Uint8Array;

/** Joins parts. */
export function bytes(...parts: Part[]): Buffer {
  return Buffer.concat(
    parts.map((p) => (typeof p === 'string' ? Buffer.from(p, 'latin1') : typeof p === 'number' ? Buffer.of(p) : p)),
  );
}

export function u16(value: number): Buffer {
  const b = Buffer.alloc(2);
  b.writeUInt16LE(value);
  return b;
}

export function u32(value: number): Buffer {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(value);
  return b;
}

export function u64(value: bigint): Buffer {
  const b = Buffer.alloc(8);
  b.writeBigUInt64LE(value);
  return b;
}

/** BINUNICODE. */
export function text(value: string): Buffer {
  const b = Buffer.from(value);
  return bytes('X', u32(b.length), b);
}

/** GLOBAL. */
export function global(module: string, name: string): Buffer {
  return bytes(`c${module}\n${name}\n`);
}

/** A whole pickle of protocol 2. */
export function pickle(...parts: Part[]): Buffer {
  return bytes(0x80, 2, ...parts, '.');
}

/** BININT. */
export function int(value: number): Buffer {
  return bytes('J', u32(value >>> 0));
}

/** A tuple of parts. */
export function tuple(...parts: Part[]): Buffer {
  return bytes('(', ...parts, 't');
}

/** A list of parts. */
export function list(...parts: Part[]): Buffer {
  return bytes(']', '(', ...parts, 'e');
}

/** `_rebuild_tensor_v2` over a storage. */
export function tensor(o: {
  key?: string;
  type?: string;
  numel: number;
  offset?: number;
  shape: number[];
  stride: number[];
}): Buffer {
  const id = tuple(
    text('storage'),
    global('torch', o.type ?? 'FloatStorage'),
    text(o.key ?? '0'),
    text('cpu'),
    int(o.numel),
  );
  const args = [id, 'Q', int(o.offset ?? 0), tuple(...o.shape.map(int)), tuple(...o.stride.map(int)), 0x89, '}'];
  return bytes(global('torch._utils', '_rebuild_tensor_v2'), tuple(...args), 'R');
}

/** A dict of text keys. */
export function dict(entries: Record<string, Part>): Buffer {
  return bytes('}', '(', ...Object.entries(entries).flatMap(([key, value]) => [text(key), value]), 'u');
}

const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');

/** A file of the old stream format around an object's opcodes. */
export function legacyFile(object: Part, storages: { key: string; numel: number; data: Uint8Array }[] = []): Buffer {
  const keys = pickle(']', '(', ...storages.map((s) => text(s.key)), 'e');
  const raw = storages.flatMap((s) => [u64(BigInt(s.numel)), s.data]);
  const system = pickle(dict({ protocol_version: bytes('M', u16(1001)), little_endian: 0x88 }));
  return bytes(magic, pickle('M', u16(1001)), system, pickle(object), keys, ...raw);
}

/** Zip fields that a test may falsify. */
export interface Lies {
  size?: number;
  method?: number;
  header?: number;
  centralName?: string;
}

/** A zip archive of stored entries. */
export function zipFile(entries: { name: string; data: Uint8Array; lies?: Lies }[]): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, data, lies = {} } of entries) {
    const local = bytes(
      'PK\x03\x04',
      u16(0),
      u16(0),
      u16(0),
      u32(0),
      u32(0),
      u32(data.length),
      u32(data.length),
      u16(name.length),
      u16(0),
      name,
      data,
    );
    const size = lies.size ?? data.length;
    const centralName = lies.centralName ?? name;
    central.push(
      bytes('PK\x01\x02', u16(0), u16(0), u16(0), u16(lies.method ?? 0), u32(0), u32(0), u32(size), u32(size)),
      bytes(u16(centralName.length), u16(0), u16(0), u16(0), u16(0), u32(0), u32(lies.header ?? at), centralName),
    );
    parts.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = bytes(
    'PK\x05\x06',
    u16(0),
    u16(0),
    u16(entries.length),
    u16(entries.length),
    u32(directory.length),
    u32(at),
    u16(0),
  );
  return Buffer.concat([...parts, directory, end]);
}

/** A file of the zip format around an object's opcodes. */
export function zipCheckpoint(object: Part, storages: Record<string, Uint8Array> = {}): Buffer {
  return zipFile([
    { name: 'archive/data.pkl', data: pickle(object) },
    ...Object.entries(storages).map(([key, data]) => ({ name: `archive/data/${key}`, data })),
  ]);
}
