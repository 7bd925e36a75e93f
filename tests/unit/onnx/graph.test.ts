import { describe, expect, it } from 'vitest';
import { summarizeModel } from '../../../src/core/onnx/decode.ts';
import { encodeModel } from '../../../src/core/onnx/encode.ts';
import { Graph, type Node } from '../../../src/core/onnx/graph.ts';
import { add, matMul, relu, topK } from '../../../src/core/onnx/ops/math.ts';
import { conv, convInputGradient } from '../../../src/core/onnx/ops/spatial.ts';
import { concat, reshape, slice } from '../../../src/core/onnx/ops/structure.ts';
import { verify } from '../../../src/core/onnx/verify.ts';
import { runModel } from '../../support/runModel.ts';

const started = () => {
  const graph = new Graph();
  return { graph, x: graph.input('x', 'float32', [1, 3, 8, 8]) };
};

describe('graph builder', () => {
  it('infers shapes as ONNX Runtime does', async () => {
    const { graph, x } = started();
    const w = graph.constant('float32', new Float32Array(5 * 3 * 3 * 3).fill(0.1), [5, 3, 3, 3], 'w');
    const y = conv(x, w, null, { stride: 2, pad: [0, 1, 1, 0] });
    expect(y.shape).toEqual([1, 5, 4, 4]);
    graph.output('y', slice(reshape(y, [5, -1]), [-2], [99], [0]));
    const out = await runModel(encodeModel(graph), { x: new Float32Array(192).fill(1) }, { x: [1, 3, 8, 8] });
    expect(out['y']!.length).toBe(2 * 16);
    expect(out['y']![15]).toBeCloseTo(0.1 * 3 * 6, 5); // bottom right: two of three rows, all columns
  });

  it.each([
    [
      'channels',
      () => conv(started().x, started().graph.input('w', 'float32', [4, 2, 3, 3]), null),
      /Conv \(node Conv_1, inputs float32\[1x3x8x8\], float32\[4x2x3x3\].*3 input channels/,
    ],
    [
      'window',
      () => {
        const { graph, x } = started();
        return conv(x, graph.input('w', 'float32', [4, 3, 9, 9]), null);
      },
      /window 9x9 is larger than the padded 8x8/,
    ],
    ['reshape', () => reshape(started().x, [7, 2]), /Reshape .*\[1x3x8x8\] can't become \[7x2\]/],
    [
      'broadcast',
      () => {
        const { graph, x } = started();
        return add(x, graph.input('b', 'float32', [5]));
      },
      /don't broadcast/,
    ],
    [
      'inner dimension',
      () => {
        const { graph, x } = started();
        return matMul(x, graph.input('b', 'float32', [5, 2]));
      },
      /inner dimensions/,
    ],
    [
      'concat',
      () => {
        const { graph, x } = started();
        return concat([x, graph.input('b', 'float32', [1, 3, 4, 8])], 1);
      },
      /joined along axis 1/,
    ],
    ['k', () => topK(started().x, 9, 3), /k = 9 must be between 1 and the axis length 8/],
    ['unknown op', () => started().graph.add('Frobnicate', []), /Frobnicate .*unknown operator/],
    [
      'unknown attribute',
      () => {
        const { graph, x } = started();
        return graph.add('Relu', [x], { slope: 1 });
      },
      /unknown attribute slope/,
    ],
    [
      'element types',
      () => {
        const { graph, x } = started();
        return add(x, graph.ints([1]));
      },
      /float32 and int64 differ/,
    ],
    ['name used twice', () => started().graph.input('x', 'float32', []), /x is used twice/],
    [
      'constant size',
      () => started().graph.constant('float32', new Float32Array(3), [2, 2], 'k'),
      /constant k has 3 elements/,
    ],
  ])('refuses a wrong %s, naming op, node and shapes', (_, build, message) => {
    expect(build).toThrow(message);
  });
});

describe('verifier', () => {
  it('finds a value used before it is defined', () => {
    const { graph, x } = started();
    relu(relu(x));
    graph.nodes.reverse();
    expect(() => verify(graph)).toThrow(/Relu \(node Relu_2\): input Relu_1_out \[1x3x8x8\] is not defined/);
  });
  it('finds a recorded shape that the rule does not give', () => {
    const { graph, x } = started();
    relu(x);
    const node = graph.nodes[0]!;
    graph.nodes[0] = { ...node, outputs: [{ ...node.outputs[0]!, shape: [9] }] } satisfies Node;
    expect(() => verify(graph)).toThrow(/recorded as \[9\], the shape rule gives \[1x3x8x8\]/);
  });
  it('refuses to write a composite', () => {
    const { graph, x } = started();
    graph.output(
      'dx',
      convInputGradient(x, graph.input('w', 'float32', [3, 3, 1, 1]), [1, 3, 8, 8], { kernel_shape: [1, 1] }),
    );
    expect(() => encodeModel(graph)).toThrow(/ConvInputGradient .* is a composite; lower the graph/);
  });
});

describe('model files', () => {
  it('carry metadata, ports and operators', () => {
    const { graph, x } = started();
    graph.metadata['classes'] = '["猫"]';
    graph.output('y', relu(x));
    expect(summarizeModel(encodeModel(graph), 'a.onnx')).toMatchObject({
      producer: 'ttfnet-studio',
      metadata: { classes: '["猫"]' },
      inputs: [{ name: 'x', shape: [1, 3, 8, 8] }],
      outputs: [{ name: 'y', shape: [1, 3, 8, 8] }],
      operators: { Relu: 1, Identity: 1 },
    });
  });
  it.each([new Uint8Array(0), new TextEncoder().encode('not a model at all, just words')])(
    'refuse bytes that are no model',
    (bytes) => {
      expect(() => summarizeModel(bytes, 'cat.onnx')).toThrow(/cat\.onnx is not an ONNX model/);
    },
  );
});
