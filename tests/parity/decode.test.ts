// Decoding against the official code's, every golden case.
import { expect, test } from 'vitest';
import { decode, type DecodedImage } from '../../src/core/ttfnet/decode.ts';
import { describeWithGolden, type GoldenTensor } from '../support/golden.ts';

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

describeWithGolden('decoding equals the official code', 'decode', (loaded) => {
  const cases = loaded as unknown as readonly Case[];
  test('all cases are there', () => expect(cases).toHaveLength(13));

  test.each(cases)('$name', ({ config, input, output, ties }) => {
    expect(config.nms_kernel).toBe(3);
    const [images, classes, height, width] = input.hm_logits.shape as [number, number, number, number];
    const maps = {
      images,
      classes,
      height,
      width,
      heatmapLogits: input.hm_logits.data as Float32Array,
      distances: input.pred_wh.data as Float32Array,
    };
    const found = decode(maps, {
      threshold: config.score_thr,
      limit: config.max_per_img,
      perClass: !config.wh_agnostic,
      pad: { height: config.pad_height, width: config.pad_width },
      scale: config.scale_factor ? [config.scale_factor[0], config.scale_factor[1]] : undefined,
    });
    expect(found).toHaveLength(output.length);
    output.forEach((expected, image) => {
      const [a, b] = [rows(found[image]!, ties), rows(expected, ties)];
      expect(a).toHaveLength(expected.count);
      expect(a.map((r) => r[0])).toEqual(b.map((r) => r[0]));
      expect(worst(a, b, 1, 2)).toBeLessThanOrEqual(1e-5);
      expect(worst(a, b, 2, 6)).toBeLessThanOrEqual(1e-3);
    });
  });
});

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
