// Convolutions with a norm behind them: the batch's statistics in training, running ones elsewhere, folded or not; deformable ones as they start.
import { describe, expect, it } from 'vitest';
import { lowerPortable } from '../../../src/core/layout/portable.ts';
import { Layers, type LayersOptions } from '../../../src/core/nn/layers.ts';
import { convNorm, deformNorm } from '../../../src/core/nn/norm.ts';
import { ParameterSet, type WeightMap } from '../../../src/core/nn/parameters.ts';
import { encodeModel } from '../../../src/core/onnx/encode.ts';
import { Graph, type Value } from '../../../src/core/onnx/graph.ts';
import { conv } from '../../../src/core/onnx/ops/spatial.ts';
import { seeded } from '../../support/gradientCheck.ts';
import { relativeDifference } from '../../support/lowerings.ts';
import { runModel } from '../../support/runModel.ts';

const shape = [2, 3, 5, 4];
const [channels, cells] = [4, 20];
const random = seeded(3);
const numbers = (n: number, from = -1): Float32Array =>
  Float32Array.from({ length: n }, () => from + random() * (1 - from));
const image = numbers(2 * 3 * cells);
const weights: WeightMap = new Map(
  Object.entries({
    'c.weight': { shape: [channels, 3, 1, 1], data: numbers(12) },
    'n.weight': { shape: [channels], data: numbers(4, 0.5) },
    'n.bias': { shape: [channels], data: numbers(4) },
    'n.running_mean': { shape: [channels], data: numbers(4) },
    'n.running_var': { shape: [channels], data: numbers(4, 0.5) },
  }),
);
const of = (name: string): Float32Array => weights.get(name)!.data;

/** The 1x1 convolution, [N][channel][cell]. */
const plain = Array.from({ length: 2 }, (_, n) =>
  Array.from({ length: channels }, (_, o) =>
    Array.from({ length: cells }, (_, cell) =>
      [0, 1, 2].reduce((sum, i) => sum + of('c.weight')[3 * o + i]! * image[(3 * n + i) * cells + cell]!, 0),
    ),
  ),
);

/** Normalised with one mean and variance per channel. */
const normalised = (mean: (c: number) => number, variance: (c: number) => number): Float32Array =>
  Float32Array.from(
    plain.flatMap((channelsOf) =>
      channelsOf.flatMap((values, c) =>
        values.map((v) => ((v - mean(c)) / Math.sqrt(variance(c) + 1e-5)) * of('n.weight')[c]! + of('n.bias')[c]!),
      ),
    ),
  );

interface Built {
  outputs: Record<string, Float32Array>;
  layers: Layers;
}

async function run(
  training: boolean,
  body: (layers: Layers, x: Value) => Value,
  options: LayersOptions & { frozen?: boolean; parameters?: WeightMap } = {},
): Promise<Built> {
  const graph = new Graph();
  const set = new ParameterSet(options.parameters ?? weights, 0, () => options.frozen ?? false);
  const layers = new Layers(graph, set, training, options);
  graph.output('y', body(layers, graph.input('x', 'float32', shape)));
  for (const { mean, variance } of layers.statistics) {
    graph.output('mean', mean);
    graph.output('variance', variance);
  }
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name }) => [name, name === 'x' ? image : set.list().find((p) => p.name === name)!.data]),
  );
  const shapes = Object.fromEntries(graph.inputs.map((v) => [v.name, v.shape]));
  return { outputs: await runModel(encodeModel(lowerPortable(graph)), feeds, shapes), layers };
}

const layer =
  (options: { keepsStatistics?: boolean } = {}) =>
  (layers: Layers, x: Value): Value =>
    convNorm(layers, { conv: 'c', norm: 'n' }, x, channels, 1, options);

const running = normalised(
  (c) => of('n.running_mean')[c]!,
  (c) => of('n.running_var')[c]!,
);
const valuesOf = (c: number): number[] => plain.flatMap((channelsOf) => channelsOf[c]!);
const meanOf = (c: number): number => valuesOf(c).reduce((a, b) => a + b, 0) / (2 * cells);
const varianceOf = (c: number): number => valuesOf(c).reduce((sum, v) => sum + (v - meanOf(c)) ** 2, 0) / (2 * cells);

describe('convNorm', () => {
  it.each([
    ['outside of training', false, {}],
    ['with frozen norms', true, { frozenNorms: true }],
    ['in a frozen stage', true, { frozen: true }],
  ] as const)('uses the running statistics %s', async (_, training, options) => {
    const { outputs, layers } = await run(training, layer(), options);
    expect(relativeDifference(running, outputs['y']!)).toBeLessThan(1e-5);
    expect(layers.statistics).toEqual([]);
  });

  it.each([
    ['in training', {}, false],
    ['in a frozen stage whose norms keep their statistics, as DarkNet has them', { frozen: true }, true],
  ] as const)(
    "uses the batch's statistics %s, and gives them for the running ones",
    async (_, options, keepsStatistics) => {
      const { outputs, layers } = await run(true, layer({ keepsStatistics }), options);
      expect(relativeDifference(normalised(meanOf, varianceOf), outputs['y']!)).toBeLessThan(1e-5);
      expect(layers.statistics).toMatchObject([{ name: 'n', count: 2 * cells }]);
      const less = Float32Array.from({ length: channels }, (_, c) => meanOf(c) - of('n.running_mean')[c]!);
      expect(relativeDifference(less, outputs['mean']!)).toBeLessThan(1e-5);
      expect(
        relativeDifference(
          Float32Array.from({ length: channels }, (_, c) => varianceOf(c)),
          outputs['variance']!,
        ),
      ).toBeLessThan(1e-5);
    },
  );
});

it.each(['operator', 'composition'] as const)(
  'a fresh deformable layer is a plain convolution of half its weights (%s)',
  async (deform) => {
    const fresh = new Map<string, never>();
    const names = { conv: 'd', norm: 'm' };
    const { outputs, layers } = await run(false, (l, x) => deformNorm(l, names, x, channels), {
      parameters: fresh,
      deform,
    });
    const weight = layers.parameters
      .list()
      .find((p) => p.name === 'd.weight')!
      .data.map((w) => w / 2 / Math.sqrt(1 + 1e-5));
    const { outputs: expected } = await run(false, (l, x) =>
      conv(x, l.graph.constant('float32', weight, [channels, 3, 3, 3]), null, { pad: 1 }),
    );
    expect(relativeDifference(expected['y']!, outputs['y']!)).toBeLessThan(1e-5);
  },
);
