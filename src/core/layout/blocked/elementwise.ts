// Element-wise operators, reductions, pooling and joins in the blocked layout. Padding lanes may hold anything finite: the zero padding of
// the weights keeps it out of every sum over channels.
import type { Node, Value } from '../../onnx/graph.ts';
import { sizeOf } from '../../onnx/tensorType.ts';
import { reduceSum } from '../../onnx/ops/math.ts';
import { expand, reshape, split, concat } from '../../onnx/ops/structure.ts';
import type { BlockedRule, Lowering } from './lowering.ts';
import { roundUp } from './storage.ts';

const isMap = (v: Value | null | undefined): v is Value => v?.dtype === 'float32' && v.shape.length === 4;
const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);
const isPerChannel = (v: Value): boolean => isMap(v) && v.shape[2] === 1 && v.shape[3] === 1;

/** [N, C, H, W] blocked as [N, C / b, H W, b], in which per-channel values broadcast. */
function lanesView(l: Lowering, v: Value): Value {
  const [n, c, h, w] = v.shape as [number, number, number, number];
  return reshape(v, [n, c / l.block, h * w, l.block]);
}

const copyUnary: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  if (!isMap(x) || !l.isBlocked(x)) return false;
  const rest = node.inputs.slice(1).map((v) => v && l.plain(v));
  l.setBlocked(node.outputs[0]!, l.target.add(node.op, [l.blocked(x), ...rest], node.attributes)[0]!);
  return true;
};

/** ReLU goes into the convolution before it where that has no other reader. */
const reluRule: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  const pending = l.takePending(x);
  if (!pending || pending.relu) return copyUnary(node, l);
  l.setPending(node.outputs[0]!, { ...pending, relu: true });
  return true;
};

/** A sum goes into one of its convolutions. */
const addRule: BlockedRule = (node, l) => {
  const [a, b] = node.inputs as [Value, Value];
  if (!isMap(a) || !sameShape(a.shape, b.shape)) return binaryRule(node, l);
  for (const [conv, other] of [
    [b, a],
    [a, b],
  ] as const) {
    const pending = l.takePending(conv);
    if (!pending || pending.relu || pending.sum || !l.isBlocked(other)) continue;
    l.setPending(node.outputs[0]!, { ...pending, sum: l.blocked(other) });
    return true;
  }
  return binaryRule(node, l);
};

const binaryRule: BlockedRule = (node, l) => {
  const [a, b] = node.inputs as [Value, Value];
  const out = node.outputs[0]!;
  if (!isMap(out) || !(l.isBlocked(a) || l.isBlocked(b))) return false;
  const apply = (x: Value, y: Value): Value => l.target.add(node.op, [x, y], node.attributes)[0]!;
  const whole = (v: Value): boolean => sameShape(v.shape, out.shape);
  const scalar = (v: Value): boolean => sizeOf(v.shape) === 1;
  if ((whole(a) || scalar(a)) && (whole(b) || scalar(b))) {
    l.setBlocked(out, apply(...([a, b].map((v) => (whole(v) ? l.blocked(v) : l.plain(v))) as [Value, Value])));
    return true;
  }
  if ((whole(a) && isPerChannel(b)) || (whole(b) && isPerChannel(a))) {
    if ([a, b].some((v) => v.shape[1] !== out.shape[1])) return false;
    const result = apply(lanesView(l, l.blocked(a)), lanesView(l, l.blocked(b)));
    l.setBlocked(out, reshape(result, blockedShape(l, out)));
    return true;
  }
  return false;
};

const blockedShape = (l: Lowering, v: Value): number[] => v.shape.map((d, i) => (i === 1 ? roundUp(d, l.block) : d));

const constantInts = (node: Node, index: number): number[] => {
  const v = node.inputs[index];
  const data = v?.graph.constantData(v);
  return data ? Array.from(data as ArrayLike<number | bigint>, Number) : [];
};

/** Sums over pixels (kept as [N, C, 1, 1]) and over images and pixels (a vector over channels). */
const reduceSumRule: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  if (!isMap(x) || !l.isBlocked(x)) return false;
  const axes = constantInts(node, 1).join();
  const [n, c] = [x.shape[0]!, roundUp(x.shape[1]!, l.block)];
  if (axes === '2,3' && node.attributes['keepdims'] === 1) {
    l.setBlocked(node.outputs[0]!, reshape(pixelSums(l, l.blocked(x)), [n, c, 1, 1]));
    return true;
  }
  if (axes !== '0,2,3' || node.attributes['keepdims'] !== 0) return false;
  const perImage = reshape(pixelSums(l, l.blocked(x)), [n, c]);
  l.setStored(node.outputs[0]!, n === 1 ? reshape(perImage, [c]) : reduceSum(perImage, [0]), {
    kind: 'channels',
    block: l.block,
    shape: node.outputs[0]!.shape,
  });
  return true;
};

/** Rows of at most 512 pixels are summed apart: as quick, and a tenth of the error of one long sum. */
function pixelSums(l: Lowering, x: Value): Value {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  let rows = h;
  while (rows % 2 === 0 && rows * w > 512) rows /= 2;
  const parts = h / rows;
  const partial = reduceSum(reshape(x, [(n * c * parts) / l.block, rows * w, l.block]), [1]);
  return parts === 1 ? partial : reduceSum(reshape(partial, [(n * c) / l.block, parts, l.block]), [1]);
}

const globalAveragePoolRule: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  if (!l.isBlocked(x)) return false;
  l.setBlocked(node.outputs[0]!, l.nchwc('GlobalAveragePool', [l.blocked(x)]));
  return true;
};

const maxPoolRule: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  if (!l.isBlocked(x)) return false;
  l.setBlocked(node.outputs[0]!, l.nchwc('MaxPool', [l.blocked(x)], node.attributes));
  return true;
};

const resizeRule: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  if (!l.isBlocked(x)) return false;
  const mode = node.attributes['coordinate_transformation_mode']!;
  l.setBlocked(
    node.outputs[0]!,
    l.nchwc('Upsample', [l.blocked(x)], { scales: [1, 1, 2, 2], mode: 'linear', coordinate_transformation_mode: mode }),
  );
  return true;
};

/** Per-channel values spread over a map. */
const expandRule: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  const out = node.outputs[0]!;
  if (!isPerChannel(x) || !l.isBlocked(x) || !isMap(out) || x.shape[1] !== out.shape[1]) return false;
  const [n, c, h, w] = blockedShape(l, out) as [number, number, number, number];
  l.setBlocked(out, reshape(expand(lanesView(l, l.blocked(x)), [n, c / l.block, h * w, l.block]), [n, c, h, w]));
  return true;
};

/** A reshape to the same shape keeps the layout. */
const reshapeRule: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  if (!isMap(x) || !l.isBlocked(x) || !sameShape(x.shape, node.outputs[0]!.shape)) return false;
  l.setBlocked(node.outputs[0]!, l.blocked(x));
  return true;
};

const joinsChannels = (node: Node, parts: readonly Value[], l: Lowering): boolean =>
  node.attributes['axis'] === 1 && parts.every((v) => isMap(v) && v.shape[1]! % l.block === 0);

const concatRule: BlockedRule = (node, l) => {
  const parts = node.inputs as readonly Value[];
  if (!joinsChannels(node, parts, l) || !parts.some((v) => l.isBlocked(v))) return false;
  l.setBlocked(
    node.outputs[0]!,
    concat(
      parts.map((v) => l.blocked(v)),
      1,
    ),
  );
  return true;
};

const splitRule: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  if (!joinsChannels(node, node.outputs, l) || !l.isBlocked(x)) return false;
  const lengths = node.outputs.map((v) => v.shape[1]!);
  split(l.blocked(x), lengths, 1).forEach((part, i) => l.setBlocked(node.outputs[i]!, part));
  return true;
};

/** Rules keyed by ONNX name. Operators that could make padding lanes infinite (Div, Log, Reciprocal) are left to the unblocked path. */
export const elementwiseRules: Readonly<Record<string, BlockedRule>> = {
  Relu: reluRule,
  LeakyRelu: copyUnary,
  Sigmoid: copyUnary,
  HardSigmoid: copyUnary,
  Clip: copyUnary,
  Neg: copyUnary,
  Add: addRule,
  Sub: binaryRule,
  Mul: binaryRule,
  Max: binaryRule,
  Min: binaryRule,
  ReduceSum: reduceSumRule,
  GlobalAveragePool: globalAveragePoolRule,
  MaxPool: maxPoolRule,
  Resize: resizeRule,
  Expand: expandRule,
  Reshape: reshapeRule,
  Concat: concatRule,
  Split: splitRule,
};
