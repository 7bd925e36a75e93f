// How parameters lie in memory in the blocked layout: on the host (weights in, gradients out) and as conversions inside a graph.
import type { Value } from '../../onnx/graph.ts';
import { pad, reshape, slice, transpose } from '../../onnx/ops/structure.ts';

/**
 * Memory order of a parameter, b being the block:
 * `plain` as declared; `channels` [C] padded to a multiple of b; `dense` [O / b][I / b][kh][kw][b in][b out];
 * `narrow` (fewer than b inputs, read unblocked) [O / b][I][kh][kw][b out]; `depthwise` [C / b][kh][kw][b];
 * `columns` (of a deformable convolution, nothing padded) [I][kh][kw][O].
 */
export type StorageKind = 'plain' | 'channels' | 'dense' | 'narrow' | 'depthwise' | 'columns';

/** A parameter's storage: its kind, the block, and its shape in the reference layout. */
export interface Storage {
  kind: StorageKind;
  block: number;
  shape: readonly number[];
}

/** n rounded up to a multiple of the block. */
export const roundUp = (n: number, block: number): number => Math.ceil(n / block) * block;

/** The shape under which a stored parameter is declared in the graph: the reference's, with padded channels. */
export function storedShape({ kind, block, shape }: Storage): number[] {
  const [o, i, ...kernel] = shape as [number, number, number, number];
  switch (kind) {
    case 'plain':
      return [...shape];
    case 'channels':
      return [roundUp(o, block)];
    case 'columns':
      return [i, ...kernel, o];
    case 'dense':
      return [roundUp(o, block), roundUp(i, block), ...kernel];
    case 'narrow':
    case 'depthwise':
      return [roundUp(o, block), i, ...kernel];
  }
}

/** The stored tensor as a view with one axis per factor, and where each of [o, o in block, i, i in block, kh, kw] is among them. */
function factors({ kind, block, shape }: Storage): { view: number[]; order: number[]; plain: number[] } {
  const [o, i, kh, kw] = storedShape({ kind, block, shape }) as [number, number, number, number];
  if (kind === 'dense')
    return {
      view: [o / block, i / block, kh, kw, block, block],
      order: [0, 5, 1, 4, 2, 3],
      plain: [o / block, block, i / block, block, kh, kw],
    };
  return { view: [o / block, i, kh, kw, block], order: [0, 4, 1, 2, 3], plain: [o / block, block, i, kh, kw] };
}

/** Brings a parameter of reference layout into its storage; padding is zero. */
export function toStored(data: Float32Array, storage: Storage): Float32Array {
  if (storage.kind === 'plain') return Float32Array.from(data);
  const stored = new Float32Array(storedShape(storage).reduce((a, b) => a * b, 1));
  forEachPlace(storage, (plain, place) => (stored[place] = data[plain]!));
  return stored;
}

/** The reverse of {@link toStored}. */
export function fromStored(stored: Float32Array, storage: Storage): Float32Array {
  if (storage.kind === 'plain') return Float32Array.from(stored);
  const data = new Float32Array(storage.shape.reduce((a, b) => a * b, 1));
  forEachPlace(storage, (plain, place) => (data[plain] = stored[place]!));
  return data;
}

function forEachPlace(storage: Storage, visit: (plain: number, place: number) => void): void {
  const { kind, block, shape } = storage;
  if (kind === 'channels') {
    for (let c = 0; c < shape[0]!; c++) visit(c, c);
    return;
  }
  const [o, i, kh, kw] = shape as [number, number, number, number];
  const taps = kh * kw;
  if (kind === 'columns') {
    for (let column = 0; column < i * taps; column++)
      for (let out = 0; out < o; out++) visit(out * i * taps + column, column * o + out);
    return;
  }
  const inBlock = kind === 'dense' ? block : 1;
  const inBlocks = storedShape(storage)[1]! / inBlock;
  for (let out = 0; out < o; out++)
    for (let input = 0; input < i; input++) {
      const outer = Math.floor(out / block) * inBlocks + Math.floor(input / inBlock);
      for (let tap = 0; tap < taps; tap++)
        visit(
          (out * i + input) * taps + tap,
          ((outer * taps + tap) * inBlock + (input % inBlock)) * block + (out % block),
        );
    }
}

/** A stored value in the reference layout, inside the graph. */
export function graphFromStored(value: Value, storage: Storage): Value {
  if (storage.kind === 'plain') return value;
  if (storage.kind === 'columns') return transpose(value, [3, 0, 1, 2]);
  const whole = storedShape(storage);
  const { shape } = storage;
  const padded = storage.kind === 'channels' ? value : reorder(value, storage, whole);
  if (whole.every((d, i) => d === shape[i])) return padded;
  return slice(
    padded,
    shape.map(() => 0),
    shape,
    shape.map((_, i) => i),
  );
}

function reorder(value: Value, storage: Storage, whole: readonly number[]): Value {
  const { view, order } = factors(storage);
  return reshape(transpose(reshape(value, view), order), whole);
}

/** A value of reference layout in storage, inside the graph. */
export function graphToStored(value: Value, storage: Storage): Value {
  if (storage.kind === 'plain') return value;
  if (storage.kind === 'columns') return transpose(value, [1, 2, 3, 0]);
  const whole = storedShape(storage);
  const { shape } = storage;
  const missing = whole.map((d, i) => d - shape[i]!);
  const padded = missing.some((m) => m > 0) ? pad(value, [...shape.map(() => 0), ...missing]) : value;
  if (storage.kind === 'channels') return padded;
  const { order, plain } = factors(storage);
  return reshape(
    transpose(
      reshape(padded, plain),
      order.map((_, i) => order.indexOf(i)),
    ),
    whole,
  );
}
