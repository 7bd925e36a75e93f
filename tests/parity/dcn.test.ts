// Modulated deformable convolution against the official code: ONNX's operator, and the composition with its gradients, in both layouts.
import { describe, expect, test } from 'vitest';
import { gradients } from '../../src/core/autodiff/backward.ts';
import { lowerPortable } from '../../src/core/layout/portable.ts';
import { encodeModel } from '../../src/core/onnx/encode.ts';
import { Graph, type Value } from '../../src/core/onnx/graph.ts';
import { deformConv, modulatedDeformConv, type DeformInputs } from '../../src/core/onnx/ops/layers.ts';
import { add, mul, reduceSum, sigmoid } from '../../src/core/onnx/ops/math.ts';
import { conv } from '../../src/core/onnx/ops/spatial.ts';
import { split } from '../../src/core/onnx/ops/structure.ts';
import { probeBlockSize } from '../../src/core/runtime/blockSize.ts';
import { describeWithGolden, type GoldenTensor } from '../support/golden.ts';
import { relativeDifference, runBoth } from '../support/lowerings.ts';
import { runModel } from '../support/runModel.ts';

interface Case {
  name: string;
  config: { kernel: number; stride: number; padding: number; dilation: number; deformable_groups: number };
  input: Record<string, GoldenTensor | null>;
  output: Record<string, GoldenTensor>;
}

const block = await probeBlockSize();

const options = ({ config }: Case) => ({ stride: config.stride, pad: config.padding, dilation: config.dilation });

/** The composition has one offset group: several are convolutions of as many parts of the input, added up. */
function composed({ x, offset, mask, weight, bias }: DeformInputs, golden: Case): Value {
  const groups = golden.config.deformable_groups;
  const cut = (v: Value): Value[] =>
    groups === 1 ? [v] : split(v, new Array<number>(groups).fill(v.shape[1]! / groups), 1);
  const [xs, offsets, masks, weights] = [x, offset, mask, weight].map(cut) as [Value[], Value[], Value[], Value[]];
  return xs
    .map((part, i) =>
      modulatedDeformConv(
        { x: part, offset: offsets[i]!, mask: masks[i]!, weight: weights[i]!, bias: i === 0 ? bias : null },
        options(golden),
      ),
    )
    .reduce((a, b) => add(a, b));
}

/** The layer with its offset convolution: 27 channels, 18 offsets and 9 mask logits. */
function offsetsOf(x: Value, weight: Value, bias: Value): { offset: Value; mask: Value } {
  const [offset, logits] = split(conv(x, weight, bias, { pad: 1 }), [18, 9], 1) as [Value, Value];
  return { offset, mask: sigmoid(logits) };
}

/** Inputs of a case as graph inputs: a whole layer has a convolution for its offsets. */
function inputsOf(
  graph: Graph,
  golden: Case,
): { names: string[]; values: Record<string, Value>; inputs: DeformInputs } {
  const names = Object.keys(golden.input).filter((n) => n !== 'grad_output' && golden.input[n]);
  const values = Object.fromEntries(names.map((n) => [n, graph.input(n, 'float32', golden.input[n]!.shape)]));
  const made = values['offset']
    ? { offset: values['offset'], mask: values['mask']! }
    : offsetsOf(values['x']!, values['conv_offset_mask.weight']!, values['conv_offset_mask.bias']!);
  return {
    names,
    values,
    inputs: { x: values['x']!, weight: values['weight']!, bias: values['bias'] ?? null, ...made },
  };
}

const floats = (t: GoldenTensor): Float32Array => Float32Array.from(t.data);
const goldenGradient = (name: string): string => (name === 'x' ? 'grad_input' : `grad_${name}`);

/** A whole layer keeps its weights, and their gradients, one level deeper: brought up to the other cases' level. */
function flat(golden: Case): Case {
  const { params, ...input } = golden.input as Record<string, GoldenTensor | null> & Nested<'params'>;
  const { grad_params, ...output } = golden.output as Record<string, GoldenTensor> & Nested<'grad_params'>;
  const named = Object.entries(grad_params ?? {}).map(([name, t]) => [goldenGradient(name), t] as const);
  return { ...golden, input: { ...input, ...params }, output: { ...output, ...Object.fromEntries(named) } };
}

type Nested<K extends string> = { [key in K]?: Record<string, GoldenTensor> };

describeWithGolden('deformable convolution equals the official code', 'dcn', ({ cases: loaded }) => {
  const cases = (loaded as unknown as readonly Case[]).map(flat);
  test.each(cases)("$name: ONNX's operator", async (golden) => {
    const graph = new Graph();
    const { names, inputs } = inputsOf(graph, golden);
    graph.output('output', deformConv(inputs, options(golden), golden.config.deformable_groups));
    const feeds = Object.fromEntries(names.map((n) => [n, floats(golden.input[n]!)]));
    const shapes = Object.fromEntries(names.map((n) => [n, golden.input[n]!.shape]));
    const found = await runModel(encodeModel(lowerPortable(graph)), feeds, shapes);
    expect(relativeDifference(floats(golden.output['output']!), found['output']!)).toBeLessThan(1e-4);
  });

  describe.each(['portable', 'blocked'] as const)('composition, %s', (layout) => {
    test.skipIf(layout === 'blocked' && block === 1).each(cases)('$name', async (golden) => {
      const graph = new Graph();
      const { names, values, inputs } = inputsOf(graph, golden);
      const y = composed(inputs, golden);
      const loss = reduceSum(mul(y, graph.input('grad_output', 'float32', y.shape)));
      const found = gradients(
        graph,
        [loss],
        names.map((n) => values[n]!),
      );
      graph.output('output', y);
      found.forEach((g, i) => graph.output(goldenGradient(names[i]!), g));
      const feeds = Object.fromEntries(graph.inputs.map((v) => [v.name, floats(golden.input[v.name]!)]));
      const gradientOf = new Map(names.map((n) => [goldenGradient(n), n]));
      const both = await runBoth(graph, feeds, gradientOf, Math.max(block, 8));
      const outputs = both[layout === 'portable' ? 0 : 1];
      for (const [name, expected] of Object.entries(golden.output)) {
        const got = outputs[name];
        expect(got, name).toBeDefined();
        expect(relativeDifference(floats(expected), got!), name).toBeLessThan(1e-4);
      }
    });
  });
});
