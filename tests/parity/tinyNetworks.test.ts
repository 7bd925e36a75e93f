// Whole networks against the official code: outputs, gradients, four iterations of SGD, running statistics, going on from a checkpoint.
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { lowerPortable } from '../../src/core/layout/portable.ts';
import { ParameterSet, type WeightMap } from '../../src/core/nn/parameters.ts';
import { encodeModel } from '../../src/core/onnx/encode.ts';
import { probeBlockSize } from '../../src/core/runtime/blockSize.ts';
import { defaultConfig, type TrainConfig } from '../../src/core/train/config.ts';
import { TrainingStep, type LayoutChoice } from '../../src/core/train/step.ts';
import { decode } from '../../src/core/ttfnet/decode.ts';
import { headsProgram, inferenceProgram, parameterShapes, type PixelInput } from '../../src/core/ttfnet/programs.ts';
import { createTargetMaps, drawTargets, officialTargets } from '../../src/core/ttfnet/targets.ts';
import { assignWeights } from '../../src/core/weights/assignWeights.ts';
import { readWeights } from '../../src/core/weights/readWeights.ts';
import { asFloat32, type NamedTensor } from '../../src/core/weights/tensor.ts';
import { describeWithGolden, goldenFolder, type GoldenTensor } from '../support/golden.ts';
import { relativeDifference } from '../support/lowerings.ts';
import { runModel } from '../support/runModel.ts';
import { officialNetwork, type OfficialConfig } from '../support/tinyNetworks.ts';

interface Iteration {
  hm_loss: number;
  wh_loss: number;
  grad_norm_before_clip: number;
}

interface Case {
  name: string;
  config: OfficialConfig;
  classes: string[];
  checkpoints: Record<'initial' | 'after_step_3', Record<'zip' | 'legacy', { file: string }>>;
  parameters: number;
  eval: {
    image: GoldenTensor;
    hm_logits: GoldenTensor;
    wh: GoldenTensor;
    detections: { count: number; boxes: GoldenTensor; scores: GoldenTensor; classes: GoldenTensor };
  };
  train: {
    images: GoldenTensor;
    boxes: GoldenTensor[];
    labels: GoldenTensor[];
    optimizer: { lr: number; momentum: number; weight_decay: number };
    grad_clip: { max_norm: number };
    grads: Record<string, GoldenTensor>;
    state_after_step_1: Record<string, GoldenTensor>;
    log: Iteration[];
  };
}

const block = await probeBlockSize();
const layouts: LayoutChoice[] = block > 1 ? ['portable', 'blocked'] : ['portable'];
const pixels: PixelInput = { dtype: 'float32', layout: 'nchw' };
const floats = (t: GoldenTensor): Float32Array => Float32Array.from(t.data);

const fileOf = (golden: Case, which: keyof Case['checkpoints'], format: 'zip' | 'legacy'): string =>
  path.join(goldenFolder()!, 'tiny', golden.checkpoints[which][format].file);

/** A golden checkpoint's weights under our names, and its momentum. */
async function load(
  golden: Case,
  file: string,
): Promise<{ weights: WeightMap; momentum: ReadonlyMap<string, NamedTensor> }> {
  const read = await readWeights(file);
  const wanted = parameterShapes(officialNetwork(golden.name, golden.config), golden.classes.length);
  const found = assignWeights(wanted, read.tensors);
  expect(found).toMatchObject({ missing: [], mismatched: [], reinitialised: [], reshaped: [] });
  expect(found.skipped.filter((n) => !n.endsWith('num_batches_tracked'))).toEqual([]);
  const trained = wanted.filter(({ name }) => !name.includes('running_'));
  expect(trained.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(golden.parameters);
  const weights = new Map([...found.used].map(([name, t]) => [name, { shape: t.shape, data: asFloat32(t) }]));
  return { weights, momentum: read.optimizer?.slots.get('momentum_buffer') ?? new Map<string, NamedTensor>() };
}

function configOf({ train, eval: { image } }: Case, frozenStages: number): TrainConfig {
  const [, , height, width] = image.shape as [number, number, number, number];
  return {
    ...defaultConfig,
    height,
    width,
    batch: train.images.shape[0]!,
    optimizer: 'sgd',
    momentum: train.optimizer.momentum,
    weightDecay: train.optimizer.weight_decay,
    clipNorm: train.grad_clip.max_norm,
    frozenStages,
    averageDecay: 0,
  };
}

/** A step on the golden batch, with its targets drawn. Frozen stages of the official code don't count the stem, ours do. */
async function makeStep(golden: Case, weights: WeightMap, layout: LayoutChoice): Promise<TrainingStep> {
  const config = configOf(golden, golden.config.backbone.frozen_stages + 1);
  const network = officialNetwork(golden.name, golden.config);
  const step = await TrainingStep.create(network, weights, golden.classes.length, config, { layout, pixels });
  expect(step.initialized).toEqual([]);
  const size = { classes: golden.classes.length, height: config.height / 4, width: config.width / 4 };
  const maps = { ...createTargetMaps(config.batch, size), ...step.buffers };
  golden.train.boxes.forEach(({ data: b }, image) => {
    const labels = golden.train.labels[image]!.data;
    const objects = Array.from(labels, (classId, i) => {
      const [x1, y1, x2, y2] = b.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
      return { box: { x1, y1, x2, y2 }, classId };
    });
    drawTargets(objects, officialTargets, maps, image);
  });
  step.buffers.image.set(golden.train.images.data);
  return step;
}

const near = (found: number, expected: number, tolerance: number): void =>
  expect(Math.abs(found - expected) / Math.abs(expected), `${found} for ${expected}`).toBeLessThan(tolerance);

function expectIteration(found: Awaited<ReturnType<TrainingStep['run']>>, expected: Iteration): void {
  near(found.heatmapLoss, expected.hm_loss, 1e-4);
  near(found.sizeLoss, expected.wh_loss, 1e-4);
  near(found.gradientNorm, expected.grad_norm_before_clip, 1e-3);
}

describeWithGolden('the networks equal the official code', 'tiny', (loaded) => {
  describe.each(loaded as unknown as readonly Case[])('$name', (golden) => {
    const network = officialNetwork(golden.name, golden.config);
    const classes = golden.classes.length;
    const [images, , height, width] = golden.eval.image.shape as [number, number, number, number];
    const size = { batch: images, height, width };
    const feeds = { image: floats(golden.eval.image) };
    const shapes = { image: golden.eval.image.shape };

    test.each(['operator', 'composition'] as const)(
      'gives its outputs (deformable convolution: %s)',
      async (deform) => {
        const { weights } = await load(golden, fileOf(golden, 'initial', 'zip'));
        const graph = headsProgram(network, new ParameterSet(weights, 0), classes, size, pixels, { deform });
        const found = await runModel(encodeModel(lowerPortable(graph)), feeds, shapes);
        expect(relativeDifference(floats(golden.eval.hm_logits), found['heatmap_logits']!)).toBeLessThan(1e-4);
        expect(relativeDifference(floats(golden.eval.wh), found['distances']!)).toBeLessThan(1e-4);
        const maps = { images, classes, height: height / 4, width: width / 4 };
        const [detections] = decode(
          { ...maps, heatmapLogits: found['heatmap_logits']!, distances: found['distances']! },
          { threshold: 0.01, limit: 100 },
        );
        expect(detections!.scores).toHaveLength(golden.eval.detections.count);
      },
    );

    test('detects the same boxes', async () => {
      const { weights } = await load(golden, fileOf(golden, 'initial', 'legacy'));
      const graph = inferenceProgram(network, new ParameterSet(weights, 0), classes, size, pixels);
      const found = await runModel(encodeModel(graph), feeds, shapes);
      const { count, boxes, scores, classes: ids } = golden.eval.detections;
      expect(found['scores']!.filter((s) => s > 0.01)).toHaveLength(count);
      for (let i = 0; i < count; i++) {
        expect(Math.abs(found['scores']![i]! - scores.data[i]!)).toBeLessThan(1e-5);
        expect(found['classes']![i]).toBe(ids.data[i]);
        for (let k = 4 * i; k < 4 * i + 4; k++)
          expect(Math.abs(found['boxes']![k]! - boxes.data[k]!)).toBeLessThan(2e-3);
      }
    });

    test.each(layouts)('trains alike: gradients, four iterations, state after one (%s)', async (layout) => {
      const { weights } = await load(golden, fileOf(golden, 'initial', 'zip'));
      const step = await makeStep(golden, weights, layout);
      const { log, grads, state_after_step_1: state, optimizer } = golden.train;
      expectIteration(await step.run(optimizer.lr), log[0]!);
      const found = step.gradients();
      expect([...found.keys()].sort()).toEqual(Object.keys(grads).sort());
      for (const [name, expected] of Object.entries(grads)) {
        // A deformable convolution's bias goes into a batch norm: its gradient is rounding noise.
        if (/deconv_layers\.\d+\.0\.bias$/.test(name))
          expect(Math.max(...found.get(name)!.map(Math.abs)), name).toBeLessThan(1e-4);
        else expect(relativeDifference(floats(expected), found.get(name)!), name).toBeLessThan(1e-3);
      }
      const after = step.weights('current');
      for (const [name, expected] of Object.entries(state))
        if (!name.endsWith('num_batches_tracked'))
          expect(relativeDifference(floats(expected), after.get(name)!.data), name).toBeLessThan(1e-4);
      for (const iteration of log.slice(1)) expectIteration(await step.run(optimizer.lr), iteration);
      await step.release();
    });

    test.each(layouts)('goes on from a checkpoint with its optimizer (%s)', async (layout) => {
      for (const format of ['zip', 'legacy'] as const) {
        const { weights, momentum } = await load(golden, fileOf(golden, 'after_step_3', format));
        const step = await makeStep(golden, weights, layout);
        step.restore(new Map([...momentum].map(([name, t]) => [`optimizer/momentum/${name}`, asFloat32(t)])), 3);
        expectIteration(await step.run(golden.train.optimizer.lr), golden.train.log[3]!);
        await step.release();
      }
    });
  });
});
