// Counts the multiplications and additions of a graph's convolutions and matrix products.
import type { Graph, Node } from '../src/core/onnx/graph.ts';

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Multiply-adds of one node; 0 for everything that isn't a convolution or product. */
function multiplyAdds({ op, inputs, outputs }: Node): number {
  const shape = (i: number): readonly number[] => inputs[i]!.shape;
  const output = outputs[0]!.shape;
  switch (op) {
    case 'Conv':
      return product(output) * product(shape(1).slice(1));
    case 'ModulatedDeformConv': // x, offset, mask, weight
      return product(output) * product(shape(3).slice(1));
    case 'ModulatedDeformConvGradient': // x, offset, mask, weight, dy: one product towards x, one towards the weight
      return 2 * product(shape(4)) * product(shape(3).slice(1));
    case 'ConvInputGradient':
      return product(shape(0)) * product(shape(1).slice(1));
    case 'ConvWeightGradient':
      return product(shape(1)) * product(output.slice(1));
    case 'MatMul':
      return product(output) * shape(0).at(-1)!;
    default:
      return 0;
  }
}

/** Floating point operations of a training graph before its lowering, two per multiply-add. */
export const graphFlops = (graph: Graph): number => 2 * graph.nodes.reduce((sum, node) => sum + multiplyAdds(node), 0);
