// The safetensors format: a JSON header of names, element types, shapes and byte ranges, then the raw elements.
import { StudioError } from '../../shared/errors.ts';
import { readJson } from './boundedJson.ts';
import type { FileBytes } from './fileBytes.ts';
import { withFileBytes } from './fileBytes.ts';
import type { NamedTensor, WeightDtype } from './tensor.ts';
import { checkedCount, itemSize, viewElements } from './tensor.ts';

/** Names of element types in a safetensors header. */
export const safetensorsNames: Readonly<Record<WeightDtype, string>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};

const dtypeOf = new Map(Object.entries(safetensorsNames).map(([dtype, name]) => [name, dtype as WeightDtype]));

/** What a safetensors file holds, in the order of its header. */
export interface Safetensors {
  readonly tensors: Map<string, NamedTensor>;
  /** The `__metadata__` entry: strings by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  name: string;
  dtype: WeightDtype;
  shape: number[];
  count: number;
  begin: number;
  end: number;
}

function invalid(file: string, what: string): StudioError {
  return new StudioError(
    'model-invalid',
    `${file} is not a readable safetensors file: ${what}. Copy or export it again.`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readHeader(bytes: FileBytes): Promise<{ header: Record<string, unknown>; dataStart: number }> {
  const { file } = bytes;
  const length = Number(new DataView((await bytes.read(0, 8)).buffer).getBigUint64(0, true));
  const header = await readJson(bytes, 8, length, 'its header');
  if (!isRecord(header)) throw invalid(file, 'its header is not an object');
  return { header, dataStart: 8 + length };
}

function parseEntry(file: string, name: string, value: unknown): Entry {
  const where = `${file}: tensor "${name}"`;
  if (!isRecord(value)) throw invalid(file, `tensor "${name}" has no description`);
  const dtype = dtypeOf.get(String(value['dtype']));
  if (!dtype) {
    const valid = [...dtypeOf.keys()].join(', ');
    throw new StudioError(
      'model-invalid',
      `${where} has element type ${JSON.stringify(value['dtype'])}; readable are ${valid}.`,
    );
  }
  const { shape, data_offsets: offsets } = value;
  if (!Array.isArray(shape) || !Array.isArray(offsets)) throw invalid(file, `tensor "${name}" has no shape or place`);
  const count = checkedCount(shape, where);
  const [begin, end] = offsets as unknown[];
  if (typeof begin !== 'number' || typeof end !== 'number' || end - begin !== count * itemSize(dtype))
    throw invalid(file, `tensor "${name}" has a byte range that does not fit its shape [${shape.join('x')}]`);
  return { name, dtype, shape: shape as number[], count, begin, end };
}

/** The ranges must tile the data exactly: overlaps would let a small file claim a huge memory, gaps hide data. */
function checkTiling(file: string, entries: readonly Entry[], dataSize: number): void {
  let next = 0;
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== next) throw invalid(file, `tensor "${entry.name}" overlaps another or leaves a gap`);
    next = entry.end;
  }
  if (next > dataSize) throw invalid(file, `it is truncated: ${dataSize} of ${next} bytes of data are there`);
  if (next < dataSize) throw invalid(file, `${dataSize - next} bytes after its data belong to no tensor`);
}

function parseMetadata(file: string, value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw invalid(file, '__metadata__ is not an object');
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}

/** Reads an open safetensors file; see {@link readSafetensors}. */
export async function readSafetensorsBytes(bytes: FileBytes): Promise<Safetensors> {
  const { header, dataStart } = await readHeader(bytes);
  const { __metadata__: meta, ...rest } = header;
  const entries = Object.entries(rest).map(([name, value]) => parseEntry(bytes.file, name, value));
  checkTiling(bytes.file, entries, bytes.size - dataStart);
  const tensors = new Map<string, NamedTensor>();
  for (const { name, dtype, shape, count, begin, end } of entries) {
    const { buffer } = await bytes.read(dataStart + begin, end - begin);
    tensors.set(name, { name, dtype, shape, data: viewElements(dtype, buffer, count) });
  }
  return { tensors, metadata: parseMetadata(bytes.file, meta) };
}

/**
 * Reads a safetensors file, each tensor into an array of its own.
 * @throws model-invalid naming the file, and the tensor where one is wrong
 */
export async function readSafetensors(file: string): Promise<Safetensors> {
  return withFileBytes(file, readSafetensorsBytes);
}
