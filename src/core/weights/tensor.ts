// Tensors as weight files hold them: element types, checked shapes, and conversion to float32.
import { StudioError } from '../../shared/errors.ts';

/** Typed arrays that hold tensor elements; float16 and bfloat16 are kept as raw 16-bit patterns, bool as bytes of 0 and 1. */
export type WeightData =
  Float32Array | Float64Array | Uint16Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

type Reader = (buffer: ArrayBuffer, count: number) => WeightData;

/** Bytes per element and the array that views them, for each element type. The machine is little-endian, as the files are. */
const dtypes = {
  float64: [8, (b, n) => new Float64Array(b, 0, n)],
  float32: [4, (b, n) => new Float32Array(b, 0, n)],
  float16: [2, (b, n) => new Uint16Array(b, 0, n)],
  bfloat16: [2, (b, n) => new Uint16Array(b, 0, n)],
  int64: [8, (b, n) => new BigInt64Array(b, 0, n)],
  int32: [4, (b, n) => new Int32Array(b, 0, n)],
  int16: [2, (b, n) => new Int16Array(b, 0, n)],
  int8: [1, (b, n) => new Int8Array(b, 0, n)],
  uint8: [1, (b, n) => new Uint8Array(b, 0, n)],
  bool: [1, (b, n) => new Uint8Array(b, 0, n)],
} as const satisfies Record<string, readonly [number, Reader]>;

/** Element types that weight files may hold. */
export type WeightDtype = keyof typeof dtypes;

/** A tensor read from a weight file: row-major elements of `dtype`; shape `[]` is a scalar. */
export interface NamedTensor {
  readonly name: string;
  readonly dtype: WeightDtype;
  readonly shape: readonly number[];
  readonly data: WeightData;
}

/** Bytes of one element of `dtype`. */
export function itemSize(dtype: WeightDtype): number {
  return dtypes[dtype][0];
}

/** `buffer`, from its start, as `count` elements of `dtype`; no copy. */
export function viewElements(dtype: WeightDtype, buffer: ArrayBuffer, count: number): WeightData {
  return dtypes[dtype][1](buffer, count);
}

/** The raw little-endian bytes of a tensor's elements; no copy. */
export function bytesOf(data: WeightData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Most dimensions that a tensor may have. */
const maxRank = 16;

/**
 * Number of elements of a shape that came from a file.
 * @param where file and tensor, for the message
 * @throws model-invalid when a dimension isn't a whole number from 0, or the product passes 2^47
 */
export function checkedCount(shape: readonly unknown[], where: string): number {
  if (shape.length > maxRank) throw new StudioError('model-invalid', `${where} has ${shape.length} dimensions.`);
  let count = 1;
  for (const dim of shape) {
    if (typeof dim !== 'number' || !Number.isSafeInteger(dim) || dim < 0 || (count *= dim) > 2 ** 47)
      throw new StudioError('model-invalid', `${where} has a shape that is not possible. The file is damaged.`);
  }
  return count;
}

/** The value of an IEEE half (raw bits). */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halfTable: Float32Array | undefined;

/** Raw halves as float32, through a table of all 65,536 values. */
export function halvesToFloat32(bits: Uint16Array): Float32Array {
  halfTable ??= Float32Array.from({ length: 65536 }, (_, i) => halfToNumber(i));
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = halfTable[bits[i]!]!;
  return out;
}

function bfloatsToFloat32(bits: Uint16Array): Float32Array {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = bits[i]! << 16;
  return new Float32Array(out.buffer);
}

/** A tensor's elements as float32: the same array where they are float32 already, otherwise a converted copy. */
export function asFloat32(tensor: NamedTensor): Float32Array {
  const { dtype, data } = tensor;
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array) return dtype === 'float16' ? halvesToFloat32(data) : bfloatsToFloat32(data);
  return data instanceof BigInt64Array ? Float32Array.from(data, Number) : Float32Array.from(data);
}

/** True where an element of a floating tensor is NaN or infinite, or too large for the float32 that it becomes; whole numbers never are. */
export function hasNonFinite(tensor: NamedTensor): boolean {
  const { dtype, data } = tensor;
  if (data instanceof Float32Array || data instanceof Float64Array) {
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(Math.fround(data[i]!))) return true;
    return false;
  }
  if (!(data instanceof Uint16Array)) return false;
  const exponent = dtype === 'float16' ? 0x7c00 : 0x7f80;
  return data.some((bits) => (bits & exponent) === exponent);
}
