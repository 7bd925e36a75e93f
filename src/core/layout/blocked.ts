// Lowers a graph to the runtime's blocked layout: convolutions on [N][C / b][H][W][b] near the processor's peak, the rest where it is cheap.
// The blocked domain is internal to the runtime; its block is probed at start-up (runtime room) and this lowering used only if that worked.
import type { Graph, Node, Value } from '../onnx/graph.ts';
import { compositeDomain } from '../onnx/opTable.ts';
import { verify } from '../onnx/verify.ts';
import { batchNormGradientRule, batchNormRule } from './blocked/batchNorm.ts';
import { convRule, readsUnblocked, weightStorage } from './blocked/convolution.ts';
import { columnStorage, deformConvGradientRule, deformConvRule } from './blocked/deformable.ts';
import { elementwiseRules } from './blocked/elementwise.ts';
import { focalTermsRule } from './blocked/focal.ts';
import { inputGradientRule } from './blocked/inputGradient.ts';
import { Lowering, type BlockedRule } from './blocked/lowering.ts';
import { maxPoolGradientRule } from './blocked/maxPool.ts';
import { storedShape, type Storage } from './blocked/storage.ts';
import { resizeGradientRule } from './blocked/resize.ts';
import { weightGradientRule } from './blocked/weightGradient.ts';
import { portableExpansions } from './portable.ts';
import { tidy } from './tidy.ts';

const rules: Readonly<Record<string, BlockedRule>> = { ...elementwiseRules, Conv: convRule };
const compositeRules: Readonly<Record<string, BlockedRule>> = {
  BatchNorm: batchNormRule,
  BatchNormGradient: batchNormGradientRule,
  ConvInputGradient: inputGradientRule,
  FocalTerms: focalTermsRule,
  MaxPoolGradient: maxPoolGradientRule,
  ModulatedDeformConv: deformConvRule,
  ModulatedDeformConvGradient: deformConvGradientRule,
  ConvWeightGradient: weightGradientRule,
  Upsample2xGradient: resizeGradientRule,
};

/** A lowered training graph and how its parameters lie in memory. */
export interface LoweredGraph {
  graph: Graph;
  /** Storage of every parameter input; its gradient output has the same. */
  storage: ReadonlyMap<string, Storage>;
}

/**
 * @param source a graph of standard operators and composites
 * @param block 8 or 16, as probed
 * @param gradientOf which parameter an output is the gradient of, by output name: it is delivered in that parameter's storage
 * @throws graph-invalid from the verifier
 */
export function lowerBlocked(
  source: Graph,
  block: number,
  gradientOf: ReadonlyMap<string, string> = new Map(),
): LoweredGraph {
  const l = new Lowering(source, block);
  Object.assign(l.target.metadata, source.metadata);
  const storage = parameterStorage(source, block);
  for (const input of source.inputs) {
    const stored = storage.get(input.name);
    if (stored) l.setStored(input, l.target.input(input.name, 'float32', storedShape(stored)), stored);
    else l.setPlain(input, l.target.input(input.name, input.dtype, input.shape));
  }
  for (const node of source.nodes) l.target.scoped(node.name, () => lowerNode(node, l));
  for (const { name, value } of source.outputs) {
    const like = storage.get(gradientOf.get(name) ?? '');
    l.target.output(name, like ? l.stored(value, like) : l.plain(value));
  }
  tidy(l.target);
  verify(l.target);
  return { graph: l.target, storage };
}

function lowerNode(node: Node, l: Lowering): void {
  const rule = node.domain === compositeDomain ? compositeRules[node.op] : rules[node.op];
  if (rule?.(node, l)) return;
  const inputs = node.inputs.map((v) => v && l.plain(v));
  const expansion = node.domain === compositeDomain ? portableExpansions[node.op] : undefined;
  const outputs = expansion
    ? expansion(inputs as readonly Value[], node.attributes, true)
    : l.target.add(node.op, inputs, node.attributes, node.domain);
  node.outputs.forEach((out, i) => l.setPlain(out, outputs[i]!));
}

/** Storage of the graph inputs that are weights or biases of convolutions; said by the first that uses them. */
function parameterStorage(source: Graph, block: number): Map<string, Storage> {
  const storage = new Map<string, Storage>();
  const note = (v: Value | null | undefined, s: Storage | null): void => {
    if (v && s && source.inputs.includes(v) && !storage.has(v.name)) storage.set(v.name, s);
  };
  for (const node of source.nodes) {
    if (node.op === 'ModulatedDeformConv') note(node.inputs[3], columnStorage(node.inputs[3]!, block));
    if (node.op !== 'Conv' || node.domain !== '') continue;
    const [x, weight, bias] = node.inputs as [Value, Value, Value | null | undefined];
    const s = weightStorage(weight, x.shape[1]!, Number(node.attributes['group'] ?? 1), readsUnblocked(x), block);
    note(weight, s);
    if (s && bias) note(bias, { kind: 'channels', block, shape: bias.shape });
  }
  return storage;
}
