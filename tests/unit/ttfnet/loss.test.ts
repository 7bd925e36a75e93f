// The size loss stays a distance between boxes whatever a network says, inside-out boxes of one without a ReLU included.
import { expect, it } from 'vitest';
import { gradients } from '../../../src/core/autodiff/backward.ts';
import { lowerPortable } from '../../../src/core/layout/portable.ts';
import { encodeModel } from '../../../src/core/onnx/encode.ts';
import { Graph } from '../../../src/core/onnx/graph.ts';
import { giouLoss } from '../../../src/core/ttfnet/loss.ts';
import { seeded } from '../../support/gradientCheck.ts';
import { runModel } from '../../support/runModel.ts';

const shapes = { distances: [1, 4, 2, 2], target: [1, 4, 2, 2], weight: [1, 1, 2, 2] } as const;

function lossModel(): Uint8Array {
  const graph = new Graph();
  const distances = graph.input('distances', 'float32', shapes.distances);
  const target = graph.input('target', 'float32', shapes.target);
  const loss = giouLoss(distances, target, graph.input('weight', 'float32', shapes.weight));
  const [gradient] = gradients(graph, [loss], [distances]);
  graph.output('loss', loss);
  graph.output('gradient', gradient!);
  return encodeModel(lowerPortable(graph));
}

it('lies between 0 and 2 for any distances, and has a finite gradient', async () => {
  const model = lossModel();
  const random = seeded(4);
  const target = Float32Array.from({ length: 16 }, (_, i) => (i < 8 ? 2 : 30) + (i % 4));
  const weight = new Float32Array(4).fill(1);
  for (let i = 0; i < 60; i++) {
    const spread = 10 ** (i % 5);
    const distances = Float32Array.from({ length: 16 }, () => (random() - 0.5) * spread);
    const found = await runModel(model, { distances, target, weight }, shapes);
    expect(found['loss']![0]).toBeGreaterThanOrEqual(0);
    expect(found['loss']![0]).toBeLessThanOrEqual(2.001);
    expect(found['gradient']!.every(Number.isFinite)).toBe(true);
  }
});
