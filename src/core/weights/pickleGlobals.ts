// The allow-list of names that a checkpoint's pickle may mention, and what each builds. Nothing else is ever looked up.
import type { PickleStorage, PickleTensor, PickleValue } from './pickleValues.ts';
import { isKind, itemsOf } from './pickleValues.ts';
import type { WeightDtype } from './tensor.ts';
import { halfToNumber } from './tensor.ts';

/** Builds a value from arguments, or undefined when they make no sense. `spend(n)` pays for copying n items out of a fixed budget. */
export type Builder = (args: readonly PickleValue[], spend: (items: number) => void) => PickleValue | undefined;

const storageTypes: Readonly<Record<string, WeightDtype>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

/** Element type of a storage class such as `torch.FloatStorage`; undefined for other names. */
export function storageDtype(name: string): WeightDtype | undefined {
  const match = /^torch\.(?:cuda\.)?(\w+)$/.exec(name);
  return match && Object.hasOwn(storageTypes, match[1]!) ? storageTypes[match[1]!] : undefined;
}

/** `_rebuild_tensor(storage, offset, shape, stride, ...)`; later arguments (requires_grad, hooks) don't matter here. */
function rebuildTensor([storage, offset, shape, stride]: readonly PickleValue[]): PickleTensor | undefined {
  const sizes = itemsOf(shape);
  const steps = itemsOf(stride);
  if (!isKind(storage, 'storage') || offset === undefined || !sizes || !steps) return undefined;
  return { kind: 'tensor', storage, offset, shape: sizes, stride: steps };
}

/** `Parameter(data, ...)`: the tensor itself. */
function rebuildParameter([data]: readonly PickleValue[]): PickleTensor | undefined {
  return isKind(data, 'tensor') ? data : undefined;
}

const makeDict: Builder = ([source], spend) => {
  spend(isKind(source, 'dict') ? source.map.size : (itemsOf(source)?.length ?? 0));
  const map = new Map<PickleValue, PickleValue>();
  const pairs = isKind(source, 'dict') ? [...source.map] : (itemsOf(source) ?? []).map((pair) => itemsOf(pair) ?? []);
  for (const [key, value] of pairs) {
    if (key === undefined || value === undefined) return undefined;
    map.set(key, value);
  }
  return { kind: 'dict', map };
};

const makeTuple: Builder = ([source], spend) => {
  const items = itemsOf(source) ?? [];
  spend(items.length);
  return { kind: 'tuple', items: [...items] };
};

const makeSet: Builder = ([source], spend) => {
  const items = itemsOf(source) ?? [];
  spend(items.length);
  return { kind: 'set', items: new Set(items) };
};

/** Only the few bytes of a number come this way; longer text would let a small file ask for many copies. */
const encode: Builder = ([text]) =>
  typeof text === 'string' && text.length <= 64
    ? { kind: 'bytes', bytes: Uint8Array.from(Buffer.from(text, 'latin1')) }
    : undefined;

const scalarReaders: Readonly<Record<string, (view: DataView) => number | boolean | bigint>> = {
  f8: (v) => v.getFloat64(0, true),
  f4: (v) => v.getFloat32(0, true),
  f2: (v) => halfToNumber(v.getUint16(0, true)),
  i8: (v) => narrow(v.getBigInt64(0, true)),
  u8: (v) => narrow(v.getBigUint64(0, true)),
  i4: (v) => v.getInt32(0, true),
  u4: (v) => v.getUint32(0, true),
  i2: (v) => v.getInt16(0, true),
  u2: (v) => v.getUint16(0, true),
  i1: (v) => v.getInt8(0),
  u1: (v) => v.getUint8(0),
  b1: (v) => v.getUint8(0) !== 0,
};

/** A whole number as `number` where that is exact. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const numpyDtype: Builder = ([code]) =>
  typeof code === 'string' && Object.hasOwn(scalarReaders, code) ? { kind: 'dtype', code } : undefined;

const numpyScalar: Builder = ([dtype, raw]) => {
  if (!isKind(dtype, 'dtype')) return undefined;
  const bytes = typeof raw === 'string' ? Buffer.from(raw, 'latin1') : isKind(raw, 'bytes') ? raw.bytes : undefined;
  if (bytes?.length !== Number(dtype.code.slice(1))) return undefined;
  return scalarReaders[dtype.code]!(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
};

const builders: Readonly<Record<string, Builder>> = {
  'torch._utils._rebuild_tensor': rebuildTensor,
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  'torch._utils._rebuild_parameter': rebuildParameter,
  'torch.nn.parameter.Parameter': rebuildParameter,
  'torch.Size': makeTuple,
  'torch.device': ([device]) => (typeof device === 'string' ? device : undefined),
  'collections.OrderedDict': makeDict,
  'collections.defaultdict': () => ({ kind: 'dict', map: new Map() }),
  'builtins.set': makeSet,
  '__builtin__.set': makeSet,
  '_codecs.encode': encode,
  'numpy.dtype': numpyDtype,
  'numpy.core.multiarray.scalar': numpyScalar,
  'numpy._core.multiarray.scalar': numpyScalar,
};

/** True where a pickle may mention `name` (`module.qualname`). */
export function isAllowedGlobal(name: string): boolean {
  return Object.hasOwn(builders, name) || storageDtype(name) !== undefined;
}

/** What calling the allowed `name` builds; undefined for storages, which are never called. */
export function builderOf(name: string): Builder | undefined {
  return Object.hasOwn(builders, name) ? builders[name] : undefined;
}

/** The value of a persistent id: `('storage', Type, key, location, numel[, view])`; undefined when it is anything else. */
export function storageFromId(id: PickleValue): PickleStorage | undefined {
  const [tag, type, key, , numel, view] = itemsOf(id) ?? [];
  if (tag !== 'storage' || !isKind(type, 'global') || typeof numel !== 'number') return undefined;
  const dtype = storageDtype(type.name);
  if (!dtype || (typeof key !== 'string' && typeof key !== 'number')) return undefined;
  const viewOffset = itemsOf(view)?.[1] ?? 0;
  if (typeof viewOffset !== 'number') return undefined;
  return { kind: 'storage', dtype, key: String(key), numel, viewOffset };
}
