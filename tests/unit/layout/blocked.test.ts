import { describe, expect, it } from 'vitest';
import { fromStored, storedShape, toStored, type Storage } from '../../../src/core/layout/blocked/storage.ts';
import { lowerBlocked } from '../../../src/core/layout/blocked.ts';
import { ParameterSet } from '../../../src/core/nn/parameters.ts';
import { hardSwish } from '../../../src/core/nn/layers.ts';
import type { Graph, Value } from '../../../src/core/onnx/graph.ts';
import { batchNorm, focalTerms, modulatedDeformConv } from '../../../src/core/onnx/ops/layers.ts';
import * as m from '../../../src/core/onnx/ops/math.ts';
import * as s from '../../../src/core/onnx/ops/spatial.ts';
import * as t from '../../../src/core/onnx/ops/structure.ts';
import { mobileNetV3 } from '../../../src/core/ttfnet/networks/mobileNetV3.ts';
import { trainingProgram } from '../../../src/core/ttfnet/programs.ts';
import { probeBlockSize } from '../../../src/core/runtime/blockSize.ts';
import { expectSameLowerings } from '../../support/lowerings.ts';

const ownBlock = await probeBlockSize();
/** The processor's own block runs on its kernels, the others' in terms of standard operators. */
const blocks = [...new Set([ownBlock, 8, 16])].filter((b) => b > 1);

describe('weight storage', () => {
  const shapes: [Storage['kind'], number[]][] = [
    ['channels', [20]],
    ['dense', [20, 18, 3, 3]],
    ['narrow', [20, 3, 7, 7]],
    ['depthwise', [20, 1, 5, 5]],
    ['columns', [5, 6, 3, 2]],
    ['plain', [3, 4]],
  ];
  it.each(shapes)('%s comes back as it went in, padding zero', (kind, shape) => {
    for (const size of [8, 16]) {
      const storage = { kind, block: size, shape };
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);
      const stored = toStored(data, storage);
      expect(stored.length).toBe(storedShape(storage).reduce((a, b) => a * b, 1));
      expect(fromStored(stored, storage)).toEqual(data);
      expect(stored.filter((v) => v !== 0).length).toBe(data.length);
    }
  });
});

const convCases: [string, number[], number[], s.ConvOptions][] = [
  ['pointwise', [2, 32, 8, 4], [48, 32, 1, 1], {}],
  ['pointwise, channels off the block', [2, 18, 8, 4], [22, 18, 1, 1], {}],
  ['pointwise, pixels off the block', [2, 16, 5, 3], [16, 16, 1, 1], {}],
  ['pointwise stride 2', [2, 16, 8, 8], [32, 16, 1, 1], { stride: 2 }],
  ['on one pixel', [3, 20, 1, 1], [24, 20, 1, 1], {}],
  ['3x3', [2, 16, 8, 16], [16, 16, 3, 3], { pad: 1 }],
  ['3x3 stride 2', [2, 16, 8, 16], [20, 16, 3, 3], { pad: 1, stride: 2 }],
  ['3x3 stride 2, TensorFlow pads', [1, 16, 8, 16], [20, 16, 3, 3], { pad: [0, 0, 1, 1], stride: 2 }],
  ['7x7 stride 2 on few channels', [2, 3, 16, 16], [16, 3, 7, 7], { pad: 3, stride: 2 }],
  ['3x3 on a wide map', [2, 32, 5, 64], [16, 32, 3, 3], { pad: 1 }],
  ['3x3 on a wide map, columns off the block', [1, 20, 4, 70], [40, 20, 3, 3], { pad: 1 }],
  ['3x3 on a wide map, no pads', [2, 16, 6, 66], [16, 16, 3, 3], {}],
  ['3x3 on a wide map, wide pads', [1, 16, 4, 64], [16, 16, 3, 3], { pad: 3 }],
  ['3x3, odd sizes', [3, 16, 7, 5], [32, 16, 3, 3], { pad: 1 }],
  ['5x5 stride 2, TensorFlow pads, many blocks', [2, 32, 12, 34], [48, 32, 5, 5], { pad: [1, 1, 2, 2], stride: 2 }],
  ['3x3 stride 2 on odd sizes', [2, 16, 9, 7], [16, 16, 3, 3], { pad: 1, stride: 2 }],
  ['3x3 stride 2 with rows and columns left over', [2, 16, 8, 10], [16, 16, 3, 3], { stride: 2 }],
  ['3x3 stride 3', [1, 16, 10, 13], [16, 16, 3, 3], { pad: 1, stride: 3 }],
  ['3x3 in mixed rows', [4, 64, 8, 20], [64, 64, 3, 3], { pad: 1 }],
  ['3x3 in mixed rows, a wide map, channels off the block', [1, 60, 8, 66], [70, 60, 3, 3], { pad: 1 }],
  ['3x3 in mixed rows, two images of some width', [2, 48, 8, 34], [64, 48, 3, 3], { pad: 1 }],
  ['3x3 in mixed rows, whole blocks of columns', [2, 48, 8, 32], [64, 48, 3, 3], { pad: 1 }],
  ['3x3 in mixed rows, no pads on the sides', [4, 48, 32, 5], [64, 48, 3, 3], { pad: [1, 0, 1, 0] }],
  ['3x3 dilated', [1, 16, 8, 8], [16, 16, 3, 3], { pad: 2, dilation: 2 }],
  ['pointwise to fewer channels', [2, 64, 8, 4], [16, 64, 1, 1], {}],
  ['pointwise to fewer channels, pixels off the block', [3, 40, 3, 7], [20, 40, 1, 1], {}],
  ['pointwise stride 2 on odd sizes', [2, 48, 7, 9], [16, 48, 1, 1], { stride: 2 }],
  ['pointwise with pads', [1, 16, 4, 6], [16, 16, 1, 1], { pad: 1 }],
  ['3x3 stride 2 on an image, TensorFlow pads', [2, 3, 16, 34], [16, 3, 3, 3], { pad: [0, 0, 1, 1], stride: 2 }],
  ['3x3 on one channel', [2, 1, 6, 7], [20, 1, 3, 3], { pad: 1 }],
  ['7x7 stride 2 on odd sizes', [1, 3, 13, 15], [16, 3, 7, 7], { pad: 3, stride: 2 }],
  ['depthwise 3x3', [2, 20, 8, 6], [20, 1, 3, 3], { pad: 1, group: 20 }],
  ['depthwise 5x5', [2, 16, 7, 9], [16, 1, 5, 5], { pad: 2, group: 16 }],
  [
    'depthwise 3x3 stride 2, TensorFlow pads',
    [2, 16, 8, 8],
    [16, 1, 3, 3],
    { pad: [0, 0, 1, 1], stride: 2, group: 16 },
  ],
  [
    'depthwise 5x5 stride 2, TensorFlow pads',
    [2, 40, 8, 8],
    [40, 1, 5, 5],
    { pad: [1, 1, 2, 2], stride: 2, group: 40 },
  ],
  ['depthwise stride 2 on odd sizes', [1, 16, 9, 7], [16, 1, 3, 3], { pad: 1, stride: 2, group: 16 }],
  ['groups of 2', [1, 32, 8, 8], [32, 16, 3, 3], { pad: 1, group: 2 }],
];

describe.each(blocks)('blocked lowering equals the portable one (block %i)', (block) => {
  it.each(convCases)('Conv %s', (_, x, w, options) =>
    // The first convolution makes x an activation, so that its gradient is asked for in blocked form too.
    expectSameLowerings(
      { x, w, b: [w[0]!], pre: [x[1]!, 1, 1, 1] },
      ({ x: input, w: weight, b, pre }) =>
        m.relu(s.conv(s.conv(input!, pre!, null, { group: x[1]! }), weight!, b!, options)),
      block,
    ),
  );

  const body: Record<string, (x: Value, y: Value) => Value> = {
    'residual sum into a ReLU': (x, y) => m.relu(m.add(x, y)),
    'hard swish': (x, y) => m.add(hardSwish(x), y),
    'squeeze and excitation': (x, y) => m.mul(x, m.sigmoid(s.globalAveragePool(y))),
    'per-channel scale and shift of one image': (x, y) =>
      m.add(m.mul(x, t.slice(s.globalAveragePool(y), [0], [1], [0])), 0.5),
    'join and cut': (x, y) => {
      const [a, b] = t.split(m.relu(t.concat([x, y], 1)), [16, 48], 1);
      return t.concat([m.mul(a!, 2), b!], 1);
    },
    'max pool': (x, y) => m.add(s.maxPool(x, 3, { stride: 2, pad: 1 }), s.maxPool(y, 3, { stride: 2, pad: 1 })),
    'sum of a value with itself': (x, y) => m.add(m.add(x, x), m.sub(y, m.clip(x, -0.3, 0.3))),
    'upsampling, asymmetric': (x, y) => s.upsample2x(m.mul(x, y), 'asymmetric'),
    'upsampling, corners aligned': (x, y) => s.upsample2x(m.max(x, y), 'align_corners'),
    'leaving the layout in the middle': (x, y) => m.div(x, m.add(m.exp(y), 1)),
  };
  it.each(Object.entries(body))('%s', (_, join) =>
    expectSameLowerings(
      { x: [2, 32, 8, 4], v: [32, 32, 1, 1], w: [32, 32, 1, 1] },
      ({ x, v, w }) => join(s.conv(x!, v!, null), s.conv(x!, w!, null)),
      block,
    ),
  );

  it.each([32, 20])('batch norm of %i channels with a residual sum and a ReLU', (channels) =>
    expectSameLowerings(
      { x: [3, channels, 6, 8], w: [channels, channels, 1, 1], scale: [channels], shift: [channels] },
      ({ x, w, scale, shift }) => {
        const { y, mean, variance } = batchNorm(s.conv(x!, w!, null), scale!, shift!, 1e-5);
        const statistics = t.reshape(m.add(mean, variance), [1, channels, 1, 1]);
        return m.add(m.relu(m.add(y, x!)), statistics); // no gradient flows into statistics, in either layout
      },
      block,
    ),
  );

  it.each([
    [32, 16],
    [20, 12],
  ])('modulated deformable convolution of %i channels to %i', (inputs, outputs) =>
    expectSameLowerings(
      {
        x: [2, inputs, 5, 6],
        pre: [inputs, inputs, 1, 1],
        offset: [2, 18, 5, 6],
        mask: [2, 9, 5, 6],
        weight: [outputs, inputs, 3, 3],
        bias: [outputs],
      },
      ({ x, pre, offset, mask, weight, bias }) => {
        const map = s.conv(x!, pre!, null);
        return m.relu(
          modulatedDeformConv({ x: map, offset: offset!, mask: mask!, weight: weight!, bias: bias! }, { pad: 1 }),
        );
      },
      block,
    ),
  );

  it.each([32, 20])('focal terms of %i classes', (classes) =>
    expectSameLowerings(
      { x: [2, 16, 6, 8], w: [classes, 16, 1, 1] },
      ({ x, w }) => {
        const shape = [2, classes, 6, 8];
        const targets = Float32Array.from({ length: 96 * classes }, (_, i) => (i % 7 === 0 ? 1 : (i % 11) / 11));
        return focalTerms(s.conv(x!, w!, null), x!.graph.constant('float32', targets, shape)).sums;
      },
      block,
    ),
  );

  it('leaves no weight gradient of the MobileNetV3 step to the portable form', () => {
    const { graph } = trainingProgram(
      mobileNetV3,
      new ParameterSet(new Map(), 1),
      3,
      { batch: 1, height: 64, width: 64 },
      { heatmap: 1, size: 5 },
    );
    const gradients = lowerBlocked(graph, block).graph.nodes.filter((n) => n.name.includes('/ConvWeightGradient'));
    expect(gradients.filter((n) => n.domain === '' && n.op === 'Conv').map((n) => n.name)).toEqual([]);
    expect(gradients.filter((n) => n.op === 'MatMul').length).toBeLessThan(30); // squeeze-and-excitation's, on one pixel
  });

  it('fuses residual sums and ReLUs into convolutions', () => {
    const parameters = new ParameterSet(new Map(), 1);
    const { graph } = trainingProgram(
      mobileNetV3,
      parameters,
      3,
      { batch: 1, height: 64, width: 64 },
      { heatmap: 1, size: 5 },
    );
    const lowered = lowerBlocked(graph, block).graph;
    const ops = (g: Graph, op: string): number => g.nodes.filter((n) => n.op === op).length;
    expect(ops(lowered, 'Relu')).toBeLessThan(ops(graph, 'Relu') / 2);
    expect(lowered.nodes.filter((n) => n.op === 'Conv' && n.inputs.length === 4).length).toBeGreaterThan(15);
  });
});
