// Writes safetensors files, atomically and without a joined copy of the tensors.
import { StudioError } from '../../shared/errors.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { safetensorsNames } from './safetensors.ts';
import type { NamedTensor } from './tensor.ts';
import { bytesOf, checkedCount, itemSize } from './tensor.ts';

function checkTensors(file: string, tensors: readonly NamedTensor[]): void {
  const names = new Set<string>();
  for (const { name, dtype, shape, data } of tensors) {
    const count = checkedCount(shape, `${file}: tensor "${name}"`);
    const fits = data.length === count && data.byteLength === count * itemSize(dtype);
    if (!fits || name === '__metadata__' || names.has(name))
      throw new StudioError(
        'internal',
        `${file}: tensor "${name}" (${dtype} [${shape.join('x')}], ${data.length} elements) cannot be written.`,
      );
    names.add(name);
  }
}

function headerOf(
  tensors: readonly NamedTensor[],
  ordered: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const begins = new Map<string, number>();
  let next = 0;
  for (const { name, data } of ordered) {
    begins.set(name, next);
    next += data.byteLength;
  }
  const entries = tensors.map(({ name, dtype, shape, data }) => {
    const begin = begins.get(name)!;
    return [name, { dtype: safetensorsNames[dtype], shape, data_offsets: [begin, begin + data.byteLength] }] as const;
  });
  const header = Object.fromEntries<unknown>(entries);
  const text = JSON.stringify(Object.keys(metadata).length ? { __metadata__: metadata, ...header } : header);
  const json = new TextEncoder().encode(text);
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  return bytes;
}

/** Widest elements first, so that every tensor starts at a multiple of its element size, as other readers like it. */
function aligned(tensors: readonly NamedTensor[]): NamedTensor[] {
  return [...tensors].sort((a, b) => itemSize(b.dtype) - itemSize(a.dtype));
}

/**
 * Writes tensors and strings as one safetensors file. Streams from the given arrays without copying them; a reader sees
 * the old file or the whole new one, never a part, and a failure leaves the old file as it was.
 * The order of the tensors is kept by {@link readSafetensors}.
 * @throws disk-full, file-permission, file-missing naming `file`; internal when a tensor contradicts its own shape
 */
export async function writeSafetensors(
  file: string,
  tensors: Iterable<NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const list = [...tensors];
  checkTensors(file, list);
  const ordered = aligned(list);
  const chunks = [headerOf(list, ordered, metadata), ...ordered.map(({ data }) => bytesOf(data))];
  await writeFileAtomic(file, chunks);
}
