// Decoding against the official code's, every golden case: in TypeScript, and inside the graph as exported models do it.
import { expect, test } from 'vitest';
import { lowerPortable } from '../../src/core/layout/portable.ts';
import { encodeModel } from '../../src/core/onnx/encode.ts';
import { Graph, type Value } from '../../src/core/onnx/graph.ts';
import { decode, type DecodedImage, type HeadMaps } from '../../src/core/ttfnet/decode.ts';
import { decodeGraph } from '../../src/core/ttfnet/decodeGraph.ts';
import { describeWithGolden, type GoldenTensor } from '../support/golden.ts';
import { runModel } from '../support/runModel.ts';

interface Case {
  name: string;
  ties: boolean;
  config: {
    num_fg: number;
    score_thr: number;
    max_per_img: number;
    nms_kernel: number;
    wh_agnostic: boolean;
    pad_height: number;
    pad_width: number;
    scale_factor: [number, number, number, number] | null;
  };
  input: { hm_logits: GoldenTensor; pred_wh: GoldenTensor };
  output: { count: number; boxes: GoldenTensor; scores: GoldenTensor; classes: GoldenTensor }[];
}

type Row = [classId: number, score: number, x1: number, y1: number, x2: number, y2: number];

describeWithGolden('decoding equals the official code', 'decode', ({ cases: loaded }) => {
  const cases = loaded as unknown as readonly Case[];
  test.each(cases)('$name', ({ config, input, output, ties }) => {
    const found = decode(mapsOf(input), {
      threshold: config.score_thr,
      limit: config.max_per_img,
      perClass: !config.wh_agnostic,
      pad: { height: config.pad_height, width: config.pad_width },
      scale: config.scale_factor ? [config.scale_factor[0], config.scale_factor[1]] : undefined,
    });
    expectSame(found, output, ties);
  });

  test.each(cases)('$name, decoded inside the graph', async ({ config, input, output, ties }) => {
    const graph = new Graph();
    const port = (name: keyof Case['input']): Value => graph.input(name, 'float32', input[name].shape);
    const heads = { heatmapLogits: port('hm_logits'), distances: port('pred_wh') };
    for (const [name, value] of Object.entries(decodeGraph(heads, config.max_per_img)))
      graph.output(name, value as Value);
    const feeds = { hm_logits: input.hm_logits.data as Float32Array, pred_wh: input.pred_wh.data as Float32Array };
    const shapes = { hm_logits: input.hm_logits.shape, pred_wh: input.pred_wh.shape };
    const found = await runModel(encodeModel(lowerPortable(graph)), feeds, shapes);
    const images = Array.from(output, (_, image) => imageOf(found, image, output.length, config));
    expectSame(images, output, ties);
  });
});

function mapsOf({ hm_logits, pred_wh }: Case['input']): HeadMaps {
  const [images, classes, height, width] = hm_logits.shape as [number, number, number, number];
  const size = { images, classes, height, width };
  return { ...size, heatmapLogits: hm_logits.data as Float32Array, distances: pred_wh.data as Float32Array };
}

/** One image of a batch that the graph decoded. It knows no threshold, and no limits and scale but the map's: they are applied here. */
function imageOf(
  found: Record<string, Float32Array>,
  image: number,
  images: number,
  { score_thr, pad_width, pad_height, scale_factor }: Case['config'],
): DecodedImage {
  const k = found['scores']!.length / images;
  const scores = found['scores']!.subarray(image * k, (image + 1) * k).filter((s) => s > Math.fround(score_thr));
  const limits = [pad_width - 1, pad_height - 1, pad_width - 1, pad_height - 1];
  const kept = found['boxes']!.subarray(4 * image * k, 4 * (image * k + scores.length));
  return {
    scores,
    classes: Int32Array.from(found['classes']!.subarray(image * k, image * k + scores.length)),
    boxes: kept.map((v, i) => Math.min(v, limits[i % 4]!) / (scale_factor?.[(i % 4) as 0] ?? 1)),
  };
}

function expectSame(found: readonly DecodedImage[], output: Case['output'], ties: boolean): void {
  expect(found).toHaveLength(output.length);
  output.forEach((expected, image) => {
    const [a, b] = [rows(found[image]!, ties), rows(expected, ties)];
    expect(a).toHaveLength(expected.count);
    expect(a.map((r) => r[0])).toEqual(b.map((r) => r[0]));
    expect(worst(a, b, 1, 2)).toBeLessThanOrEqual(1e-5);
    expect(worst(a, b, 2, 6)).toBeLessThanOrEqual(1e-3);
  });
}

/** One row per box; where scores tie, in an order that doesn't depend on them. */
function rows({ boxes, scores, classes }: DecodedImage | Case['output'][number], sorted: boolean): Row[] {
  const data = (t: GoldenTensor | Float32Array | Int32Array): ArrayLike<number> => ('data' in t ? t.data : t);
  const list = Array.from(data(scores), (score, i): Row => {
    const [x1, y1, x2, y2] = [0, 1, 2, 3].map((k) => data(boxes)[4 * i + k]!) as [number, number, number, number];
    return [data(classes)[i]!, score, x1, y1, x2, y2];
  });
  const key = (row: Row): number => row[0] * 1e6 + Math.round(row[2]) * 1e3 + Math.round(row[3]);
  return sorted ? list.sort((a, b) => key(a) - key(b)) : list;
}

function worst(a: Row[], b: Row[], from: number, to: number): number {
  const differences = a.flatMap((row, i) => row.slice(from, to).map((v, k) => Math.abs(v - b[i]![from + k]!)));
  return Math.max(0, ...differences);
}
