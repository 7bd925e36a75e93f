// Typed constructors of the element-wise operators, reductions and matrix products.
import type { Value } from '../graph.ts';
import { onnxTypeOf, type DType } from '../tensorType.ts';

/** A value, or a number that becomes a float32 scalar of the same graph. */
export type Operand = Value | number;

const graphOf = (a: Operand, b: Operand) => (typeof a === 'object' ? a.graph : (b as Value).graph);

function binary(op: string, a: Operand, b: Operand): Value {
  const graph = graphOf(a, b);
  const lift = (x: Operand): Value => (typeof x === 'number' ? graph.scalar(x) : x);
  return graph.add(op, [lift(a), lift(b)])[0]!;
}

const unary = (op: string, x: Value): Value => x.graph.add(op, [x])[0]!;

/** a + b, broadcasting. At least one operand is a Value (so for all binary operators here). */
export const add = (a: Operand, b: Operand): Value => binary('Add', a, b);
/** a - b, broadcasting. */
export const sub = (a: Operand, b: Operand): Value => binary('Sub', a, b);
/** a * b, broadcasting. */
export const mul = (a: Operand, b: Operand): Value => binary('Mul', a, b);
/** a / b, broadcasting. */
export const div = (a: Operand, b: Operand): Value => binary('Div', a, b);
/** Smaller of both, broadcasting. */
export const min = (a: Operand, b: Operand): Value => binary('Min', a, b);
/** Larger of both, broadcasting. */
export const max = (a: Operand, b: Operand): Value => binary('Max', a, b);
/** a to the power of b, broadcasting. */
export const pow = (a: Operand, b: Operand): Value => binary('Pow', a, b);
/** bool: a = b. */
export const equal = (a: Operand, b: Operand): Value => binary('Equal', a, b);
/** bool: a > b. */
export const greater = (a: Operand, b: Operand): Value => binary('Greater', a, b);
/** bool: a < b. */
export const less = (a: Operand, b: Operand): Value => binary('Less', a, b);

/** condition ? a : b, broadcasting. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const lift = (x: Operand): Value => (typeof x === 'number' ? condition.graph.scalar(x) : x);
  return condition.graph.add('Where', [condition, lift(a), lift(b)])[0]!;
}

/** -x */
export const neg = (x: Value): Value => unary('Neg', x);
/** |x| */
export const abs = (x: Value): Value => unary('Abs', x);
/** e^x */
export const exp = (x: Value): Value => unary('Exp', x);
/** Natural logarithm. */
export const log = (x: Value): Value => unary('Log', x);
/** Square root. */
export const sqrt = (x: Value): Value => unary('Sqrt', x);
/** 1 / x */
export const reciprocal = (x: Value): Value => unary('Reciprocal', x);
/** Largest integer not above x; its gradient is zero. */
export const floor = (x: Value): Value => unary('Floor', x);
/** max(x, 0) */
export const relu = (x: Value): Value => unary('Relu', x);
/** 1 / (1 + e^-x) */
export const sigmoid = (x: Value): Value => unary('Sigmoid', x);
/** A copy under another name; removed by the runtime. */
export const identity = (x: Value): Value => unary('Identity', x);
/** x where positive, alpha * x elsewhere. */
export const leakyRelu = (x: Value, alpha: number): Value => x.graph.add('LeakyRelu', [x], { alpha })[0]!;
/** clip(alpha * x + beta, 0, 1). */
export const hardSigmoid = (x: Value, alpha: number, beta: number): Value =>
  x.graph.add('HardSigmoid', [x], { alpha, beta })[0]!;
/** x limited to low..high. */
export const clip = (x: Value, low: number, high: number): Value =>
  x.graph.add('Clip', [x, x.graph.scalar(low), x.graph.scalar(high)])[0]!;
/** Conversion to another element type. */
export const cast = (x: Value, to: DType): Value => x.graph.add('Cast', [x], { to: onnxTypeOf[to] })[0]!;

const reduce = (op: string, x: Value, axes: readonly number[] | null, keepDims: boolean): Value =>
  x.graph.add(op, axes ? [x, x.graph.ints(axes)] : [x], { keepdims: keepDims ? 1 : 0 })[0]!;

/** Sum over `axes` (all when null). */
export const reduceSum = (x: Value, axes: readonly number[] | null = null, keepDims = false): Value =>
  reduce('ReduceSum', x, axes, keepDims);
/** Mean over `axes` (all when null). */
export const reduceMean = (x: Value, axes: readonly number[] | null = null, keepDims = false): Value =>
  reduce('ReduceMean', x, axes, keepDims);
/** Matrix product over the last two axes, broadcasting the others. */
export const matMul = (a: Value, b: Value): Value => a.graph.add('MatMul', [a, b])[0]!;

/** The k largest along `axis`, descending: [values, int64 indices]. */
export function topK(x: Value, k: number, axis: number): [Value, Value] {
  return x.graph.add('TopK', [x, x.graph.ints([k])], { axis, largest: 1, sorted: 1 }) as [Value, Value];
}
