// Lowers a graph to standard ONNX operators alone: what every execution provider runs.
import type { Graph, Node, Value } from '../onnx/graph.ts';
import { compositeDomain } from '../onnx/opTable.ts';
import { rewrite } from '../onnx/rewrite.ts';
import { windowOf } from '../onnx/shapes/spatial.ts';
import { verify } from '../onnx/verify.ts';
import { groupOf } from './blocked/convolution.ts';
import { suitsMixedRows } from './mixedRows.ts';
import { convMixedRows } from './portable/mixedRows.ts';
import { expandBatchNorm, expandBatchNormGradient } from './portable/batchNorm.ts';
import { expandDeformConv, expandDeformConvGradient } from './portable/deformable.ts';
import { expandFocalTerms } from './portable/focal.ts';
import { expandInputGradient } from './portable/inputGradient.ts';
import { expandMaxPoolGradient } from './portable/maxPoolGradient.ts';
import { expandResizeGradient } from './portable/resizeGradient.ts';
import { expandWeightGradient } from './portable/weightGradient.ts';
import type { Attributes } from '../onnx/opTable.ts';
import { tidy } from './tidy.ts';

/** Expands one composite into standard operators (NCHW). `mixes`: convolutions may be done in mixed rows (mixedRows.ts). */
export type Expansion = (inputs: readonly Value[], attributes: Attributes, mixes: boolean) => readonly Value[];

/** The portable form of every composite, keyed by name. */
export const portableExpansions: Readonly<Record<string, Expansion>> = {
  ConvInputGradient: ([dy, weight], attributes, mixes) => [expandInputGradient(dy!, weight!, attributes, mixes)],
  Upsample2xGradient: ([dy], attributes) => [expandResizeGradient(dy!, attributes)],
  ConvWeightGradient: ([x, dy], attributes, mixes) => [expandWeightGradient(x!, dy!, attributes, mixes)],
  FocalTerms: expandFocalTerms,
  MaxPoolGradient: ([x, y, dy], attributes) => [expandMaxPoolGradient(x!, y!, dy!, attributes)],
  BatchNorm: expandBatchNorm,
  BatchNormGradient: expandBatchNormGradient,
  ModulatedDeformConv: expandDeformConv,
  ModulatedDeformConvGradient: expandDeformConvGradient,
};

/** A convolution whose weight is learned in mixed rows, where that is quicker; constant weights the runtime arranges itself. */
function mixedConv(node: Node, [x, weight, bias]: readonly Value[]): Value[] | null {
  const window = windowOf(node);
  const learned = weight!.graph.constantData(weight!) === undefined;
  const suits = groupOf(node) === 1 && suitsMixedRows(window, x!.shape, weight!.shape[0]!);
  return learned && suits ? [convMixedRows(x!, weight!, bias ?? null, window)] : null;
}

/**
 * @param mixes whether convolutions may be done in mixed rows: less to compute but more to move, which suits processors
 * @returns an equal graph of standard operators only
 * @throws graph-invalid from the verifier
 */
export function lowerPortable(graph: Graph, mixes = true): Graph {
  const lowered = rewrite(graph, (node, inputs) => {
    if (mixes && node.op === 'Conv' && node.domain === '') return mixedConv(node, inputs as readonly Value[]);
    const expand = node.domain === compositeDomain ? portableExpansions[node.op] : undefined;
    return expand ? expand(inputs as readonly Value[], node.attributes, mixes) : null;
  });
  tidy(lowered);
  verify(lowered);
  return lowered;
}
