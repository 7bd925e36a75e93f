// The two containers of PyTorch files: the zip archive, and the stream of pickles and raw storages from before torch 1.6.
import { StudioError } from '../../shared/errors.ts';
import type { FileBytes } from './fileBytes.ts';
import { unpickle } from './pickle.ts';
import type { PickleStorage, PickleValue } from './pickleValues.ts';
import { isKind, itemsOf } from './pickleValues.ts';
import type { StoragePlace } from './pthTensors.ts';
import { maxTensors, PthTensors } from './pthTensors.ts';
import { itemSize } from './tensor.ts';
import { locateEntry, readZipDirectory } from './zipDirectory.ts';

/** A PyTorch file's object, with the reader for the tensors in it. */
export interface PthContent {
  readonly root: PickleValue;
  readonly tensors: PthTensors;
}

/** Longest pickle read; storages are outside it, so real ones stay below 1 MB. */
const maxPickle = 32 << 20;

/** Start of every stream file: protocol 2 and torch's magic number as a long. */
export const legacyMagic = Uint8Array.of(
  0x80,
  2,
  0x8a,
  10,
  0x6c,
  0xfc,
  0x9c,
  0x46,
  0xf9,
  0x20,
  0x6a,
  0xa8,
  0x50,
  0x19,
  0x2e,
);

function invalid(bytes: FileBytes, what: string): StudioError {
  return new StudioError(
    'model-invalid',
    `${bytes.file} is not a readable PyTorch checkpoint: ${what}. Copy or download it again.`,
  );
}

/** Reads the zip format: `PREFIX/data.pkl` and one stored entry `PREFIX/data/KEY` per storage. */
export async function readPthZip(bytes: FileBytes): Promise<PthContent> {
  const entries = await readZipDirectory(bytes);
  const pickle = [...entries.values()].find(({ name }) => /^(?:[^/]*\/)?data\.pkl$/.test(name));
  if (!pickle) throw invalid(bytes, 'it is a zip archive without data.pkl, so another program wrote it');
  if (pickle.size > maxPickle) throw invalid(bytes, `its data.pkl claims ${pickle.size} bytes`);
  const prefix = pickle.name.slice(0, -'data.pkl'.length);
  const order = entries.get(`${prefix}byteorder`);
  if (order && order.size === 3) throw invalid(bytes, 'it was written on a big-endian machine'); // "big"; else "little"
  const text = await bytes.read(await locateEntry(bytes, pickle), pickle.size);
  const places = new Map<string, StoragePlace>();
  const locate = async ({ key }: PickleStorage): Promise<StoragePlace> => {
    const entry = entries.get(`${prefix}data/${key}`);
    if (!entry) throw invalid(bytes, `the storage ${JSON.stringify(key)} is missing from it`);
    const place = places.get(key) ?? { position: await locateEntry(bytes, entry), length: entry.size };
    places.set(key, place);
    return place;
  };
  return { root: unpickle(text, 0, bytes.file).value, tensors: new PthTensors(bytes, locate) };
}

/** Element types of all storages that `root` refers to, by key; walks shared and cyclic values once. */
function storageSizes(bytes: FileBytes, root: PickleValue): Map<string, number> {
  const sizes = new Map<string, number>();
  const seen = new Set<PickleValue>();
  const queue: PickleValue[] = [root];
  const add = (storage: PickleStorage): void => {
    const size = itemSize(storage.dtype);
    if ((sizes.get(storage.key) ?? size) !== size) throw invalid(bytes, `storage ${storage.key} has two element types`);
    sizes.set(storage.key, size);
  };
  for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isKind(value, 'storage')) add(value);
    else if (isKind(value, 'tensor')) add(value.storage);
    else if (isKind(value, 'dict')) for (const item of value.map.values()) queue.push(item);
    else for (const item of itemsOf(value) ?? []) queue.push(item);
  }
  return sizes;
}

/** Positions of the raw storages, which follow one another from `position`: 8 bytes of element count, then the elements. */
async function locateRaw(
  bytes: FileBytes,
  position: number,
  keys: readonly PickleValue[],
  sizes: ReadonlyMap<string, number>,
): Promise<Map<string, StoragePlace>> {
  if (keys.length > maxTensors) throw invalid(bytes, `it lists ${keys.length} storages, more than any network has`);
  const places = new Map<string, StoragePlace>();
  let at = position;
  for (const key of keys.map(String)) {
    const size = sizes.get(key);
    if (size === undefined || places.has(key)) throw invalid(bytes, `the storage ${JSON.stringify(key)} is unknown`);
    const count = Number(new DataView((await bytes.read(at, 8)).buffer).getBigInt64(0, true));
    if (count < 0 || at + 8 + count * size > bytes.size) throw invalid(bytes, `it is truncated (storage ${key})`);
    places.set(key, { position: at + 8, length: count * size });
    at += 8 + count * size;
  }
  return places;
}

/** Reads the stream format: magic, protocol, system, object and key pickles, then the storages. */
export async function readPthLegacy(bytes: FileBytes): Promise<PthContent> {
  const head = await bytes.read(0, Math.min(bytes.size, maxPickle));
  let at = legacyMagic.length;
  const next = (): PickleValue => {
    const { value, end } = unpickle(head, at, bytes.file);
    at = end;
    return value;
  };
  const protocol = next();
  if (protocol !== 1001) throw invalid(bytes, `its protocol is ${JSON.stringify(protocol)} instead of 1001`);
  const system = next();
  if (isKind(system, 'dict') && system.map.get('little_endian') === false)
    throw invalid(bytes, 'it was written on a big-endian machine');
  const root = next();
  const keys = itemsOf(next());
  if (!keys) throw invalid(bytes, 'its list of storages is damaged');
  const places = await locateRaw(bytes, at, keys, storageSizes(bytes, root));
  const locate = (storage: PickleStorage): Promise<StoragePlace> => {
    const place = places.get(storage.key);
    return place ? Promise.resolve(place) : Promise.reject(invalid(bytes, `storage ${storage.key} is missing from it`));
  };
  return { root, tensors: new PthTensors(bytes, locate) };
}
