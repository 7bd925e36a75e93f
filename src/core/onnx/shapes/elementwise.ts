// Shape rules of operators that work element by element.
import { broadcastShapes, onnxTypeOf, type DType } from '../tensorType.ts';
import { intAttribute, need, tensor, type AttributeKind, type OpSpec } from './spec.ts';

const unary = (attributes: Record<string, AttributeKind> = {}): OpSpec => ({
  attributes,
  infer: (context) => [{ dtype: tensor(context, 0).dtype, shape: tensor(context, 0).shape }],
});

const binary = (result?: DType): OpSpec => ({
  attributes: {},
  infer(context) {
    const [a, b] = [tensor(context, 0), tensor(context, 1)];
    need(a.dtype === b.dtype, `element types ${a.dtype} and ${b.dtype} differ`);
    return [{ dtype: result ?? a.dtype, shape: broadcastShapes(a.shape, b.shape) }];
  },
});

const where: OpSpec = {
  attributes: {},
  infer(context) {
    const [condition, a, b] = [tensor(context, 0), tensor(context, 1), tensor(context, 2)];
    need(condition.dtype === 'bool' && a.dtype === b.dtype, 'needs a bool condition and two tensors of one type');
    return [{ dtype: a.dtype, shape: broadcastShapes(condition.shape, a.shape, b.shape) }];
  },
};

const cast: OpSpec = {
  attributes: { to: 'int' },
  infer(context) {
    const to = intAttribute(context, 'to', 0);
    const dtype = (Object.keys(onnxTypeOf) as DType[]).find((d) => onnxTypeOf[d] === to);
    need(dtype !== undefined, `cannot cast to type number ${to}`);
    return [{ dtype, shape: tensor(context, 0).shape }];
  },
};

/** Rows of the element-wise operators, keyed by ONNX name. */
export const elementwiseOps: Record<string, OpSpec> = {
  Add: binary(),
  Sub: binary(),
  Mul: binary(),
  Div: binary(),
  Min: binary(),
  Max: binary(),
  Pow: binary(),
  Equal: binary('bool'),
  Greater: binary('bool'),
  Less: binary('bool'),
  And: binary('bool'),
  Or: binary('bool'),
  Not: unary(),
  Where: where,
  Cast: cast,
  Identity: unary(),
  Neg: unary(),
  Abs: unary(),
  Exp: unary(),
  Log: unary(),
  Sqrt: unary(),
  Reciprocal: unary(),
  Floor: unary(),
  Relu: unary(),
  LeakyRelu: unary({ alpha: 'float' }),
  Sigmoid: unary(),
  HardSigmoid: unary({ alpha: 'float', beta: 'float' }),
  Clip: unary(),
};
