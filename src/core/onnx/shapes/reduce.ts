// Shape rules of reductions and of top-k.
import { normalizeAxis } from '../tensorType.ts';
import { constantNumbers, intAttribute, need, tensor, type OpSpec } from './spec.ts';

const reduce: OpSpec = {
  attributes: { keepdims: 'int', noop_with_empty_axes: 'int' },
  infer(context) {
    const { dtype, shape } = tensor(context, 0);
    const axes = context.inputs[1]
      ? constantNumbers(context, 1).map((a) => normalizeAxis(a, shape.length))
      : shape.map((_, i) => i);
    const keep = intAttribute(context, 'keepdims', 1) === 1;
    return [{ dtype, shape: shape.flatMap((dim, i) => (axes.includes(i) ? (keep ? [1] : []) : [dim])) }];
  },
};

const topK: OpSpec = {
  attributes: { axis: 'int', largest: 'int', sorted: 'int' },
  infer(context) {
    const { dtype, shape } = tensor(context, 0);
    const axis = normalizeAxis(intAttribute(context, 'axis', -1), shape.length);
    const k = constantNumbers(context, 1)[0] ?? 0;
    need(k >= 1 && k <= shape[axis]!, `k = ${k} must be between 1 and the axis length ${shape[axis]!}`);
    const result = shape.map((dim, i) => (i === axis ? k : dim));
    return [
      { dtype, shape: result },
      { dtype: 'int64', shape: result },
    ];
  },
};

/** Rows of the reducing operators, keyed by ONNX name. */
export const reduceOps: Record<string, OpSpec> = {
  ReduceSum: reduce,
  ReduceMean: reduce,
  ReduceMax: reduce,
  ReduceSumSquare: reduce,
  TopK: topK,
};
