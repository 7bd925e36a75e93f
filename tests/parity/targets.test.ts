// Targets against the official code's, every golden case.
import { expect, test } from 'vitest';
import { stride } from '../../src/core/ttfnet/networks/network.ts';
import { createTargetMaps, drawTargets, officialTargets, type TargetSettings } from '../../src/core/ttfnet/targets.ts';
import { describeWithGolden, type GoldenTensor } from '../support/golden.ts';

interface Case {
  name: string;
  config: {
    num_fg: number;
    down_ratio: number;
    alpha: number;
    beta: number;
    wh_area_process: 'log' | 'sqrt' | 'norm' | null;
    wh_gaussian: boolean;
    wh_agnostic: boolean;
  };
  input: { height: number; width: number; boxes: GoldenTensor; labels: GoldenTensor };
  output: { heatmap: GoldenTensor; box_target: GoldenTensor; reg_weight: GoldenTensor };
}

describeWithGolden('targets equal the official code', 'targets', ({ cases: loaded }) => {
  const cases = loaded as unknown as readonly Case[];
  test.each(cases)('$name', ({ config, input, output }) => {
    expect(config.down_ratio).toBe(stride);
    const size = { classes: config.num_fg, height: input.height / stride, width: input.width / stride };
    const settings: TargetSettings = {
      ...officialTargets,
      alpha: config.alpha,
      beta: config.beta,
      area: config.wh_area_process ?? 'none',
      sampling: config.wh_gaussian ? 'gaussian' : 'center-region',
      perClass: !config.wh_agnostic,
    };
    const maps = createTargetMaps(2, size, settings.perClass);
    for (const array of [maps.heatmap, maps.boxTarget, maps.regWeight]) array.fill(7); // what an earlier step left
    expect(drawTargets(objectsOf(input), settings, maps, 1)).toBe(0);

    const second = (array: Float32Array): Float32Array => {
      expect(array.subarray(0, array.length / 2).every((v) => v === 7)).toBe(true);
      return array.subarray(array.length / 2);
    };
    const heatmap = second(maps.heatmap);
    expect(worst(heatmap, output.heatmap)).toBeLessThanOrEqual(1e-6);
    expect([...heatmap].every((v, i) => (v === 1) === (output.heatmap.data[i] === 1))).toBe(true);
    expect(worst(second(maps.boxTarget), output.box_target)).toBe(0);
    const largest = Math.max(0, ...Array.from(output.reg_weight.data, Math.abs));
    expect(worst(second(maps.regWeight), output.reg_weight)).toBeLessThanOrEqual(1e-5 * largest);
  });
});

function objectsOf({ boxes, labels }: Case['input']): Parameters<typeof drawTargets>[0] {
  return Array.from(labels.data, (classId, i) => {
    const [x1, y1, x2, y2] = boxes.data.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    return { box: { x1, y1, x2, y2 }, classId };
  });
}

function worst(found: Float32Array, { data }: GoldenTensor): number {
  expect(found).toHaveLength(data.length);
  return found.reduce((max, v, i) => Math.max(max, Math.abs(v - data[i]!)), 0);
}
