// MobileNetV3-Large 0.75 with stride-4 TTF heads: the network of the COCO base weights (batch norm folded into the convolutions).
// Backbone: Howard et al. 2019, table 1. Neck and heads: as in the public graph (610265158/mobilenetv3_centernet).
import type { Value } from '../../onnx/graph.ts';
import { add, hardSigmoid, mul, relu, sigmoid } from '../../onnx/ops/math.ts';
import { upsample2x } from '../../onnx/ops/spatial.ts';
import { concat } from '../../onnx/ops/structure.ts';
import { hardSwish, type Layers } from '../../nn/layers.ts';
import type { HeadOutputs, Network } from './network.ts';

interface Block {
  expand: number;
  kernel: 3 | 5;
  stride: 1 | 2;
  squeeze: number | null;
  output: number;
  activation: (x: Value) => Value;
}

const block = (
  expand: number,
  kernel: 3 | 5,
  stride: 1 | 2,
  squeeze: number | null,
  output: number,
  activation: Block['activation'],
): Block => ({
  expand,
  kernel,
  stride,
  squeeze,
  output,
  activation,
});

/** The inverted residual blocks; the first has no expansion. */
const blocks: readonly Block[] = [
  block(16, 3, 1, null, 16, relu),
  block(64, 3, 2, null, 24, relu),
  block(72, 3, 1, null, 24, relu),
  block(72, 5, 2, 24, 32, relu),
  block(96, 5, 1, 24, 32, relu),
  block(96, 5, 1, 24, 32, relu),
  block(192, 3, 2, null, 64, hardSwish),
  block(160, 3, 1, null, 64, hardSwish),
  block(144, 3, 1, null, 64, hardSwish),
  block(144, 3, 1, null, 64, hardSwish),
  block(384, 3, 1, 96, 88, hardSwish),
  block(528, 3, 1, 136, 88, hardSwish),
  block(528, 5, 2, 136, 120, hardSwish),
  block(720, 5, 1, 184, 120, hardSwish),
  block(720, 5, 1, 184, 120, hardSwish),
];

/** Blocks whose expanded map, or output, feeds the neck: strides 4, 8 (before the depthwise convolution) and 16. */
const taps = { c2: 3, c3: 5, c4: 11 } as const;

/** 6 times 1/6 as float16 has it: what the base file's hard swishes and gates are scaled by. */
export const roundedSixth = 6 * 0.1666259765625;

/** TensorFlow's SAME padding of an even-sized map. */
function samePad(kernel: number, stride: number): readonly [number, number, number, number] {
  const total = Math.max(kernel - stride, 0);
  const before = Math.floor(total / 2);
  return [before, before, total - before, total - before];
}

interface BlockOutputs {
  expanded: Value;
  output: Value;
}

function invertedResidual(layers: Layers, name: string, x: Value, b: Block): BlockOutputs {
  const expanded = b.expand === x.shape[1] ? x : b.activation(layers.conv(`${name}.expand`, x, b.expand, 1));
  const spread = b.activation(
    layers.depthwise(`${name}.depthwise`, expanded, b.kernel, { stride: b.stride, pad: samePad(b.kernel, b.stride) }),
  );
  const gate = (g: Value): Value => hardSigmoid(g, 1 / 6, 0.5);
  const scaled = b.squeeze ? layers.squeezeExcite(`${name}.squeeze_excite`, spread, b.squeeze, gate) : spread;
  const projected = layers.conv(`${name}.project`, scaled, b.output, 1);
  return { expanded, output: b.stride === 1 && b.output === x.shape[1] ? add(projected, x) : projected };
}

/** Depthwise then pointwise, nothing between. */
function separable(
  layers: Layers,
  name: string,
  x: Value,
  kernel: number,
  outputs: number,
  bias?: { biasInit: number; std: number },
): Value {
  const spread = layers.depthwise(`${name}.depthwise`, x, kernel, { pad: (kernel - 1) / 2, bias: false });
  const weightInit = bias && ({ kind: 'normal', std: bias.std } as const);
  return layers.conv(`${name}.pointwise`, spread, outputs, 1, bias ? { biasInit: bias.biasInit, weightInit } : {});
}

const upsample = (layers: Layers, name: string, x: Value, outputs: number): Value =>
  upsample2x(
    add(separable(layers, `${name}.branch_x`, x, 3, outputs), separable(layers, `${name}.branch_y`, x, 5, outputs)),
    'asymmetric',
  );

const lateral = (layers: Layers, name: string, x: Value, hidden: number, outputs: number): Value =>
  separable(layers, name, relu(layers.conv(`${name}.reduce`, x, hidden, 1)), 5, outputs);

function build(layers: Layers, image: Value, classes: number): HeadOutputs {
  let x = mul(hardSwish(layers.conv('backbone.stem', image, 16, 3, { stride: 2, pad: samePad(3, 2) })), roundedSixth);
  const outputs = blocks.map((b, i) => {
    const result = invertedResidual(layers, `backbone.blocks.${i}`, x, b);
    x = result.output;
    return result;
  });
  const c5 = hardSwish(layers.conv('backbone.last', x, 480, 1));
  const join = (side: Value, below: Value): Value => relu(concat([side, below], 1));
  const p4 = join(lateral(layers, 'neck.c4', outputs[taps.c4]!.output, 22, 128), upsample(layers, 'neck.up5', c5, 128));
  const p3 = join(lateral(layers, 'neck.c3', outputs[taps.c3]!.expanded, 24, 96), upsample(layers, 'neck.up4', p4, 96));
  const p2 = join(lateral(layers, 'neck.c2', outputs[taps.c2]!.expanded, 18, 64), upsample(layers, 'neck.up3', p3, 64));
  const feature = layers.squeezeExcite('neck.squeeze_excite', p2, 32, sigmoid, false);
  return {
    heatmapLogits: separable(layers, 'head.hm', feature, 3, classes, { biasInit: -Math.log(99), std: 0.01 }),
    // Fresh, it says 32 pixels on every side: from 0 half of the boxes would begin inside out.
    distances: mul(separable(layers, 'head.wh', feature, 3, 4, { biasInit: 2, std: 0.001 }), 16),
  };
}

/** The network of the COCO base weights; its distances have no ReLU. */
export const mobileNetV3: Network = {
  name: 'mobilenetv3-0.75',
  description: 'MobileNetV3-Large 0.75 with TTF heads: small and quick, on any processor',
  preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
  sizeMultiple: 32,
  stages: [
    ['backbone.stem.', 'backbone.blocks.0.'],
    ['backbone.blocks.1.', 'backbone.blocks.2.'],
    ['backbone.blocks.3.', 'backbone.blocks.4.', 'backbone.blocks.5.'],
    [6, 7, 8, 9, 10, 11].map((i) => `backbone.blocks.${i}.`),
    ['backbone.blocks.12.', 'backbone.blocks.13.', 'backbone.blocks.14.', 'backbone.last.'],
  ],
  classHead: ['head.hm.pointwise.'],
  build,
};
