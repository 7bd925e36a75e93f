// Element types and shapes of graph values, and the typed arrays that hold their data.
import { StudioError } from '../../shared/errors.ts';

/** Element types the graphs use; names as in onnxruntime. */
export type DType = 'float32' | 'float16' | 'uint8' | 'int32' | 'int64' | 'bool';

/** ONNX `TensorProto.DataType` numbers (onnx.proto3). */
export const onnxTypeOf: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

/** Element type and static shape of a value. Every dimension is known when a graph is built. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Data of a constant: the typed array that matches its {@link DType} (float16 as raw bits). */
export type TensorData = Float32Array | Uint16Array | Uint8Array | Int32Array | BigInt64Array;

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** `[2, 3]` as `[2x3]`, for messages. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join('x')}]`;
}

/** Resolves a negative axis as ONNX does. @throws graph-invalid when it is outside `-rank..rank-1` */
export function normalizeAxis(axis: number, rank: number): number {
  if (axis < -rank || axis >= rank)
    throw new StudioError('graph-invalid', `axis ${axis} is outside a tensor of rank ${rank}`);
  return axis < 0 ? axis + rank : axis;
}

/** The numpy-style broadcast of several shapes. @throws graph-invalid when they don't broadcast */
export function broadcastShapes(...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    shape.forEach((dim, i) => {
      const at = rank - shape.length + i;
      if (dim === 1 || dim === result[at]) return;
      if (result[at] !== 1)
        throw new StudioError('graph-invalid', `shapes ${shapes.map(formatShape).join(' and ')} don't broadcast`);
      result[at] = dim;
    });
  }
  return result;
}
