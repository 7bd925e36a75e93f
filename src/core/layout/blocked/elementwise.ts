// Element-wise operators, reductions, pooling and joins in the blocked layout. Padding lanes may hold anything finite: the zero padding of
// the weights keeps it out of every sum over channels.
import type { Node, Value } from '../../onnx/graph.ts';
import { sizeOf } from '../../onnx/tensorType.ts';
import { mul, reduceSum } from '../../onnx/ops/math.ts';
import { expand, reshape, split, concat } from '../../onnx/ops/structure.ts';
import { channelScale, pixelDots, pixelSums } from './channelwise.ts';
import type { BlockedRule, Lowering, Pending } from './lowering.ts';
import { maxPoolRule } from './maxPool.ts';
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
  if (!pending || pending.relu || pending.closed) return copyUnary(node, l);
  l.setPending(node.outputs[0]!, { ...pending, relu: true });
  return true;
};

/** Adds a value that is the same for all pixels of a channel: in the pass that scales the other one, or in one of its own. */
function addSpread(l: Lowering, other: Value, spread: Value): Pending | null {
  const fused = l.takePending(other)?.withShift?.(spread);
  if (fused) return fused;
  return l.isBlocked(other) ? channelScale(l, () => l.blocked(other), null, spread) : null;
}

/** A sum goes into one of its convolutions. */
const addRule: BlockedRule = (node, l) => {
  const [a, b] = node.inputs as [Value, Value];
  if (!isMap(a) || !sameShape(a.shape, b.shape)) return binaryRule(node, l);
  for (const [spread, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const value = l.takePending(spread)?.spread;
    const pending = value && addSpread(l, other, value);
    if (!pending) continue;
    l.setPending(node.outputs[0]!, pending);
    return true;
  }
  for (const [conv, other] of [
    [b, a],
    [a, b],
  ] as const) {
    const pending = l.takePending(conv);
    if (!pending || pending.closed || pending.relu || pending.sum || !l.isBlocked(other)) continue;
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

/** Products wait: a sum over their pixels needs no map of products. Scaling by channel waits for what else fits into the pass. */
const mulRule: BlockedRule = (node, l) => {
  const [a, b] = node.inputs as [Value, Value];
  const out = node.outputs[0]!;
  if (!isMap(out) || !l.isBlocked(a) || !l.isBlocked(b)) return binaryRule(node, l);
  if (sameShape(a.shape, b.shape) && !isPerChannel(a) && l.usedOnce(out)) {
    const emit = (): Value => mul(l.blocked(a), l.blocked(b));
    l.setPending(out, { emit, sum: null, relu: false, closed: true, product: [a, b] });
    return true;
  }
  const [map, scale] = isPerChannel(a) ? [b, a] : [a, b];
  const fits = isPerChannel(scale) && sameShape(map.shape, out.shape) && !isPerChannel(map);
  if (!fits || scale.shape[1] !== out.shape[1]) return binaryRule(node, l);
  l.setPending(
    out,
    channelScale(l, () => l.blocked(map), l.blocked(scale), null),
  );
  return true;
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
  const [n, c] = [x.shape[0]!, roundUp(x.shape[1]!, l.block)];
  const keep = node.attributes['keepdims'] === 1;
  const axes = constantInts(node, 1).join();
  if (axes !== (keep ? '2,3' : '0,2,3')) return false;
  const product = l.takePending(x)?.product;
  const sums = product ? pixelDots(l, l.blocked(product[0]), l.blocked(product[1])) : pixelSums(l, l.blocked(x));
  if (keep) {
    l.setBlocked(node.outputs[0]!, reshape(sums, [n, c, 1, 1]));
    return true;
  }
  l.setStored(node.outputs[0]!, n === 1 ? reshape(sums, [c]) : reduceSum(reshape(sums, [n, c]), [0]), {
    kind: 'channels',
    block: l.block,
    shape: node.outputs[0]!.shape,
  });
  return true;
};

const globalAveragePoolRule: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  if (!l.isBlocked(x)) return false;
  l.setBlocked(node.outputs[0]!, l.nchwc('GlobalAveragePool', [l.blocked(x)]));
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

/** Per-channel values spread over a map; no map is made where they are only added to one. */
const expandRule: BlockedRule = (node, l) => {
  const x = node.inputs[0]!;
  const out = node.outputs[0]!;
  if (!isPerChannel(x) || !l.isBlocked(x) || !isMap(out) || x.shape[1] !== out.shape[1]) return false;
  const [n, c, h, w] = blockedShape(l, out) as [number, number, number, number];
  const spread = l.blocked(x);
  const emit = (): Value => reshape(expand(lanesView(l, spread), [n, c / l.block, h * w, l.block]), [n, c, h, w]);
  l.setPending(out, { emit, sum: null, relu: false, closed: true, spread });
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
  Mul: mulRule,
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
