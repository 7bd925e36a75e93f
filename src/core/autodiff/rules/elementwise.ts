// Gradient rules of the element-wise operators. Where a function has a kink, the value follows PyTorch.
import type { Value } from '../../onnx/graph.ts';
import { div, greater, less, log, mul, neg, pow, reciprocal, sub, add, where } from '../../onnx/ops/math.ts';
import { asFloat, step, type Rule, type RuleContext, type RuleState } from '../rule.ts';

const unary =
  (derivative: (context: RuleContext) => Value): Rule =>
  (context) => [derivative(context)];

const numberAttribute = ({ node }: RuleContext, name: string, fallback: number): number => {
  const value = node.attributes[name];
  return typeof value === 'number' ? value : fallback;
};

/** Ties go to the second operand, as in the PyTorch the official code was written for. */
const extremum =
  (firstWins: (a: Value, b: Value) => Value): Rule =>
  ({ dy, x, wants }) => {
    const first = firstWins(x[0]!, x[1]!);
    return [wants[0] ? where(first, dy, 0) : null, wants[1] ? where(first, 0, dy) : null];
  };

const power: Rule = ({ dy, x, y, wants }) => {
  const [base, exponent] = x as [Value, Value];
  return [
    wants[0] ? mul(dy, mul(exponent, pow(base, sub(exponent, 1)))) : null,
    wants[1] ? mul(dy, mul(y, log(base))) : null,
  ];
};

const clipRule: Rule = ({ dy, x }) => {
  const [value, low, high] = x as [Value, Value, Value];
  const outside = add(asFloat(less(value, low)), asFloat(greater(value, high)));
  return [mul(dy, sub(1, outside)), null, null];
};

const hardSigmoidRule: Rule = (context) => {
  const alpha = numberAttribute(context, 'alpha', 0.2);
  const beta = numberAttribute(context, 'beta', 0.5);
  const x = context.x[0]!;
  const inside = sub(step(x, -beta / alpha), step(x, (1 - beta) / alpha));
  return [mul(context.dy, mul(inside, alpha))];
};

const leakyReluRule: Rule = (context) => {
  const alpha = numberAttribute(context, 'alpha', 0.01);
  return [mul(context.dy, add(mul(step(context.x[0]!), 1 - alpha), alpha))];
};

/** Rules of the element-wise operators, keyed by ONNX name. */
export const elementwiseRules: Record<string, RuleState> = {
  Add: ({ dy }) => [dy, dy],
  Sub: ({ dy, wants }) => [dy, wants[1] ? neg(dy) : null],
  Mul: ({ dy, x, wants }) => [wants[0] ? mul(dy, x[1]!) : null, wants[1] ? mul(dy, x[0]!) : null],
  Div: ({ dy, x, y, wants }) => [wants[0] ? div(dy, x[1]!) : null, wants[1] ? neg(div(mul(dy, y), x[1]!)) : null],
  Max: extremum(greater),
  Min: extremum(less),
  Pow: power,
  Where: ({ dy, x, wants }) => [null, wants[1] ? where(x[0]!, dy, 0) : null, wants[2] ? where(x[0]!, 0, dy) : null],
  Identity: ({ dy }) => [dy],
  Neg: unary(({ dy }) => neg(dy)),
  Abs: unary(({ dy, x }) => mul(dy, sub(step(x[0]!), step(neg(x[0]!))))),
  Exp: unary(({ dy, y }) => mul(dy, y)),
  Log: unary(({ dy, x }) => div(dy, x[0]!)),
  Sqrt: unary(({ dy, y }) => mul(dy, mul(reciprocal(y), 0.5))),
  Reciprocal: unary(({ dy, y }) => neg(mul(dy, mul(y, y)))),
  Relu: unary(({ dy, y }) => mul(step(y), dy)),
  LeakyRelu: leakyReluRule,
  Sigmoid: unary(({ dy, y }) => mul(dy, mul(y, sub(1, y)))),
  HardSigmoid: hardSigmoidRule,
  Clip: clipRule,
  Floor: 'zero',
  Equal: 'zero',
  Greater: 'zero',
  Less: 'zero',
  And: 'zero',
  Or: 'zero',
  Not: 'zero',
  Cast: 'never',
};
