// Both losses and their gradients against the official code's, every golden case, through the loss graph in ONNX Runtime.
import { expect, test } from 'vitest';
import { gradients } from '../../src/core/autodiff/backward.ts';
import { lowerPortable } from '../../src/core/layout/portable.ts';
import { encodeModel } from '../../src/core/onnx/encode.ts';
import { Graph } from '../../src/core/onnx/graph.ts';
import { mul } from '../../src/core/onnx/ops/math.ts';
import { focalLoss, giouLoss } from '../../src/core/ttfnet/loss.ts';
import { describeWithGolden, type GoldenTensor } from '../support/golden.ts';
import { relativeDifference } from '../support/lowerings.ts';
import { runModel } from '../support/runModel.ts';

interface Case {
  name: string;
  float32_vs_float64: { hm_loss_rel: number };
  config: { hm_weight: number; wh_weight: number };
  input: {
    hm_logits: GoldenTensor;
    pred_wh: GoldenTensor;
    heatmap: GoldenTensor;
    box_target: GoldenTensor;
    reg_weight: GoldenTensor;
  };
  output: { hm_loss: number; wh_loss: number; grad_hm_logits: GoldenTensor; grad_pred_wh?: GoldenTensor };
}

const ports = ['hm_logits', 'pred_wh', 'heatmap', 'box_target', 'reg_weight'] as const;

/** Runs the loss graph of a case. @returns losses and gradients by the golden file's names */
async function run({ config, input }: Case): Promise<Record<string, Float32Array>> {
  const graph = new Graph();
  const [logits, distances, heatmap, boxTarget, weight] = ports.map((p) =>
    graph.input(p, 'float32', input[p].shape),
  ) as [never, never, never, never, never];
  const losses = [
    mul(focalLoss(logits, heatmap), config.hm_weight),
    mul(giouLoss(distances, boxTarget, weight), config.wh_weight),
  ];
  const [gradLogits, gradDistances] = gradients(graph, losses, [logits, distances]);
  graph.output('hm_loss', losses[0]!);
  graph.output('wh_loss', losses[1]!);
  graph.output('grad_hm_logits', gradLogits!);
  graph.output('grad_pred_wh', gradDistances!);
  const feeds = Object.fromEntries(ports.map((p) => [p, Float32Array.from(input[p].data)]));
  const shapes = Object.fromEntries(ports.map((p) => [p, input[p].shape]));
  return runModel(encodeModel(lowerPortable(graph)), feeds, shapes);
}

/** Where the official code's own float32 is that far from float64: logits whose probability is clamped. */
const isSaturated = ({ name, float32_vs_float64 }: Case): boolean =>
  name === 'saturated' || float32_vs_float64.hm_loss_rel > 5e-6;

describeWithGolden('losses equal the official code', 'losses', ({ cases: loaded }) => {
  const cases = loaded as unknown as readonly Case[];
  test.each(cases)('$name', async (golden) => {
    const found = await run(golden);
    const { hm_loss, wh_loss, grad_hm_logits, grad_pred_wh } = golden.output;
    const tolerance = isSaturated(golden) ? 1e-4 : 1e-5;
    expect(Math.abs(found['hm_loss']![0]! - hm_loss)).toBeLessThanOrEqual(tolerance * Math.abs(hm_loss));
    // A perfect prediction has no loss at all: rounding is all there is to compare.
    expect(Math.abs(found['wh_loss']![0]! - wh_loss)).toBeLessThanOrEqual(Math.max(1e-6, tolerance * wh_loss));
    expect(relativeDifference(Float32Array.from(grad_hm_logits.data), found['grad_hm_logits']!)).toBeLessThan(1e-4);
    grad_hm_logits.data.forEach((v, i) => expect(v === 0, `cell ${i}`).toBe(found['grad_hm_logits']![i] === 0));
    if (grad_pred_wh)
      expect(relativeDifference(Float32Array.from(grad_pred_wh.data), found['grad_pred_wh']!)).toBeLessThan(1e-4);
    expect(found['grad_pred_wh']!.every(Number.isFinite)).toBe(true);
  });
});
