// Whole networks against the official code: every map, outputs, detections, gradients, rates, four iterations of SGD, running statistics, going on from a checkpoint.
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { lowerPortable } from '../../src/core/layout/portable.ts';
import { Layers } from '../../src/core/nn/layers.ts';
import { ParameterSet, type WeightMap } from '../../src/core/nn/parameters.ts';
import { encodeModel } from '../../src/core/onnx/encode.ts';
import { Graph } from '../../src/core/onnx/graph.ts';
import { officialScales } from '../../src/core/optim/parameterGroup.ts';
import { probeBlockSize } from '../../src/core/runtime/blockSize.ts';
import { defaultConfig, type TrainConfig } from '../../src/core/train/config.ts';
import type { LayoutChoice } from '../../src/core/train/chooseLayout.ts';
import { TrainingStep } from '../../src/core/train/step.ts';
import { decode, type DecodedImage } from '../../src/core/ttfnet/decode.ts';
import { isFrozen } from '../../src/core/ttfnet/networks/network.ts';
import { upsampled } from '../../src/core/ttfnet/networks/ttfNet.ts';
import { headsProgram, inferenceProgram, parameterShapes, type PixelInput } from '../../src/core/ttfnet/programs.ts';
import { createTargetMaps, drawTargets, officialTargets } from '../../src/core/ttfnet/targets.ts';
import { assignWeights, checkAssignment } from '../../src/core/weights/assignWeights.ts';
import { readWeights } from '../../src/core/weights/readWeights.ts';
import { asFloat32, type NamedTensor } from '../../src/core/weights/tensor.ts';
import { describeWithGolden, type GoldenTensor } from '../support/golden.ts';
import { relativeDifference, sameNumbers } from '../support/lowerings.ts';
import { runModel } from '../support/runModel.ts';
import { officialNetwork, officialParts, type OfficialConfig } from '../support/tinyNetworks.ts';

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
    backbone_features: GoldenTensor[];
    after_upsample: GoldenTensor[];
    detections: { count: number; boxes: GoldenTensor; scores: GoldenTensor; classes: GoldenTensor };
  };
  train: {
    images: GoldenTensor;
    boxes: GoldenTensor[];
    labels: GoldenTensor[];
    optimizer: { lr: number; momentum: number; weight_decay: number };
    grad_clip: { max_norm: number };
    grads: Record<string, GoldenTensor>;
    /** null where frozen. */
    grad_norms: Record<string, number | null>;
    unchanged_after_step_1: string[];
    param_groups: Record<string, { lr: number; weight_decay: number } | 'frozen'>;
    state_after_step_1: Record<string, GoldenTensor>;
    log: Iteration[];
  };
}

const block = await probeBlockSize();
const layouts: LayoutChoice[] = block > 1 ? ['portable', 'blocked'] : ['portable'];
const pixels: PixelInput = { dtype: 'float32', layout: 'nchw' };
const floats = (t: GoldenTensor): Float32Array => Float32Array.from(t.data);

/** A golden checkpoint's weights under our names, and its momentum. */
async function load(
  golden: Case,
  file: string,
): Promise<{ weights: WeightMap; momentum: ReadonlyMap<string, NamedTensor> }> {
  const read = await readWeights(file);
  const wanted = parameterShapes(officialNetwork(golden.name, golden.config), golden.classes.length);
  const found = assignWeights(wanted, read.tensors);
  expect(found).toMatchObject({ missing: [], mismatched: [], reinitialised: [], reshaped: [], skipped: [] });
  expect(() => checkAssignment(found, file)).not.toThrow();
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

/** Frozen stages of the official code don't count the stem, ours do. */
const frozenStages = ({ config }: Case): number => config.backbone.frozen_stages + 1;

/** A step on the golden batch, with its targets drawn. */
async function makeStep(golden: Case, weights: WeightMap, layout: LayoutChoice): Promise<TrainingStep> {
  const config = configOf(golden, frozenStages(golden));
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

/** The eval graph with what the official code shows of its inside: backbone features and every map of the neck. */
function innerGraph(golden: Case, weights: WeightMap, deform: 'operator' | 'composition'): Graph {
  const { backbone, head } = officialParts(golden.config);
  const graph = new Graph();
  const layers = new Layers(graph, new ParameterSet(weights, 0), false, { deform });
  const features = backbone.build(layers, graph.input('image', 'float32', golden.eval.image.shape));
  features.forEach((v, i) => graph.output(`feature/${i}`, v));
  upsampled(layers, features, head).forEach((v, i) => graph.output(`upsampled/${i}`, v));
  return graph;
}

const isNoise = (name: string): boolean => /deconv_layers\.\d+\.0\.bias$/.test(name); // into a batch norm: its gradient is rounding noise
const norm = (a: Float32Array): number => Math.sqrt(a.reduce((sum, v) => sum + v * v, 0));

function expectGradients({ grads, grad_norms: norms }: Case['train'], found: ReadonlyMap<string, Float32Array>): void {
  expect([...found.keys()].sort()).toEqual(Object.keys(grads).sort());
  expect(Object.keys(norms).filter((name) => norms[name] !== null)).toEqual(Object.keys(grads));
  for (const [name, expected] of Object.entries(grads)) {
    const got = found.get(name)!;
    if (isNoise(name)) expect(Math.max(...got.map(Math.abs)), name).toBeLessThan(1e-4);
    else {
      expect(relativeDifference(floats(expected), got), name).toBeLessThan(1e-3);
      near(norm(got), norms[name]!, 1e-3);
    }
  }
}

/** Parameters and running statistics; the official code also counts batches, which nothing here reads. */
function expectState(
  { state_after_step_1: state, unchanged_after_step_1: unchanged }: Case['train'],
  start: WeightMap,
  after: WeightMap,
): void {
  for (const [name, expected] of Object.entries(state)) {
    if (name.endsWith('num_batches_tracked')) continue;
    expect(relativeDifference(floats(expected), after.get(name)!.data), name).toBeLessThan(1e-4);
    if (unchanged.includes(name) && !isNoise(name))
      expect(sameNumbers(after.get(name)!.data, start.get(name)!.data), name).toBe(true);
  }
}

function expectDetections(found: DecodedImage, { count, boxes, scores, classes }: Case['eval']['detections']): void {
  expect(found.scores).toHaveLength(count);
  expect([...found.classes]).toEqual([...classes.data]);
  const worst = (a: Float32Array, b: GoldenTensor): number => Math.max(0, ...a.map((v, i) => Math.abs(v - b.data[i]!)));
  expect(worst(found.scores, scores)).toBeLessThan(1e-5);
  expect(worst(found.boxes, boxes)).toBeLessThan(1e-3);
}

describeWithGolden('the networks equal the official code', 'tiny', ({ folder, cases }) => {
  describe.each(cases as unknown as readonly Case[])('$name', (golden) => {
    const fileOf = (which: keyof Case['checkpoints'], format: 'zip' | 'legacy'): string =>
      path.join(folder, golden.checkpoints[which][format].file);
    const network = officialNetwork(golden.name, golden.config);
    const classes = golden.classes.length;
    const [images, , height, width] = golden.eval.image.shape as [number, number, number, number];
    const size = { batch: images, height, width };
    const feeds = { image: floats(golden.eval.image) };
    const shapes = { image: golden.eval.image.shape };

    describe.each(['operator', 'composition'] as const)('deformable convolution: %s', (deform) => {
      test('gives the maps of backbone and neck', async () => {
        const { weights } = await load(golden, fileOf('initial', 'zip'));
        const found = await runModel(encodeModel(lowerPortable(innerGraph(golden, weights, deform))), feeds, shapes);
        const { backbone_features: features, after_upsample: maps } = golden.eval;
        expect(Object.keys(found)).toHaveLength(features.length + maps.length);
        features.forEach((expected, i) =>
          expect(relativeDifference(floats(expected), found[`feature/${i}`]!), `feature ${i}`).toBeLessThan(1e-4),
        );
        maps.forEach((expected, i) =>
          expect(relativeDifference(floats(expected), found[`upsampled/${i}`]!), `upsampled ${i}`).toBeLessThan(1e-4),
        );
      });

      test('gives heatmap, distances and detections', async () => {
        const { weights } = await load(golden, fileOf('initial', 'zip'));
        const graph = headsProgram(network, new ParameterSet(weights, 0), classes, size, pixels, { deform });
        const found = await runModel(encodeModel(lowerPortable(graph)), feeds, shapes);
        expect(relativeDifference(floats(golden.eval.hm_logits), found['heatmap_logits']!)).toBeLessThan(1e-4);
        expect(relativeDifference(floats(golden.eval.wh), found['distances']!)).toBeLessThan(1e-4);
        const maps = { images, classes, height: height / 4, width: width / 4 };
        const heads = { ...maps, heatmapLogits: found['heatmap_logits']!, distances: found['distances']! };
        expectDetections(decode(heads, { threshold: 0.01, limit: 100 })[0]!, golden.eval.detections);
      });
    });

    test('detects the same boxes inside the graph', async () => {
      const { weights } = await load(golden, fileOf('initial', 'legacy'));
      const graph = inferenceProgram(network, new ParameterSet(weights, 0), classes, size, pixels);
      const { scores, boxes, classes: ids } = await runModel(encodeModel(graph), feeds, shapes);
      const kept = scores!.filter((s) => s > 0.01);
      const cut = { boxes: boxes!.slice(0, 4 * kept.length), classes: Int32Array.from(ids!.slice(0, kept.length)) };
      expectDetections({ scores: kept, ...cut }, golden.eval.detections);
    });

    test('gives every parameter its learning rate and decay', () => {
      const { param_groups: groups, optimizer } = golden.train;
      for (const [name, expected] of Object.entries(groups)) {
        expect(isFrozen(network, frozenStages(golden), name), name).toBe(expected === 'frozen');
        if (expected === 'frozen') continue;
        const { rateScale, decayScale } = officialScales(name);
        expect([name, rateScale * optimizer.lr]).toEqual([name, expected.lr]);
        expect([name, decayScale * optimizer.weight_decay]).toEqual([name, expected.weight_decay]);
      }
    });

    test.each(layouts)('trains alike: gradients, four iterations, state after one (%s)', async (layout) => {
      const { weights } = await load(golden, fileOf('initial', 'zip'));
      const step = await makeStep(golden, weights, layout);
      const { log, optimizer } = golden.train;
      expectIteration(await step.run(optimizer.lr), log[0]!);
      expectGradients(golden.train, step.gradients());
      expectState(golden.train, weights, step.weights('current'));
      for (const iteration of log.slice(1)) expectIteration(await step.run(optimizer.lr), iteration);
      await step.release();
    });

    test.each(layouts)('goes on from a checkpoint with its optimizer (%s)', async (layout) => {
      for (const format of ['zip', 'legacy'] as const) {
        const { weights, momentum } = await load(golden, fileOf('after_step_3', format));
        const step = await makeStep(golden, weights, layout);
        step.restore(new Map([...momentum].map(([name, t]) => [`optimizer/momentum/${name}`, asFloat32(t)])), 3);
        expectIteration(await step.run(golden.train.optimizer.lr), golden.train.log[3]!);
        await step.release();
      }
    });
  });
});
