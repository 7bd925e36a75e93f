// Gradient rules of the composites that stand for whole layers.
import { mul, reduceSum } from '../../onnx/ops/math.ts';
import { batchNormGradient, modulatedDeformConvGradient } from '../../onnx/ops/layers.ts';
import type { Rule, RuleState } from '../rule.ts';

/** The statistics outputs only leave the graph: no loss depends on them. */
const batchNormRule: Rule = ({ node, dy, x }) =>
  batchNormGradient([x[0]!, dy, x[1]!, node.outputs[1]!, node.outputs[2]!], Number(node.attributes['epsilon']));

const deformRule: Rule = ({ node, dy, x, wants }) => [
  ...modulatedDeformConvGradient([x[0]!, x[1]!, x[2]!, x[3]!, dy], node.attributes),
  wants[4] ? reduceSum(dy, [0, 2, 3]) : null,
];

/** The counts and the slope itself carry no gradient. */
const focalRule: Rule = ({ node, dy }) => [mul(node.outputs[2]!, dy), null];

/** Rules of the composites, keyed by name. */
export const compositeRules: Record<string, RuleState> = {
  BatchNorm: batchNormRule,
  FocalTerms: focalRule,
  ModulatedDeformConv: deformRule,
};
