import { describe, expect, it } from 'vitest';
import { gradientRules, gradients } from '../../../src/core/autodiff/backward.ts';
import { Graph, type Value } from '../../../src/core/onnx/graph.ts';
import * as l from '../../../src/core/onnx/ops/layers.ts';
import * as m from '../../../src/core/onnx/ops/math.ts';
import * as s from '../../../src/core/onnx/ops/spatial.ts';
import * as t from '../../../src/core/onnx/ops/structure.ts';
import { checkGradient, type GradientCase } from '../../support/gradientCheck.ts';

const away = (random: () => number): number => (random() < 0.5 ? -1 : 1) * (0.1 + random()); // not within a step of a kink at 0
const positive = (random: () => number): number => 0.3 + random();
const A = [2, 3, 4];

const cases: Record<string, GradientCase> = {
  'Add, same shape': { shapes: { a: A, b: A }, body: ({ a, b }) => m.add(a!, b!) },
  'Add, b broadcast at the front': { shapes: { a: A, b: [4] }, body: ({ a, b }) => m.add(a!, b!) },
  'Sub, both broadcast': { shapes: { a: [2, 1, 4], b: [3, 1] }, body: ({ a, b }) => m.sub(a!, b!) },
  'Mul, channel scale': { shapes: { a: [2, 3, 2, 2], b: [1, 3, 1, 1] }, body: ({ a, b }) => m.mul(a!, b!) },
  'Mul, a value by itself': { shapes: { a: A }, body: ({ a }) => m.mul(a!, a!) },
  'Div, scalar below': { shapes: { a: A, b: [] }, body: ({ a, b }) => m.div(a!, b!), draw: positive },
  'Pow, both': { shapes: { a: [3, 2], b: [2] }, body: ({ a, b }) => m.pow(a!, b!), draw: positive },
  'Max of two': {
    shapes: { a: A, b: [3, 1] },
    body: ({ a, b }) => m.max(a!, b!),
    draw: (r) => Math.floor(r() * 1000) * 0.02,
  },
  'Min of two': {
    shapes: { a: A, b: A },
    body: ({ a, b }) => m.min(a!, b!),
    draw: (r) => Math.floor(r() * 1000) * 0.02,
  },
  Where: { shapes: { a: A, b: [4] }, body: ({ a, b }) => m.where(m.greater(a!, 0), a!, b!), draw: away },
  'Neg, Exp': { shapes: { a: A }, body: ({ a }) => m.exp(m.neg(a!)) },
  Log: { shapes: { a: A }, body: ({ a }) => m.log(a!), draw: positive },
  'Sqrt, Reciprocal': { shapes: { a: A }, body: ({ a }) => m.reciprocal(m.sqrt(a!)), draw: positive },
  Abs: { shapes: { a: A }, body: ({ a }) => m.abs(a!), draw: away },
  Relu: { shapes: { a: A }, body: ({ a }) => m.relu(a!), draw: away },
  LeakyRelu: { shapes: { a: A }, body: ({ a }) => m.leakyRelu(a!, 0.1), draw: away },
  Sigmoid: { shapes: { a: A }, body: ({ a }) => m.sigmoid(a!) },
  'HardSigmoid, both ends': {
    shapes: { a: [40] },
    body: ({ a }) => m.hardSigmoid(a!, 0.5, 0.25),
    draw: (r) => Math.floor(r() * 16) * 0.3 - 2.33,
  },
  'Clip, both ends': {
    shapes: { a: [40] },
    body: ({ a }) => m.clip(a!, -0.5, 0.5),
    draw: (r) => Math.floor(r() * 8) * 0.3 - 1.17,
  },
  'ReduceSum over some axes': { shapes: { a: A }, body: ({ a }) => m.reduceSum(a!, [0, -1]) },
  'ReduceSum of all, kept': { shapes: { a: A }, body: ({ a }) => m.reduceSum(m.mul(a!, a!), null, true) },
  ReduceMean: { shapes: { a: A }, body: ({ a }) => m.reduceMean(m.mul(a!, a!), [1], true) },
  ReduceSumSquare: {
    shapes: { a: A },
    body: ({ a }) => a!.graph.add('ReduceSumSquare', [a!, a!.graph.ints([1])], { keepdims: 0 })[0]!,
  },
  'Reshape, Transpose': { shapes: { a: A }, body: ({ a }) => t.transpose(t.reshape(a!, [4, -1, 2]), [2, 0, 1]) },
  Unsqueeze: { shapes: { a: A }, body: ({ a }) => m.mul(a!.graph.add('Unsqueeze', [a!, a!.graph.ints([1])])[0]!, 2) },
  'Concat and Split': {
    shapes: { a: [2, 3], b: [2, 2] },
    body: ({ a, b }) => {
      const [first, , last] = t.split(t.concat([a!, b!], 1), [2, 1, 2], 1) as [Value, Value, Value];
      return m.mul(first, last);
    },
  },
  'Slice, from the end': { shapes: { a: [5, 6] }, body: ({ a }) => t.slice(a!, [1, -3], [4, 99], [0, 1]) },
  'Slice, steps': { shapes: { a: [7, 6] }, body: ({ a }) => t.slice(a!, [1, 0], [7, 6], [0, 1], [2, 3]) },
  'Slice, step hangs over': { shapes: { a: [5] }, body: ({ a }) => t.slice(a!, [0], [4], [0], [3]) },
  'Slice, backwards': { shapes: { a: [5, 4] }, body: ({ a }) => t.slice(a!, [-1, 3], [-99, 0], [0, 1], [-1, -2]) },
  'Pad, positive and negative': { shapes: { a: [3, 4] }, body: ({ a }) => t.pad(a!, [1, -1, 2, 1]) },
  'Gather with repeats, axis 0': {
    shapes: { a: [4, 3] },
    body: ({ a }) => t.gather(a!, a!.graph.constant('int64', BigInt64Array.of(1n, 3n, 1n), [3]), 0),
  },
  'Gather, axis 1, indices of rank 2': {
    shapes: { a: [2, 4, 3] },
    body: ({ a }) => t.gather(a!, a!.graph.constant('int64', BigInt64Array.of(0n, 3n, 3n, 2n), [2, 2]), 1),
  },
  Expand: { shapes: { a: [3, 1] }, body: ({ a }) => t.expand(a!, [2, 3, 4]) },
  MatMul: { shapes: { a: [3, 4], b: [4, 2] }, body: ({ a, b }) => m.matMul(a!, b!) },
  'MatMul, batched, b broadcast': { shapes: { a: [2, 3, 4], b: [4, 5] }, body: ({ a, b }) => m.matMul(a!, b!) },
  GlobalAveragePool: { shapes: { a: [2, 3, 4, 5] }, body: ({ a }) => s.globalAveragePool(m.mul(a!, a!)) },
  'MaxPool 3x3 stride 2': {
    shapes: { a: [1, 2, 7, 6] },
    body: ({ a }) => s.maxPool(a!, 3, { stride: 2, pad: 1 }),
    draw: (r) => Math.floor(r() * 4000) * 0.02 - 40,
  },
  'MaxPool 2x2 dilated, uneven pads': {
    shapes: { a: [2, 1, 5, 5] },
    body: ({ a }) => s.maxPool(a!, 2, { stride: 1, pad: [0, 1, 1, 0], dilation: 2 }),
    draw: (r) => Math.floor(r() * 4000) * 0.02 - 40,
  },
};
for (const mode of ['asymmetric', 'align_corners', 'half_pixel'] as const)
  cases[`Resize x2, ${mode}`] = { shapes: { a: [1, 2, 3, 4] }, body: ({ a }) => s.upsample2x(a!, mode) };

const convCases: [string, number[], number[], s.ConvOptions][] = [
  ['1x1', [2, 3, 4, 5], [4, 3, 1, 1], {}],
  ['1x1 stride 2', [2, 3, 5, 6], [4, 3, 1, 1], { stride: 2 }],
  ['3x3', [2, 3, 5, 4], [4, 3, 3, 3], { pad: 1 }],
  ['3x3 stride 2', [1, 2, 7, 6], [3, 2, 3, 3], { stride: 2, pad: 1 }],
  ['3x3 stride 2, pads as TensorFlow SAME', [1, 2, 6, 8], [3, 2, 3, 3], { stride: 2, pad: [0, 0, 1, 1] }],
  ['3x3 no pads', [1, 2, 5, 5], [2, 2, 3, 3], {}],
  ['3x3 in mixed rows', [4, 48, 8, 20], [64, 48, 3, 3], { pad: 1 }],
  ['3x3 dilated', [1, 2, 7, 7], [2, 2, 3, 3], { pad: 2, dilation: 2 }],
  ['3x3 more pads than reach', [1, 2, 4, 4], [2, 2, 3, 3], { pad: 3 }],
  ['7x7 stride 2', [1, 3, 9, 11], [2, 3, 7, 7], { stride: 2, pad: 3 }],
  ['groups of 2', [2, 4, 5, 5], [6, 2, 3, 3], { pad: 1, group: 2 }],
  ['groups of 2 stride 2', [1, 4, 6, 6], [4, 2, 3, 3], { pad: 1, group: 2, stride: 2 }],
  ['depthwise 3x3', [2, 4, 5, 6], [4, 1, 3, 3], { pad: 1, group: 4 }],
  ['depthwise 5x5 stride 2, uneven pads', [1, 3, 8, 8], [3, 1, 5, 5], { pad: [1, 1, 2, 2], group: 3, stride: 2 }],
  ['depthwise, two outputs a channel', [1, 3, 5, 5], [6, 1, 3, 3], { pad: 1, group: 3 }],
];
for (const [title, x, w, options] of convCases)
  cases[`Conv ${title}`] = {
    shapes: { x, w, b: [w[0]!] },
    body: ({ x: input, w: weight, b }) => s.conv(input!, weight!, b!, options),
  };

const deformShapes = { x: [2, 3, 5, 6], offset: [2, 18, 5, 6], mask: [2, 9, 5, 6], weight: [4, 3, 3, 3], bias: [4] };
Object.assign(cases, {
  'batch norm': {
    shapes: { a: [3, 2, 4, 5], scale: [2], shift: [2] },
    body: ({ a, scale, shift }) => l.batchNorm(m.add(a!, 0.4), m.add(scale!, 1.5), shift!, 1e-5).y,
  },
  'focal terms': {
    shapes: { logits: [2, 3, 4, 5] },
    body: ({ logits }) => {
      const targets = Float32Array.from({ length: 120 }, (_, i) => (i % 7 === 0 ? 1 : (i % 11) / 11));
      return l.focalTerms(logits!, logits!.graph.constant('float32', targets, [2, 3, 4, 5])).sums;
    },
  },
  // Offsets of a half pixel and little more, so that no step crosses a cell's edge.
  'modulated deformable convolution': {
    shapes: deformShapes,
    body: ({ x, offset, mask, weight, bias }) =>
      l.modulatedDeformConv(
        { x: x!, offset: m.add(m.mul(offset!, 0.1), 0.5), mask: mask!, weight: weight!, bias: bias! },
        { pad: 1 },
      ),
  },
} satisfies Record<string, GradientCase>);

describe('gradient rules against finite differences', () => {
  for (const [title, gradientCase] of Object.entries(cases)) it(title, () => checkGradient(gradientCase));

  it('covers every operator that has a rule', () => {
    const graph = new Graph();
    for (const { shapes, body } of Object.values(cases)) {
      const inputs = Object.fromEntries(
        Object.entries(shapes).map(([n, shape]) => [
          n,
          graph.input(`${n}${graph.nodes.length}_${n}`, 'float32', shape),
        ]),
      );
      m.identity(body(inputs));
    }
    const used = new Set(graph.nodes.map((n) => n.op));
    expect(Object.keys(gradientRules).filter((op) => typeof gradientRules[op] === 'function' && !used.has(op))).toEqual(
      [],
    );
  });
});

describe('the backward walk', () => {
  it('names an operator that must not be differentiated', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [4]);
    const loss = m.reduceSum(m.topK(x, 2, 0)[0]);
    expect(() => gradients(graph, [loss], [x])).toThrow(
      /TopK \(node TopK_\d+\) must not be differentiated; operators with one: /,
    );
  });

  it('names a value that no loss depends on', () => {
    const graph = new Graph();
    const [x, w] = [graph.input('x', 'float32', [2]), graph.input('unused.weight', 'float32', [2])];
    expect(() => gradients(graph, [m.reduceSum(x)], [x, w])).toThrow(/unused\.weight/);
  });

  it('adds no nodes for what nobody wants', () => {
    const graph = new Graph();
    const [x, w] = [graph.input('x', 'float32', [1, 1, 4, 4]), graph.input('w', 'float32', [1, 1, 3, 3])];
    gradients(graph, [m.reduceSum(s.conv(m.relu(x), w, null))], [w]);
    expect(graph.nodes.map((n) => n.op)).not.toContain('ConvInputGradient');
  });
});
