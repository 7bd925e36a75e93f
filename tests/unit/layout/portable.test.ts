import { describe, expect, it } from 'vitest';
import { lowerPortable } from '../../../src/core/layout/portable.ts';
import { encodeModel } from '../../../src/core/onnx/encode.ts';
import { sizeOf } from '../../../src/core/onnx/tensorType.ts';
import { conv } from '../../../src/core/onnx/ops/spatial.ts';
import { gradientGraph, seeded } from '../../support/gradientCheck.ts';
import { relativeDistance } from '../../support/lowerings.ts';
import { runModel } from '../../support/runModel.ts';

describe('convolutions in mixed rows', () => {
  it.each([
    ['square', [4, 48, 8, 20], [64, 48, 3, 3], 1],
    ['of no pads on the sides', [2, 64, 16, 20], [48, 64, 3, 3], [1, 0, 1, 0]],
    ['five columns wide', [2, 64, 12, 24], [64, 64, 3, 5], [1, 2, 1, 2]],
  ] as const)('%s: values and gradients are those of the direct ones', async (_, x, w, pad) => {
    const shapes = { x, w, b: [w[0]] };
    const random = seeded(5);
    const { graph, names } = gradientGraph(shapes, (v) => conv(v['x']!, v['w']!, v['b']!, { pad }), random);
    const feeds = Object.fromEntries(
      names.map((n) => [n, Float32Array.from({ length: sizeOf(graph.value(n)!.shape) }, () => random() * 2 - 1)]),
    );
    const mixed = lowerPortable(graph);
    expect([...mixed.constants.keys()].filter((name) => name.startsWith('rows/')).length).toBeGreaterThan(6);
    const direct = await runModel(encodeModel(lowerPortable(graph, false)), feeds, shapes);
    const found = await runModel(encodeModel(mixed), feeds, shapes);
    for (const name of Object.keys(direct))
      expect(relativeDistance(direct[name]!, found[name]!), name).toBeLessThan(3e-6);
  });
});
