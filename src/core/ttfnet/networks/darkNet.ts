// DarkNet-53 (Redmon and Farhadi 2018, table 1), parameters named as the official TTFNet code names them.
import type { Value } from '../../onnx/graph.ts';
import { add, leakyRelu } from '../../onnx/ops/math.ts';
import { convNorm } from '../../nn/norm.ts';
import type { Layers } from '../../nn/layers.ts';
import type { Backbone } from './backbone.ts';

/** Size of a DarkNet. */
export interface DarkNetOptions {
  /** Residual blocks per stage. */
  blocks: readonly number[];
  /** Channels of the stem and of every stage. */
  widths: readonly number[];
}

/** Convolution, norm, leaky ReLU. A frozen norm goes on using and updating batch statistics: the official code freezes weights only. */
function unit(layers: Layers, name: string, x: Value, outputs: number, kernel: 1 | 3, stride: 1 | 2 = 1): Value {
  const names = { conv: `${name}.conv`, norm: `${name}.bn` };
  const pad = (kernel - 1) / 2;
  return leakyRelu(convNorm(layers, names, x, outputs, kernel, { stride, pad, keepsStatistics: true }), 0.1);
}

/** A DarkNet whose stages from the second on give maps at strides 4, 8, 16, 32. */
export function darkNet({ blocks, widths }: DarkNetOptions): Backbone {
  return {
    stages: [['backbone.stem.'], ...blocks.map((_, i) => [`backbone.layer${i + 1}.`])],
    stride: 2 ** blocks.length,
    build(layers, image) {
      let x = unit(layers, 'backbone.stem', image, widths[0]!, 3);
      const outputs = blocks.map((count, stage) => {
        const [name, width] = [`backbone.layer${stage + 1}`, widths[stage + 1]!];
        x = unit(layers, `${name}.0`, x, width, 3, 2);
        for (let i = 1; i <= count; i++) {
          const narrow = unit(layers, `${name}.${i}.body.0`, x, width / 2, 1);
          x = add(x, unit(layers, `${name}.${i}.body.1`, narrow, width, 3));
        }
        return x;
      });
      return outputs.slice(1);
    },
  };
}
