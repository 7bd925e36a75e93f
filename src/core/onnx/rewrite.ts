// Copies a graph node by node into a new one, so that a pass can replace some of the nodes on the way.
import { Graph, type Node, type Value } from './graph.ts';

/** Emits the replacement of a node into `target` and returns its outputs, or null to have the node copied as it is. */
export type Replace = (node: Node, inputs: readonly (Value | null)[], target: Graph) => readonly Value[] | null;

/** Rebuilds `source` through `replace`. Inputs, constants, outputs and metadata keep their names. */
export function rewrite(source: Graph, replace: Replace): Graph {
  const target = new Graph();
  Object.assign(target.metadata, source.metadata);
  const copies = new Map<string, Value>();
  const copyOf = (value: Value): Value => copies.get(value.name) ?? copyConstant(value, source, target, copies);
  for (const input of source.inputs) copies.set(input.name, target.input(input.name, input.dtype, input.shape));
  for (const node of source.nodes) {
    const inputs = node.inputs.map((v) => v && copyOf(v));
    const outputs =
      target.scoped(node.name, () => replace(node, inputs, target)) ??
      target.add(node.op, inputs, node.attributes, node.domain);
    node.outputs.forEach((out, i) => copies.set(out.name, outputs[i]!));
  }
  for (const { name, value } of source.outputs) target.output(name, copyOf(value));
  return target;
}

function copyConstant(value: Value, source: Graph, target: Graph, copies: Map<string, Value>): Value {
  const copy = target.constant(value.dtype, source.constantData(value)!, value.shape, `c/${value.name}`);
  copies.set(value.name, copy);
  return copy;
}
