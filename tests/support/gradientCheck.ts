// The one helper that checks gradient rules: analytic gradients run in ONNX Runtime against central differences, per lowering.
import { expect } from 'vitest';
import { gradients } from '../../src/core/autodiff/backward.ts';
import { lowerPortable } from '../../src/core/layout/portable.ts';
import { encodeModel } from '../../src/core/onnx/encode.ts';
import { Graph, type Value } from '../../src/core/onnx/graph.ts';
import { mul, reduceSum } from '../../src/core/onnx/ops/math.ts';
import { sizeOf } from '../../src/core/onnx/tensorType.ts';
import { runModel } from './runModel.ts';

/** A seeded source of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What to check: input shapes, how the output is made from them, and the range the inputs are drawn from. */
export interface GradientCase {
  shapes: Record<string, readonly number[]>;
  body: (inputs: Record<string, Value>) => Value;
  /** Draws one element; default uniform in -1..1. Keep it away from kinks. */
  draw?: (random: () => number) => number;
  lower?: (graph: Graph) => Graph;
  tolerance?: number;
}

/**
 * A graph with y = body(inputs) and, for loss = sum(y * weights) with fixed random weights, the gradient of every input: outputs `y` and
 * `d_<input>`.
 */
export function gradientGraph(
  shapes: Record<string, readonly number[]>,
  body: (inputs: Record<string, Value>) => Value,
  random: () => number,
): { graph: Graph; names: string[]; weights: Float32Array } {
  const graph = new Graph();
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, 'float32', shape)]),
  );
  const y = body(inputs);
  const weights = Float32Array.from({ length: sizeOf(y.shape) }, () => random() * 2 - 1);
  const loss = reduceSum(mul(y, graph.constant('float32', weights, y.shape)));
  const names = Object.keys(shapes);
  const found = gradients(
    graph,
    [loss],
    names.map((n) => inputs[n]!),
  );
  graph.output('y', y);
  found.forEach((g, i) => graph.output(`d_${names[i]!}`, g));
  return { graph, names, weights };
}

/**
 * Builds loss = sum(y * fixed random), asks for every input's gradient and compares its product with random directions against
 * (L(x + e d) - L(x - e d)) / 2e. Directions touch every element, so a wrong element shows.
 */
export async function checkGradient({
  shapes,
  body,
  draw,
  lower = lowerPortable,
  tolerance = 5e-3,
}: GradientCase): Promise<void> {
  const random = seeded(7);
  const { graph, names, weights } = gradientGraph(shapes, body, random);
  const model = encodeModel(lower(graph));
  const point = Object.fromEntries(
    names.map((n) => [
      n,
      Float32Array.from({ length: sizeOf(shapes[n]!) }, () => (draw ? draw(random) : random() * 2 - 1)),
    ]),
  );
  const value = async (at: Record<string, Float32Array>): Promise<number> => {
    const out = (await runModel(model, at, shapes))['y']!;
    return out.reduce((sum, v, i) => sum + v * weights[i]!, 0);
  };
  const analytic = await runModel(model, point, shapes);
  for (const name of names) {
    expect(analytic[`d_${name}`]!.length, `size of the gradient of ${name}`).toBe(sizeOf(shapes[name]!));
    for (let trial = 0; trial < 3; trial++) {
      const direction = Float32Array.from(point[name]!, () => random() * 2 - 1);
      const step = 4e-3;
      const moved = (sign: number): Record<string, Float32Array> => ({
        ...point,
        [name]: point[name]!.map((v, i) => v + sign * step * direction[i]!),
      });
      const numeric = ((await value(moved(1))) - (await value(moved(-1)))) / (2 * step);
      const expected = analytic[`d_${name}`]!.reduce((sum, g, i) => sum + g * direction[i]!, 0);
      const scale = Math.max(1, Math.abs(numeric), Math.sqrt(analytic[`d_${name}`]!.reduce((s, g) => s + g * g, 0)));
      expect(Math.abs(numeric - expected) / scale, `${name}: numeric ${numeric}, rule ${expected}`).toBeLessThan(
        tolerance,
      );
    }
  }
}
