// Checks a whole graph: run after every transform and before a model is written.
import { StudioError } from '../../shared/errors.ts';
import { inferOutputs, type Graph, type Node } from './graph.ts';
import { formatShape } from './tensorType.ts';

/**
 * Verifies that every value is defined before use and only once, that every op's shape rule still gives the recorded shapes, and that
 * every output exists.
 * @throws graph-invalid naming the op, the node and the shapes
 */
export function verify(graph: Graph): void {
  const defined = new Set<string>([...graph.inputs.map((v) => v.name), ...graph.constants.keys()]);
  for (const node of graph.nodes) {
    for (const input of node.inputs)
      if (input && (!defined.has(input.name) || input.graph !== graph))
        fail(node, `input ${input.name} ${formatShape(input.shape)} is not defined before it is used`);
    checkShapes(node);
    for (const output of node.outputs) {
      if (defined.has(output.name)) fail(node, `output ${output.name} is defined twice`);
      defined.add(output.name);
    }
  }
  for (const { name, value } of graph.outputs)
    if (!defined.has(value.name))
      throw new StudioError('graph-invalid', `graph output ${name}: value ${value.name} is produced by no node`);
}

function checkShapes(node: Node): void {
  inferOutputs(node).forEach((type, i) => {
    const recorded = node.outputs[i];
    if (recorded?.dtype !== type.dtype || formatShape(recorded.shape) !== formatShape(type.shape))
      fail(
        node,
        `output ${i} is recorded as ${recorded ? formatShape(recorded.shape) : 'absent'}, the shape rule gives ${formatShape(type.shape)}`,
      );
  });
}

function fail(node: Node, message: string): never {
  throw new StudioError('graph-invalid', `${node.op} (node ${node.name}): ${message}`);
}
