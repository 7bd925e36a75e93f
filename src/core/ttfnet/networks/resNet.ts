// ResNet with basic blocks (He et al. 2016, table 1: 18 and 34 layers), parameters named as torchvision names them.
import type { Value } from '../../onnx/graph.ts';
import { add, relu } from '../../onnx/ops/math.ts';
import { maxPool } from '../../onnx/ops/spatial.ts';
import { convNorm } from '../../nn/norm.ts';
import type { Layers } from '../../nn/layers.ts';
import type { Backbone } from './backbone.ts';

/** Size of a ResNet. */
export interface ResNetOptions {
  /** Blocks per stage. */
  blocks: readonly number[];
  /** Channels per stage; default 64, 128, 256, 512. The stem has the first stage's. */
  widths?: readonly number[];
}

function basicBlock(layers: Layers, name: string, x: Value, width: number, stride: 1 | 2): Value {
  const names = (i: 1 | 2) => ({ conv: `${name}.conv${i}`, norm: `${name}.bn${i}` });
  const first = relu(convNorm(layers, names(1), x, width, 3, { stride, pad: 1 }));
  const scaleInit = layers.options.zeroInitResidual ? 0 : 1;
  const second = convNorm(layers, names(2), first, width, 3, { pad: 1, scaleInit });
  if (stride === 1 && x.shape[1] === width) return relu(add(second, x));
  const shortcut = { conv: `${name}.downsample.0`, norm: `${name}.downsample.1` };
  return relu(add(second, convNorm(layers, shortcut, x, width, 1, { stride })));
}

/** A ResNet whose stages give maps at strides 4, 8, 16, 32. A frozen stage's norms use their running statistics. */
export function resNet({ blocks, widths = [64, 128, 256, 512] }: ResNetOptions): Backbone {
  return {
    stages: [['backbone.conv1.', 'backbone.bn1.'], ...blocks.map((_, i) => [`backbone.layer${i + 1}.`])],
    stride: 2 ** (blocks.length + 1),
    build(layers, image) {
      const stem = { conv: 'backbone.conv1', norm: 'backbone.bn1' };
      let x = maxPool(relu(convNorm(layers, stem, image, widths[0]!, 7, { stride: 2, pad: 3 })), 3, {
        stride: 2,
        pad: 1,
      });
      return blocks.map((count, stage) => {
        for (let i = 0; i < count; i++) {
          const name = `backbone.layer${stage + 1}.${i}`;
          x = basicBlock(layers, name, x, widths[stage]!, stage > 0 && i === 0 ? 2 : 1);
        }
        return x;
      });
    },
  };
}
