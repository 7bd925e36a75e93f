// Typed constructors of the operators that move, join, cut or index data.
import type { Value } from '../graph.ts';

/** The same elements in another shape. One dimension may be -1. */
export const reshape = (x: Value, shape: readonly number[]): Value =>
  x.graph.add('Reshape', [x, x.graph.ints(shape)])[0]!;
/** Axes in another order. */
export const transpose = (x: Value, perm: readonly number[]): Value => x.graph.add('Transpose', [x], { perm })[0]!;
/** Tensors joined along `axis`. At least one. */
export const concat = (parts: readonly Value[], axis: number): Value =>
  parts[0]!.graph.add('Concat', parts, { axis })[0]!;
/** A tensor cut along `axis` into parts of the given lengths. */
export const split = (x: Value, parts: readonly number[], axis: number): Value[] =>
  x.graph.add('Split', [x, x.graph.ints(parts)], { axis });
/** Elements `starts..ends` (exclusive) with `steps` along `axes`. */
export function slice(
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[],
  steps?: readonly number[],
): Value {
  const g = x.graph;
  return g.add('Slice', [x, g.ints(starts), g.ints(ends), g.ints(axes), g.ints(steps ?? starts.map(() => 1))])[0]!;
}
/** Zeros around a tensor; `pads` is ONNX's [begin of every axis, end of every axis]; negative ones cut. */
export const pad = (x: Value, pads: readonly number[]): Value => x.graph.add('Pad', [x, x.graph.ints(pads)])[0]!;
/** Rows of `x` along `axis` picked by int64 `indices`. */
export const gather = (x: Value, indices: Value, axis: number): Value =>
  x.graph.add('Gather', [x, indices], { axis })[0]!;
/** Elements of `x` along `axis`, one per element of `indices`. */
export const gatherElements = (x: Value, indices: Value, axis: number): Value =>
  x.graph.add('GatherElements', [x, indices], { axis })[0]!;
/** `x` with `updates` added at `indices` [.., k]; repeated places add up. */
export const scatterAdd = (x: Value, indices: Value, updates: Value): Value =>
  x.graph.add('ScatterND', [x, indices, updates], { reduction: 'add' })[0]!;
/** Broadcast to `shape`. */
export const expand = (x: Value, shape: readonly number[]): Value =>
  x.graph.add('Expand', [x, x.graph.ints(shape)])[0]!;
