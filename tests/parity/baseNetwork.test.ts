// The imported COCO network against TensorFlow.js running the same files, on real photographs.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { baseModelFile, loadBaseWeights } from '../../src/core/model/baseWeights.ts';
import { ParameterSet } from '../../src/core/nn/parameters.ts';
import { encodeModel } from '../../src/core/onnx/encode.ts';
import { mobileNetV3 } from '../../src/core/ttfnet/networks/mobileNetV3.ts';
import { headsProgram, inferenceProgram, parameterShapes } from '../../src/core/ttfnet/programs.ts';
import { runModel } from '../support/runModel.ts';
import { sharedPath } from '../support/shared.ts';

interface TfTensor {
  shape: number[];
  data: () => Promise<Float32Array>;
}
interface Tf {
  loadGraphModel: (handler: unknown) => Promise<{ execute: (x: unknown, outputs: string[]) => TfTensor[] }>;
  io: { fromMemory: (artifacts: object) => unknown };
  tensor4d: (data: Float32Array, shape: number[]) => unknown;
}

const jsonFile = baseModelFile(import.meta.url);
const side = 512;
const photographs = [
  path.resolve(path.dirname(jsonFile), '../assets/samples.jpg'),
  sharedPath('datasets', 'bccd', 'JPEGImages', 'BloodImage_00000.jpg'),
].filter((f) => f !== null);

async function tensorflow(pixels: Uint8Array): Promise<Record<'logits' | 'distances' | 'detections', Float32Array>> {
  const tf = (await import('@tensorflow/tfjs')) as unknown as Tf;
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(jsonFile, 'utf8')) as {
    modelTopology: object;
    weightsManifest: { weights: object[] }[];
  };
  const weightData = Uint8Array.from(readFileSync(path.join(path.dirname(jsonFile), 'centernet.bin'))).buffer;
  const model = await tf.loadGraphModel(
    tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest.flatMap((m) => m.weights), weightData }),
  );
  const outputs = model.execute(tf.tensor4d(Float32Array.from(pixels), [1, side, side, 3]), [
    'tower_0/CenternetHead/centernet_cls_output/BiasAdd',
    'tower_0/wh',
    'tower_0/detections',
  ]);
  const [logits, distances, detections] = await Promise.all(outputs.map((o) => o.data()));
  return { logits: logits!, distances: distances!, detections: detections! };
}

/** Largest difference of a [C, h, w] map from TensorFlow's [h, w, C], relative to values above 1. */
function largestDifference(
  ours: Float32Array,
  theirs: Float32Array,
  channels: number,
  of: (v: number) => number,
): number {
  const cells = ours.length / channels;
  let worst = 0;
  for (let cell = 0; cell < cells; cell++)
    for (let c = 0; c < channels; c++) {
      const [a, b] = [of(ours[c * cells + cell]!), of(theirs[cell * channels + c]!)];
      worst = Math.max(worst, Math.abs(a - b) / Math.max(1, Math.abs(b)));
    }
  return worst;
}

describe('the COCO base network', () => {
  it.each(photographs)('equals TensorFlow.js on %s', async (photograph) => {
    const pixels = Uint8Array.from(
      await sharp(photograph).resize(side, side, { fit: 'fill' }).removeAlpha().raw().toBuffer(),
    );
    const expected = await tensorflow(pixels);
    const parameters = new ParameterSet(await loadBaseWeights(jsonFile), 0);
    const size = { batch: 1, height: side, width: side };
    const input = { dtype: 'uint8', layout: 'nhwc' } as const;
    const shapes = { image: [1, side, side, 3] };
    const heads = await runModel(
      encodeModel(headsProgram(mobileNetV3, parameters, 80, size, input)),
      { image: pixels },
      shapes,
    );
    expect(parameters.initialized).toEqual([]);
    expect(
      largestDifference(heads['heatmap_logits']!, expected.logits, 80, (x) => 1 / (1 + Math.exp(-x))),
    ).toBeLessThan(1e-5);
    expect(largestDifference(heads['distances']!, expected.distances, 4, (x) => x)).toBeLessThan(1e-3);

    const found = await runModel(
      encodeModel(inferenceProgram(mobileNetV3, parameters, 80, size, input)),
      { image: pixels },
      shapes,
    );
    let compared = 0;
    for (let i = 0; i < 100 && found['scores']![i]! > 0.1; i++, compared++) {
      const theirs = expected.detections.subarray(6 * i, 6 * i + 6); // x1, y1, x2, y2, score, class; not clamped to the image
      expect(found['scores']![i]!).toBeCloseTo(theirs[4]!, 4);
      expect(found['classes']![i]!).toBe(theirs[5]!);
      for (let k = 0; k < 4; k++) {
        const clamped = Math.min(Math.max(theirs[k]!, 0), side - 1);
        expect(Math.abs(found['boxes']![4 * i + k]! - clamped)).toBeLessThan(0.02);
      }
    }
    if (photograph.endsWith('samples.jpg')) expect(compared).toBeGreaterThan(10);
  });

  it('asks the base file for every parameter', () => {
    expect(
      parameterShapes(mobileNetV3, 80).reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0),
    ).toBeGreaterThan(1.9e6);
  });
});
