// Pieces of weight gradients in the blocked layout: rows of a map cut, strided and turned so that pixels lie in the lanes, where
// channels were. Then a blocked convolution whose channels are pixels adds up over them at full speed.
import type { Value } from '../../onnx/graph.ts';
import { reduceSum } from '../../onnx/ops/math.ts';
import { expand, gather, pad, reshape, slice, transpose } from '../../onnx/ops/structure.ts';
import type { Lowering } from './lowering.ts';

/** Elements from .. from + length of every row of [rows, width]; zeros beyond its ends. */
export function cutRows(value: Value, from: number, length: number): Value {
  const [rows, width] = value.shape as [number, number];
  if (from === 0 && length === width) return value;
  if (from >= width || from + length <= 0) return expand(value.graph.scalar(0), [rows, length]);
  return pad(value, [0, -from, 0, from + length - width]);
}

/** `count` columns of [rows, width, lanes], the first at `start`, `stride` apart; zeros beyond the ends. -> [rows, count * lanes] */
export function pickColumns(value: Value, start: number, stride: number, count: number): Value {
  const [rows, width, lanes] = value.shape as [number, number, number];
  if (stride === 1) return cutRows(reshape(value, [rows, width * lanes]), start * lanes, count * lanes);
  const groups = Math.ceil(width / stride);
  const whole = cutRows(reshape(value, [rows, width * lanes]), 0, groups * stride * lanes);
  const phase = ((start % stride) + stride) % stride;
  const picked = slice(reshape(whole, [rows, groups, stride * lanes]), [phase * lanes], [(phase + 1) * lanes], [2]);
  return cutRows(reshape(picked, [rows, groups * lanes]), ((start - phase) / stride) * lanes, count * lanes);
}

/**
 * Turns pixels into lanes. [rows, pixels, lanes] -> [rows, pixels / b, lanes, b]; pixels must be a multiple of the block b.
 * ReorderInput does this for many matrices at once, vectorised.
 */
export function pixelLanes(l: Lowering, value: Value, [rows, pixels, lanes]: [number, number, number]): Value {
  return l.nchwc('ReorderInput', [reshape(value, [rows, pixels, lanes, 1])]);
}

/** Transposes a value viewed as `view`; a mere reshape where only axes of one element move. @returns the elements in the new order */
export function moveAxes(value: Value, view: readonly number[], order: readonly number[]): Value {
  const moved = order.filter((axis) => view[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)) return value;
  return transpose(reshape(value, view), order);
}

/** b x b matrices of a weight-sized value picked in the given order, each transposed. */
export function turnedBlocks(l: Lowering, value: Value, places: readonly number[], count: number): Value {
  const b = l.block;
  const inOrder = places.length === count && places.every((place, i) => place === i);
  const blocks = reshape(value, [count, b * b]);
  const picked = inOrder ? blocks : gather(blocks, l.target.ints(places), 0);
  return l.nchwc('ReorderInput', [reshape(picked, [places.length, b, b, 1])]);
}

/** The first `n`-fold of a tensor's elements added up: [1, n * rest..] -> [rest]. */
export function sumImages(value: Value, n: number): Value {
  const rest = value.shape.reduce((a, b) => a * b, 1) / n;
  return n === 1 ? value : reduceSum(reshape(value, [n, rest]), [0]);
}
