// What a gradient rule is, and the pieces that several rules share.
import type { Node, Value } from '../onnx/graph.ts';
import { cast, hardSigmoid } from '../onnx/ops/math.ts';

/** What a rule sees: the node, the gradient of each of its outputs (null where none flows), and which inputs want one. */
export interface RuleContext {
  readonly node: Node;
  /** Gradient of the first output; most ops have only one. */
  readonly dy: Value;
  readonly outputGradients: readonly (Value | null)[];
  readonly wants: readonly boolean[];
  /** The node's inputs; an absent optional one must not be asked for. */
  readonly x: readonly Value[];
  /** The node's first output. */
  readonly y: Value;
}

/**
 * Gradients towards a node's inputs, in their order; null where there is none. A gradient may still have the shape that its input was
 * broadcast to: the backward walk sums it back, in that one place.
 */
export type Rule = (context: RuleContext) => readonly (Value | null)[];

/**
 * The state of an operator: a rule; `zero`, its output is constant almost everywhere, so nothing flows back; `never`, asking for its
 * gradient is a mistake in the model. An operator that isn't in the table at all is an error too.
 */
export type RuleState = Rule | 'zero' | 'never';

/** 1 where x > threshold, else 0, in one pass: the slope is so steep that the ramp of HardSigmoid has no width. */
export const step = (x: Value, threshold = 0): Value => hardSigmoid(x, 1e30, -1e30 * threshold);

/** A bool value as 0 and 1. */
export const asFloat = (condition: Value): Value => cast(condition, 'float32');
