// Reverse-mode differentiation of a graph: the table of rules, the one backward walk, the one place where broadcasting is undone.
import { StudioError } from '../../shared/errors.ts';
import type { Graph, Node, Value } from '../onnx/graph.ts';
import { add, reduceSum } from '../onnx/ops/math.ts';
import { reshape } from '../onnx/ops/structure.ts';
import type { Rule, RuleState } from './rule.ts';
import { compositeDomain } from '../onnx/opTable.ts';
import { compositeRules } from './rules/composite.ts';
import { elementwiseRules } from './rules/elementwise.ts';
import { spatialRules } from './rules/spatial.ts';
import { structureRules } from './rules/structure.ts';

/** Every operator and composite whose gradient state is known, keyed by name. */
export const gradientRules: Readonly<Record<string, RuleState>> = {
  ...elementwiseRules,
  ...structureRules,
  ...spatialRules,
  ...compositeRules,
};

/**
 * Appends to `graph` the nodes that compute d(sum of losses) / d(wanted).
 * @param losses float32 scalars of the graph
 * @param wanted float32 inputs or values of the graph
 * @returns one gradient per wanted value, of its shape
 * @throws gradient-missing when an operator on the way has no rule or must not be asked, or a wanted value doesn't reach a loss
 */
export function gradients(graph: Graph, losses: readonly Value[], wanted: readonly Value[]): Value[] {
  const forward = [...graph.nodes];
  const moving = dependents(forward, wanted);
  const pending = new Map<string, Value[]>();
  const give = (to: Value, gradient: Value): void => {
    pending.set(to.name, [...(pending.get(to.name) ?? []), sumToShape(gradient, to.shape)]);
  };
  for (const loss of losses) if (moving.has(loss.name)) give(loss, graph.scalar(1));
  const total = (value: Value): Value | null => {
    const parts = pending.get(value.name);
    if (!parts) return null;
    const sum = parts.reduce((a, b) => add(a, b));
    pending.set(value.name, [sum]);
    return sum;
  };
  for (const node of forward.reverse()) {
    if (!node.outputs.some((out) => moving.has(out.name) && pending.has(out.name))) continue;
    graph.scoped(`grad/${node.name}`, () => backThrough(node, moving, total, give));
  }
  return wanted.map((value) => total(value) ?? noPath(value));
}

/** Names of all values that depend on one of `roots`. */
function dependents(nodes: readonly Node[], roots: readonly Value[]): Set<string> {
  const names = new Set(roots.map((v) => v.name));
  for (const node of nodes)
    if (node.inputs.some((v) => v && names.has(v.name))) for (const out of node.outputs) names.add(out.name);
  return names;
}

function backThrough(
  node: Node,
  moving: ReadonlySet<string>,
  total: (value: Value) => Value | null,
  give: (to: Value, gradient: Value) => void,
): void {
  const rule = ruleOf(node);
  if (rule === null) return;
  const outputGradients = node.outputs.map(total);
  const dy = outputGradients.find((g) => g !== null)!;
  const wants = node.inputs.map((v) => v !== null && moving.has(v.name));
  const result = rule({ node, dy, outputGradients, wants, x: node.inputs as readonly Value[], y: node.outputs[0]! });
  node.inputs.forEach((input, i) => {
    const gradient = result[i];
    if (input && wants[i] && gradient) give(input, gradient);
  });
}

function ruleOf(node: Node): Rule | null {
  const known = node.domain === '' || node.domain === compositeDomain;
  const state = known ? gradientRules[node.op] : undefined;
  if (state === 'zero') return null;
  if (state === undefined || state === 'never')
    throw new StudioError(
      'gradient-missing',
      `${node.op} (node ${node.name}) ${state ? 'must not be differentiated' : 'has no gradient rule'}; operators with one: ${differentiable().join(', ')}`,
    );
  return state;
}

const differentiable = (): string[] =>
  Object.keys(gradientRules).filter((op) => typeof gradientRules[op] === 'function');

/** Sums a gradient over the axes along which its value was broadcast. */
function sumToShape(gradient: Value, shape: readonly number[]): Value {
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((d, i) => (i < extra || (shape[i - extra] === 1 && d !== 1) ? [i] : []));
  if (axes.length === 0) return gradient;
  return reshape(reduceSum(gradient, axes, true), shape);
}

function noPath(value: Value): never {
  throw new StudioError(
    'gradient-missing',
    `no loss depends on ${value.name}: it would never be trained. Freeze it or use it.`,
  );
}
