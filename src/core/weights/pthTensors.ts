// Turns tensors described in a PyTorch file into arrays: offsets, strides and shared storages resolved, every claim checked.
import { StudioError } from '../../shared/errors.ts';
import type { FileBytes } from './fileBytes.ts';
import type { PickleStorage, PickleTensor } from './pickleValues.ts';
import type { NamedTensor } from './tensor.ts';
import { checkedCount, itemSize, viewElements } from './tensor.ts';

/** Where a storage's elements lie in the file. */
export interface StoragePlace {
  /** First byte. */
  readonly position: number;
  /** Bytes. */
  readonly length: number;
}

/** A tensor's description once its numbers are known to be possible. */
interface Layout {
  shape: number[];
  stride: number[];
  count: number;
  /** First and one past the last element touched, within the storage. */
  first: number;
  end: number;
}

/** What all tensors of a file may take beyond a few times its size; views of one storage repeated without end would pass it. */
const spareBytes = 16 << 20;

/** Most tensors, and most storages, that a file may have, momentum included; TTFNet-53 has 700. Each costs a read, however small it is. */
export const maxTensors = 10_000;

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function layoutOf(tensor: PickleTensor, where: string): Layout {
  const { storage, offset } = tensor;
  const count = checkedCount(tensor.shape, where);
  const shape = tensor.shape as number[];
  const stride = tensor.stride.filter(isIndex);
  if (!isIndex(offset) || stride.length !== shape.length || tensor.stride.length !== shape.length)
    throw new StudioError('model-invalid', `${where} has impossible strides. The file is damaged.`);
  const first = storage.viewOffset + offset;
  const end = count === 0 ? first : first + 1 + shape.reduce((sum, dim, i) => sum + (dim - 1) * stride[i]!, 0);
  if (!isIndex(end) || end > storage.viewOffset + storage.numel || count > storage.numel)
    throw new StudioError(
      'model-invalid',
      `${where} of shape [${shape.join('x')}] reaches past its ${storage.numel} stored numbers. The file is damaged.`,
    );
  return { shape, stride, count, first, end };
}

function isContiguous({ shape, stride }: Layout): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && stride[i] !== expected) return false;
    expected *= shape[i]!;
  }
  return true;
}

/** Copies the elements of a strided view, in row-major order, out of the span that covers it. */
function gather(span: Uint8Array, layout: Layout, size: number): ArrayBuffer {
  const { shape, stride, count } = layout;
  const out = new Uint8Array(count * size);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to += size) {
    for (let k = 0; k < size; k++) out[to + k] = span[from * size + k]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += stride[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= stride[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out.buffer;
}

/** Reads tensors of one PyTorch file. */
export class PthTensors {
  readonly #bytes: FileBytes;
  readonly #locate: (storage: PickleStorage) => Promise<StoragePlace>;
  #budget: number;
  #left = maxTensors;

  /** @param locate finds a storage's bytes in the file; throws model-invalid when there are none */
  constructor(bytes: FileBytes, locate: (storage: PickleStorage) => Promise<StoragePlace>) {
    this.#bytes = bytes;
    this.#locate = locate;
    this.#budget = 4 * bytes.size + spareBytes;
  }

  /**
   * Reads one tensor into an array of its own.
   * @throws model-invalid naming file and tensor when its shape, strides or storage don't fit the file, or the file has far too many
   */
  async read(name: string, tensor: PickleTensor): Promise<NamedTensor> {
    const { dtype } = tensor.storage;
    const where = `${this.#bytes.file}: tensor ${JSON.stringify(name)}`;
    if (--this.#left < 0)
      throw new StudioError('model-invalid', `${where} is one of more than ${maxTensors}. Refused.`);
    const layout = layoutOf(tensor, where);
    const size = itemSize(dtype);
    const place = await this.#locate(tensor.storage);
    if (layout.end * size > place.length)
      throw new StudioError('model-invalid', `${where} is longer than the data stored for it. The file is damaged.`);
    this.#budget -= (layout.end - layout.first + layout.count) * size;
    if (this.#budget < 0)
      throw new StudioError('model-invalid', `${where}: the tensors claim far more memory than the file has. Refused.`);
    const span = await this.#bytes.read(place.position + layout.first * size, (layout.end - layout.first) * size);
    const buffer = isContiguous(layout) ? span.buffer : gather(span, layout, size);
    return { name, dtype, shape: layout.shape, data: viewElements(dtype, buffer, layout.count) };
  }
}
