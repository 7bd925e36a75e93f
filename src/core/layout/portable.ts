// Lowers a graph to standard ONNX operators alone: what every execution provider runs.
import type { Graph, Value } from '../onnx/graph.ts';
import { compositeDomain } from '../onnx/opTable.ts';
import { rewrite } from '../onnx/rewrite.ts';
import { verify } from '../onnx/verify.ts';
import { expandBatchNorm, expandBatchNormGradient } from './portable/batchNorm.ts';
import { expandDeformConv, expandDeformConvGradient } from './portable/deformable.ts';
import { expandFocalTerms } from './portable/focal.ts';
import { expandInputGradient } from './portable/inputGradient.ts';
import { expandMaxPoolGradient } from './portable/maxPoolGradient.ts';
import { expandResizeGradient } from './portable/resizeGradient.ts';
import { expandWeightGradient } from './portable/weightGradient.ts';
import type { Attributes } from '../onnx/opTable.ts';
import { tidy } from './tidy.ts';

/** Expands one composite into standard operators (NCHW). */
export type Expansion = (inputs: readonly Value[], attributes: Attributes) => readonly Value[];

/** The portable form of every composite, keyed by name. */
export const portableExpansions: Readonly<Record<string, Expansion>> = {
  ConvInputGradient: ([dy, weight], attributes) => [expandInputGradient(dy!, weight!, attributes)],
  Upsample2xGradient: ([dy], attributes) => [expandResizeGradient(dy!, attributes)],
  ConvWeightGradient: ([x, dy], attributes) => [expandWeightGradient(x!, dy!, attributes)],
  FocalTerms: expandFocalTerms,
  MaxPoolGradient: ([x, y, dy], attributes) => [expandMaxPoolGradient(x!, y!, dy!, attributes)],
  BatchNorm: expandBatchNorm,
  BatchNormGradient: expandBatchNormGradient,
  ModulatedDeformConv: expandDeformConv,
  ModulatedDeformConvGradient: expandDeformConvGradient,
};

/** @returns an equal graph of standard operators only. @throws graph-invalid from the verifier */
export function lowerPortable(graph: Graph): Graph {
  const lowered = rewrite(graph, (node, inputs) => {
    const expand = node.domain === compositeDomain ? portableExpansions[node.op] : undefined;
    return expand ? expand(inputs as readonly Value[], node.attributes) : null;
  });
  tidy(lowered);
  verify(lowered);
  return lowered;
}
