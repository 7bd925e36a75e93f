// Shape rules of operators that move, join, cut or index data, and of matrix products.
import { broadcastShapes, formatShape, normalizeAxis, sizeOf } from '../tensorType.ts';
import { constantNumbers, intAttribute, intsAttribute, need, tensor, type OpSpec, type RuleContext } from './spec.ts';

function matMulShape(a: readonly number[], b: readonly number[]): number[] {
  need(a.length >= 2 && b.length >= 2, 'both matrices need rank 2 or more');
  need(a.at(-1) === b.at(-2), `inner dimensions of ${formatShape(a)} and ${formatShape(b)} differ`);
  return [...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-1)!];
}

const swapLast = (shape: readonly number[]): number[] => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];

const matMul: OpSpec = {
  attributes: {},
  infer: (context) => [
    { dtype: tensor(context, 0).dtype, shape: matMulShape(tensor(context, 0).shape, tensor(context, 1).shape) },
  ],
};

const fusedMatMul: OpSpec = {
  attributes: { transA: 'int', transB: 'int', alpha: 'float' },
  infer(context) {
    const [a, b] = [tensor(context, 0), tensor(context, 1)];
    const left = intAttribute(context, 'transA', 0) ? swapLast(a.shape) : a.shape;
    const right = intAttribute(context, 'transB', 0) ? swapLast(b.shape) : b.shape;
    return [{ dtype: a.dtype, shape: matMulShape(left, right) }];
  },
};

const reshape: OpSpec = {
  attributes: {},
  infer(context) {
    const x = tensor(context, 0);
    const wanted = constantNumbers(context, 1).map((dim, i) => (dim === 0 ? x.shape[i]! : dim));
    const known = wanted.filter((d) => d !== -1).reduce((p, d) => p * d, 1);
    const shape = wanted.map((dim) => (dim === -1 ? sizeOf(x.shape) / known : dim));
    need(sizeOf(shape) === sizeOf(x.shape), `${formatShape(x.shape)} can't become ${formatShape(wanted)}`);
    return [{ dtype: x.dtype, shape }];
  },
};

const transpose: OpSpec = {
  attributes: { perm: 'ints' },
  infer(context) {
    const x = tensor(context, 0);
    const perm = intsAttribute(
      context,
      'perm',
      x.shape.map((_, i) => x.shape.length - 1 - i),
    );
    need(
      [...perm].sort((a, b) => a - b).every((p, i) => p === i) && perm.length === x.shape.length,
      `perm ${perm.join(',')} is no permutation of ${x.shape.length} axes`,
    );
    return [{ dtype: x.dtype, shape: perm.map((p) => x.shape[p]!) }];
  },
};

const concat: OpSpec = {
  attributes: { axis: 'int' },
  infer(context) {
    const first = tensor(context, 0);
    const axis = normalizeAxis(intAttribute(context, 'axis', 0), first.shape.length);
    const shapes = context.inputs.map((_, i) => tensor(context, i).shape);
    for (const shape of shapes)
      need(
        shape.length === first.shape.length && shape.every((d, i) => i === axis || d === first.shape[i]),
        `${shapes.map(formatShape).join(', ')} can't be joined along axis ${axis}`,
      );
    return [
      {
        dtype: first.dtype,
        shape: first.shape.map((d, i) => (i === axis ? shapes.reduce((sum, s) => sum + s[axis]!, 0) : d)),
      },
    ];
  },
};

const split: OpSpec = {
  attributes: { axis: 'int', num_outputs: 'int' },
  infer(context) {
    const x = tensor(context, 0);
    const axis = normalizeAxis(intAttribute(context, 'axis', 0), x.shape.length);
    const parts = constantNumbers(context, 1);
    need(
      parts.reduce((a, b) => a + b, 0) === x.shape[axis],
      `parts ${parts.join('+')} don't add up to ${x.shape[axis]!}`,
    );
    return parts.map((part) => ({ dtype: x.dtype, shape: x.shape.map((d, i) => (i === axis ? part : d)) }));
  },
};

function sliceLength(length: number, start: number, end: number, step: number): number {
  const limit = (v: number, low: number, high: number): number => Math.min(high, Math.max(low, v < 0 ? v + length : v));
  if (step > 0) return Math.max(0, Math.ceil((limit(end, 0, length) - limit(start, 0, length)) / step));
  return Math.max(0, Math.ceil((limit(start, 0, length - 1) - limit(end, -1, length - 1)) / -step));
}

const slice: OpSpec = {
  attributes: {},
  infer(context) {
    const x = tensor(context, 0);
    const [starts, ends] = [constantNumbers(context, 1), constantNumbers(context, 2)];
    const axes = context.inputs[3] ? constantNumbers(context, 3) : starts.map((_, i) => i);
    const steps = context.inputs[4] ? constantNumbers(context, 4) : starts.map(() => 1);
    const shape = [...x.shape];
    axes.forEach((a, i) => {
      const axis = normalizeAxis(a, shape.length);
      shape[axis] = sliceLength(shape[axis]!, starts[i]!, ends[i]!, steps[i]!);
    });
    return [{ dtype: x.dtype, shape }];
  },
};

const pad: OpSpec = {
  attributes: { mode: 'string' },
  infer(context) {
    const x = tensor(context, 0);
    const pads = constantNumbers(context, 1);
    need(pads.length === 2 * x.shape.length, `${pads.length} pads for a tensor of rank ${x.shape.length}`);
    return [{ dtype: x.dtype, shape: x.shape.map((d, i) => d + pads[i]! + pads[i + x.shape.length]!) }];
  },
};

const gather: OpSpec = {
  attributes: { axis: 'int' },
  infer(context) {
    const [x, indices] = [tensor(context, 0), tensor(context, 1)];
    const axis = normalizeAxis(intAttribute(context, 'axis', 0), x.shape.length);
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] }];
  },
};

const gatherElements: OpSpec = {
  attributes: { axis: 'int' },
  infer: (context) => [{ dtype: tensor(context, 0).dtype, shape: tensor(context, 1).shape }],
};

const scatterND: OpSpec = {
  attributes: { reduction: 'string' },
  infer: (context) => [{ dtype: tensor(context, 0).dtype, shape: tensor(context, 0).shape }],
};

const expand: OpSpec = {
  attributes: {},
  infer: (context) => [
    { dtype: tensor(context, 0).dtype, shape: broadcastShapes(tensor(context, 0).shape, constantNumbers(context, 1)) },
  ],
};

const axesInput = (context: RuleContext, rank: number): number[] =>
  constantNumbers(context, 1).map((a) => normalizeAxis(a, rank));

const unsqueeze: OpSpec = {
  attributes: {},
  infer(context) {
    const x = tensor(context, 0);
    const axes = axesInput(context, x.shape.length + constantNumbers(context, 1).length);
    const rest = [...x.shape];
    return [
      {
        dtype: x.dtype,
        shape: Array.from({ length: x.shape.length + axes.length }, (_, i) => (axes.includes(i) ? 1 : rest.shift()!)),
      },
    ];
  },
};

/** Rows of the structural operators, keyed by ONNX name. */
export const structureOps: Record<string, OpSpec> = {
  MatMul: matMul,
  FusedMatMul: fusedMatMul,
  Reshape: reshape,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Gather: gather,
  GatherElements: gatherElements,
  ScatterND: scatterND,
  Expand: expand,
  Unsqueeze: unsqueeze,
};
