// Gradient rules of operators that move, join, cut, index or sum data, and of matrix products.
import { normalizeAxis, sizeOf } from '../../onnx/tensorType.ts';
import type { Node, Value } from '../../onnx/graph.ts';
import { matMul, mul } from '../../onnx/ops/math.ts';
import { concat, expand, pad, reshape, scatterAdd, slice, split, transpose } from '../../onnx/ops/structure.ts';
import type { Rule, RuleState } from '../rule.ts';

const constantInts = (node: Node, index: number): number[] | null => {
  const value = node.inputs[index];
  const data = value?.graph.constantData(value);
  return data ? Array.from(data as ArrayLike<number | bigint>, Number) : null;
};

const intAttribute = (node: Node, name: string, fallback: number): number => {
  const value = node.attributes[name];
  return typeof value === 'number' ? value : fallback;
};

/** Spreads the gradient of a reduction over what was reduced. */
function spread(dy: Value, node: Node): Value {
  const shape = node.inputs[0]!.shape;
  const axes = constantInts(node, 1)?.map((a) => normalizeAxis(a, shape.length)) ?? shape.map((_, i) => i);
  return expand(
    reshape(
      dy,
      shape.map((d, i) => (axes.includes(i) ? 1 : d)),
    ),
    shape,
  );
}

const reduceSumRule: Rule = ({ dy, node }) => [spread(dy, node)];

const reduceMeanRule: Rule = ({ dy, node, x, y }) => [mul(spread(dy, node), sizeOf(y.shape) / sizeOf(x[0]!.shape))];

const reduceSumSquareRule: Rule = ({ dy, node, x }) => [mul(spread(dy, node), mul(x[0]!, 2))];

const transposeRule: Rule = ({ dy, node }) => {
  const perm = node.attributes['perm'] as readonly number[];
  return [
    transpose(
      dy,
      perm.map((_, i) => perm.indexOf(i)),
    ),
  ];
};

const concatRule: Rule = ({ dy, node, x }) => {
  const axis = normalizeAxis(intAttribute(node, 'axis', 0), dy.shape.length);
  return split(
    dy,
    x.map((v) => v.shape[axis]!),
    axis,
  );
};

/** An output of a Split that no loss reaches counts as zero. */
const splitRule: Rule = ({ outputGradients, node, dy }) => {
  const parts = node.outputs.map((out, i) => outputGradients[i] ?? expand(dy.graph.scalar(0), out.shape));
  return [concat(parts, intAttribute(node, 'axis', 0)), null];
};

/** Puts `steps - 1` zeros behind every element of `axis`. */
function dilate(x: Value, axis: number, steps: number): Value {
  const { shape } = x;
  const wide = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
  const ends = wide.map((_, i) => (i === axis + 1 ? steps - 1 : 0));
  return reshape(
    pad(reshape(x, wide), [...wide.map(() => 0), ...ends]),
    shape.map((d, i) => (i === axis ? d * steps : d)),
  );
}

const sliceRule: Rule = ({ dy, node, x }) => {
  const { shape } = x[0]!;
  const starts = constantInts(node, 1)!;
  const axes = (constantInts(node, 3) ?? starts.map((_, i) => i)).map((a) => normalizeAxis(a, shape.length));
  const steps = constantInts(node, 4) ?? starts.map(() => 1);
  let result = dy;
  axes.forEach((axis, i) => {
    const [length, count] = [shape[axis]!, dy.shape[axis]!];
    const stride = Math.abs(steps[i]!);
    let begin = Math.min(starts[i]! < 0 ? Math.max(0, starts[i]! + length) : starts[i]!, length - 1);
    if (steps[i]! < 0) {
      result = slice(result, [-1], [-count - 1], [axis], [-1]);
      begin -= (count - 1) * stride;
    }
    if (stride > 1) result = dilate(result, axis, stride);
    const pads = new Array<number>(2 * shape.length).fill(0);
    pads[axis] = begin;
    pads[axis + shape.length] = length - begin - result.shape[axis]!; // negative where the last step hangs over: Pad then cuts
    result = pad(result, pads);
  });
  return [result, null, null, null, null];
};

const padRule: Rule = ({ dy, node }) => [
  pad(
    dy,
    constantInts(node, 1)!.map((p) => -p),
  ),
  null,
];

const gatherRule: Rule = ({ dy, node, x }) => {
  const [data, indices] = x as [Value, Value];
  const axis = normalizeAxis(intAttribute(node, 'axis', 0), data.shape.length);
  const picked = indices.shape.map((_, i) => axis + i);
  const rest = dy.shape.map((_, i) => i).filter((i) => !picked.includes(i));
  const rows = transpose(dy, [...picked, ...rest]);
  const others = data.shape.filter((_, i) => i !== axis);
  const zeros = expand(dy.graph.scalar(0), [data.shape[axis]!, ...others]);
  const summed = scatterAdd(zeros, reshape(indices, [-1, 1]), reshape(rows, [sizeOf(indices.shape), ...others]));
  const back = data.shape.map((_, i) => (i === axis ? 0 : i < axis ? i + 1 : i));
  return [transpose(summed, back), null];
};

const swapLast = (x: Value): Value => {
  const rank = x.shape.length;
  return transpose(
    x,
    x.shape.map((_, i) => (i === rank - 2 ? rank - 1 : i === rank - 1 ? rank - 2 : i)),
  );
};

const matMulRule: Rule = ({ dy, x, wants }) => [
  wants[0] ? matMul(dy, swapLast(x[1]!)) : null,
  wants[1] ? matMul(swapLast(x[0]!), dy) : null,
];

/** Rules of the structural operators, keyed by ONNX name. */
export const structureRules: Record<string, RuleState> = {
  ReduceSum: reduceSumRule,
  ReduceMean: reduceMeanRule,
  ReduceSumSquare: reduceSumSquareRule,
  ReduceMax: 'never',
  TopK: 'never',
  GatherElements: 'never',
  ScatterND: 'never',
  Reshape: ({ dy, x }) => [reshape(dy, x[0]!.shape), null],
  Unsqueeze: ({ dy, x }) => [reshape(dy, x[0]!.shape), null],
  Expand: ({ dy }) => [dy, null],
  Transpose: transposeRule,
  Concat: concatRule,
  Split: splitRule,
  Slice: sliceRule,
  Pad: padRule,
  Gather: gatherRule,
  MatMul: matMulRule,
};
