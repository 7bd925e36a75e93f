// Gradient rules of convolutions, pooling and bilinear upsampling.
import { mul, reduceSum } from '../../onnx/ops/math.ts';
import {
  convInputGradient,
  convWeightGradient,
  maxPoolGradient,
  upsample2xGradient,
  type BilinearMode,
} from '../../onnx/ops/spatial.ts';
import { expand } from '../../onnx/ops/structure.ts';
import type { Rule, RuleState } from '../rule.ts';

const convRule: Rule = ({ dy, node, x, wants }) => [
  wants[0] ? convInputGradient(dy, x[1]!, x[0]!.shape, node.attributes) : null,
  wants[1] ? convWeightGradient(x[0]!, dy, node.attributes) : null,
  wants[2] ? reduceSum(dy, [0, 2, 3]) : null,
];

const globalAveragePoolRule: Rule = ({ dy, x }) => {
  const [, , height, width] = x[0]!.shape as [number, number, number, number];
  return [expand(mul(dy, 1 / (height * width)), x[0]!.shape)];
};

const resizeRule: Rule = ({ dy, node }) => [
  upsample2xGradient(dy, node.attributes['coordinate_transformation_mode'] as BilinearMode),
  null,
  null,
];

const maxPoolRule: Rule = ({ dy, node, x, y }) => [maxPoolGradient(x[0]!, y, dy, node.attributes)];

/** Rules of the spatial operators, keyed by ONNX name. */
export const spatialRules: Record<string, RuleState> = {
  Conv: convRule,
  MaxPool: maxPoolRule,
  GlobalAveragePool: globalAveragePoolRule,
  Resize: resizeRule,
};
