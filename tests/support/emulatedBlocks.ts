// Runs graphs of the blocked layout where the processor has another block: its operators in terms of standard ones, which take the blocked
// memory apart and put it together again.
import type { Graph, Node, Value } from '../../src/core/onnx/graph.ts';
import { add, relu } from '../../src/core/onnx/ops/math.ts';
import { reshape, slice, transpose } from '../../src/core/onnx/ops/structure.ts';
import { blockedDomain } from '../../src/core/onnx/opTable.ts';
import { rewrite } from '../../src/core/onnx/rewrite.ts';

type Shape4 = [number, number, number, number];

/** [N, C, H, W] -> memory [N][C / b][H][W][b] under the same shape. */
function block(x: Value, b: number): Value {
  const [n, c, h, w] = x.shape as Shape4;
  return reshape(transpose(reshape(x, [n, c / b, b, h, w]), [0, 1, 3, 4, 2]), [n, c, h, w]);
}

/** The reverse of {@link block}. */
function unblock(x: Value, b: number): Value {
  const [n, c, h, w] = x.shape as Shape4;
  return reshape(transpose(reshape(x, [n, c / b, h, w, b]), [0, 1, 4, 2, 3]), [n, c, h, w]);
}

/** A weight of the blocked operator as [O, I, kh, kw]: one input channel per group or an unblocked input have no block of inputs. */
function plainWeight(w: Value, b: number): Value {
  const [o, i, kh, kw] = w.shape as Shape4;
  if (i % b !== 0) return reshape(transpose(reshape(w, [o / b, i, kh, kw, b]), [0, 4, 1, 2, 3]), [o, i, kh, kw]);
  return reshape(transpose(reshape(w, [o / b, i / b, kh, kw, b, b]), [0, 5, 1, 4, 2, 3]), [o, i, kh, kw]);
}

function conv(node: Node, [x, w, bias, sum]: readonly (Value | null | undefined)[], b: number): Value {
  const { activation, ...attributes } = node.attributes;
  const map = x!.shape[1]! % b === 0 ? unblock(x!, b) : x!;
  const y = block(map.graph.add('Conv', [map, plainWeight(w!, b), bias ?? null], attributes)[0]!, b);
  const whole = sum ? add(y, sum) : y;
  return activation === 'Relu' ? relu(whole) : whole;
}

function upsample(node: Node, x: Value): Value {
  const { mode, coordinate_transformation_mode, scales } = node.attributes;
  const factors = x.graph.constant('float32', Float32Array.from(scales as readonly number[]), [4]);
  return x.graph.add('Resize', [x, null, factors], {
    mode: mode!,
    coordinate_transformation_mode: coordinate_transformation_mode!,
  })[0]!;
}

function standard(node: Node, inputs: readonly (Value | null)[], b: number): Value {
  const x = inputs[0]!;
  const last = node.attributes['channels_last'] === 1;
  switch (node.op) {
    case 'ReorderInput':
      return block(last ? transpose(x, [0, 3, 1, 2]) : x, b);
    case 'ReorderOutput': {
      const map = slice(unblock(x, b), [0], [Number(node.attributes['channels'])], [1]);
      return last ? transpose(map, [0, 2, 3, 1]) : map;
    }
    case 'Conv':
      return conv(node, inputs, b);
    case 'Upsample':
      return block(upsample(node, unblock(x, b)), b);
    default:
      return block(x.graph.add(node.op, [unblock(x, b)], node.attributes)[0]!, b);
  }
}

/** @returns a graph of standard operators with the inputs and outputs of `graph`, blocked memory included */
export const emulateBlocks = (graph: Graph, b: number): Graph =>
  rewrite(graph, (node, inputs) => (node.domain === blockedDomain ? [standard(node, inputs, b)] : null));
