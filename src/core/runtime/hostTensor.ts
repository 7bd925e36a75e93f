// Tensors in ordinary memory, as sessions take and give them.
import { Tensor } from './native.ts';

/** Array that holds the elements of each element type that sessions carry. */
export interface ElementArrays {
  float32: Float32Array;
  float64: Float64Array;
  uint8: Uint8Array;
  int8: Int8Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint32: Uint32Array;
  bool: Uint8Array;
}

/** Element types that sessions carry. */
export type ElementType = keyof ElementArrays;

/** A tensor in row-major order; sessions read and write `data` in place, without a copy. */
export interface HostTensor<T extends ElementType = ElementType> {
  readonly type: T;
  /** Shape; empty for a scalar. */
  readonly dims: readonly number[];
  readonly data: ElementArrays[T];
}

/**
 * Wraps an array as a tensor without copying it. Keep the result and change `data` in place where a loop feeds the same shape again.
 * @param dims shape; its product must be the array's length
 * @throws RangeError or TypeError when type, length and shape don't fit (a mistake in the program, not in a person's data)
 */
export function tensor<T extends ElementType>(type: T, data: ElementArrays[T], dims: readonly number[]): HostTensor<T> {
  return new Tensor(type, data, [...dims]) as unknown as HostTensor<T>;
}

/** The runtime only takes its own class; tensors made by {@link tensor} pass as they are, look-alikes are wrapped. */
export function toNative(value: HostTensor): Tensor {
  return value instanceof Tensor ? value : new Tensor(value.type, value.data, [...value.dims]);
}
