// The paper's networks: a backbone, the deformable upsampling neck with shortcuts, two heads (paper section 4.1; official ttf_head.py).
import type { Value } from '../../onnx/graph.ts';
import { add, mul, relu } from '../../onnx/ops/math.ts';
import { upsample2x } from '../../onnx/ops/spatial.ts';
import { deformNorm } from '../../nn/norm.ts';
import type { Layers } from '../../nn/layers.ts';
import { heOutStd } from '../../nn/parameters.ts';
import type { Backbone } from './backbone.ts';
import type { HeadOutputs, Network, Preprocessing } from './network.ts';

/** Neck and heads of a TTFNet. */
export interface TtfHead {
  /** Channels after each upsampling. */
  planes: readonly number[];
  /** Convolutions between the backbone's map and each upsampled one, 0 to 3; 0 leaves the shortcut out. */
  shortcuts: readonly number[];
  /** 3x3 convolutions and their channels in the heatmap head. */
  heatmapLayers: number;
  heatmapWidth: number;
  /** 3x3 convolutions and their channels in the size head. */
  sizeLayers: number;
  sizeWidth: number;
  /** Four distances per class instead of four for all. */
  perClass: boolean;
}

/** Input pixels per unit of the size head's output (`wh_offset_base`). */
const sizeUnit = 16;

/** ImageNet's mean and deviation, RGB. */
export const imageNetPixels: Preprocessing = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };

const normal = (std: number) => ({ kind: 'normal', std }) as const;

/** `count` 3x3 convolutions of a backbone map; all but the last with a ReLU. */
function shortcut(layers: Layers, name: string, feature: Value, outputs: number, count: number): Value {
  let x = feature;
  for (let i = 0; i < count; i++) {
    const weightInit = normal(heOutStd(outputs, 3));
    x = layers.conv(`${name}.layers.${2 * i}`, x, outputs, 3, { pad: 1, weightInit });
    if (i < count - 1) x = relu(x);
  }
  return x;
}

interface Branch {
  layers: number;
  width: number;
  outputs: number;
  std: number;
  bias: number;
}

/** `branch.layers` 3x3 convolutions with ReLUs, then a 1x1 one. */
function head(layers: Layers, name: string, feature: Value, branch: Branch): Value {
  const weightInit = normal(branch.std);
  let x = feature;
  for (let i = 0; i < branch.layers; i++)
    x = relu(layers.conv(`${name}.${i}.conv`, x, branch.width, 3, { pad: 1, weightInit }));
  return layers.conv(`${name}.${branch.layers}`, x, branch.outputs, 1, { weightInit, biasInit: branch.bias });
}

/**
 * The neck: the deepest map brought up by two as often as `h.planes` has entries, each time through a deformable convolution (paper
 * section 4.1), and the shortcut of the backbone's map of that size added.
 * @param features the backbone's maps, largest first
 * @returns the map after each upsampling with its shortcut, [N, h.planes[i], H', W'], smallest first; the heads read the last
 */
export function upsampled(layers: Layers, features: readonly Value[], h: TtfHead): Value[] {
  let x = features.at(-1)!;
  return h.planes.map((width, i) => {
    const name = `bbox_head.deconv_layers.${i}`;
    const up = relu(deformNorm(layers, { conv: `${name}.0`, norm: `${name}.1` }, x, width));
    x = upsample2x(up, 'align_corners');
    const [feature, count] = [features.at(-2 - i), h.shortcuts[i] ?? 0];
    if (feature && count > 0) x = add(x, shortcut(layers, `bbox_head.shortcut_layers.${i}`, feature, width, count));
    return x;
  });
}

function build(layers: Layers, features: readonly Value[], h: TtfHead, classes: number): HeadOutputs {
  const x = upsampled(layers, features, h).at(-1)!;
  const size = { layers: h.sizeLayers, width: h.sizeWidth, outputs: h.perClass ? 4 * classes : 4, std: 0.001, bias: 0 };
  const heat = { layers: h.heatmapLayers, width: h.heatmapWidth, outputs: classes, std: 0.01, bias: -Math.log(99) };
  return {
    heatmapLogits: head(layers, 'bbox_head.hm', x, heat),
    distances: mul(relu(head(layers, 'bbox_head.wh', x, size)), sizeUnit),
  };
}

/** A network from a backbone and the sizes of neck and heads. */
export function ttfNet(about: {
  name: string;
  description: string;
  backbone: Backbone;
  head: TtfHead;
  preprocessing?: Preprocessing;
}): Network {
  const { name, description, backbone, head: h, preprocessing = imageNetPixels } = about;
  const last = (branch: string, count: number): string => `bbox_head.${branch}.${count}.`;
  return {
    name,
    description,
    preprocessing,
    sizeMultiple: backbone.stride,
    stages: backbone.stages,
    classHead: [last('hm', h.heatmapLayers), ...(h.perClass ? [last('wh', h.sizeLayers)] : [])],
    build: (layers, image, classes) => build(layers, backbone.build(layers, image), h, classes),
  };
}
