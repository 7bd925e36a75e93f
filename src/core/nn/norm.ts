// Convolutions with a batch norm behind them: with the batch's statistics in training, folded into the weights elsewhere.
import type { Value } from '../onnx/graph.ts';
import { batchNorm, deformConv, modulatedDeformConv } from '../onnx/ops/layers.ts';
import { add, mul, neg, sigmoid, sub } from '../onnx/ops/math.ts';
import { conv, type ConvOptions } from '../onnx/ops/spatial.ts';
import { split } from '../onnx/ops/structure.ts';
import type { Layers } from './layers.ts';
import { heOutStd, type Initializer, type Parameter } from './parameters.ts';

/** Added to the variance, as torch.nn.BatchNorm2d. */
const epsilon = 1e-5;

/** How much of a batch's statistics the running ones take over, as torch.nn.BatchNorm2d. */
export const normMomentum = 0.1;

/** Options of {@link convNorm} beside its geometry. */
export interface NormOptions extends ConvOptions {
  /** Start value of the norm's scale; default 1. */
  scaleInit?: number;
  /** A frozen norm still uses and updates batch statistics, as the official DarkNet's; default false: it uses its running ones. */
  keepsStatistics?: boolean;
}

interface Norm {
  name: string;
  scale: Parameter;
  shift: Parameter;
  mean: Parameter;
  variance: Parameter;
  /** Whether it normalises with its running statistics. */
  fixed: boolean;
}

function normOf(layers: Layers, name: string, channels: number, options: NormOptions): Norm {
  const { frozenNorms } = layers.options;
  const get = (part: string, value: number, fixed: boolean): Parameter =>
    layers.parameters.get(`${name}.${part}`, [channels], { kind: 'constant', value }, fixed);
  const scale = get('weight', options.scaleInit ?? 1, frozenNorms);
  const shift = get('bias', 0, frozenNorms);
  const fixed = !layers.training || frozenNorms || (!scale.trainable && !options.keepsStatistics);
  return { name, scale, shift, mean: get('running_mean', 0, true), variance: get('running_var', 1, true), fixed };
}

/** The line per channel that a norm with fixed statistics is. */
function lineOf({ scale, shift, mean, variance }: Norm): { factor: Float32Array; offset: Float32Array } {
  const factor = scale.data.map((s, c) => s / Math.sqrt(variance.data[c]! + epsilon));
  return { factor, offset: shift.data.map((b, c) => b - mean.data[c]! * factor[c]!) };
}

/** x normalised. [N, C, H, W] -> the same */
function normalise(layers: Layers, norm: Norm, x: Value): Value {
  const { graph } = layers;
  if (norm.fixed) {
    const { factor, offset } = lineOf(norm);
    const channels = (data: Float32Array): Value => graph.constant('float32', data, [1, data.length, 1, 1]);
    return add(mul(x, channels(factor)), channels(offset));
  }
  const value = ({ name, shape }: Parameter): Value => layers.param(name, shape, { kind: 'constant', value: 0 });
  const { y, mean, variance } = batchNorm(x, value(norm.scale), value(norm.shift), epsilon);
  layers.statistics.push({ name: norm.name, mean, variance, count: x.shape[0]! * x.shape[2]! * x.shape[3]! });
  return y;
}

/**
 * What a convolution in front of the norm subtracts: the running mean, fed anew each step. The norm takes any constant out again; near zero
 * it loses no digits, neither in the squares' sum nor where an activation has its kink, and it costs nothing. Null for fixed statistics.
 */
const centreOf = (layers: Layers, { fixed, mean }: Norm): Value | null =>
  fixed ? null : layers.graph.input(mean.name, 'float32', mean.shape);

/** Weight and bias of a convolution with the fixed norm behind it inside. */
function folded(layers: Layers, norm: Norm, weight: Parameter, bias: Parameter | null): { weight: Value; bias: Value } {
  const { factor, offset } = lineOf(norm);
  const each = weight.data.length / factor.length;
  const scaled = weight.data.map((w, i) => w * factor[Math.floor(i / each)]!);
  const moved = offset.map((o, c) => o + (bias ? bias.data[c]! * factor[c]! : 0));
  return {
    weight: layers.graph.constant('float32', scaled, weight.shape, `${weight.name}.folded`),
    bias: layers.graph.constant('float32', moved, [moved.length], `${norm.name}.folded`),
  };
}

/**
 * Convolution `names.conv`.weight without bias, then batch norm `names.norm`.
 * x [N, I, H, W] -> [N, outputs, H', W']
 */
export function convNorm(
  layers: Layers,
  names: { conv: string; norm: string },
  x: Value,
  outputs: number,
  kernel: number,
  options: NormOptions = {},
): Value {
  return layers.graph.scoped(names.conv, () => {
    const init: Initializer = { kind: 'normal', std: heOutStd(outputs, kernel) };
    const weight = layers.parameters.get(`${names.conv}.weight`, [outputs, x.shape[1]!, kernel, kernel], init);
    const norm = normOf(layers, names.norm, outputs, options);
    if (norm.fixed && !(layers.training && weight.trainable)) {
      const inside = folded(layers, norm, weight, null);
      return conv(x, inside.weight, inside.bias, options);
    }
    const centre = centreOf(layers, norm);
    const value = layers.param(weight.name, weight.shape, init);
    return normalise(layers, norm, conv(x, value, centre && neg(centre), options));
  });
}

/** Offsets and mask of a 3x3 deformable convolution: 27 channels, 18 offsets and 9 mask logits. They start at 0 and 0.5. */
function sampling(layers: Layers, name: string, x: Value): { offset: Value; mask: Value } {
  const zero: Initializer = { kind: 'constant', value: 0 };
  const raw = layers.conv(`${name}.conv_offset_mask`, x, 27, 3, { pad: 1, weightInit: zero });
  const [offset, logits] = split(raw, [18, 9], 1) as [Value, Value];
  return { offset, mask: sigmoid(logits) };
}

/**
 * Modulated deformable 3x3 convolution `names.conv` (DCNv2, one offset group), then batch norm `names.norm`.
 * x [N, I, H, W] -> [N, outputs, H, W]
 */
export function deformNorm(layers: Layers, names: { conv: string; norm: string }, x: Value, outputs: number): Value {
  return layers.graph.scoped(names.conv, () => {
    const shape = [outputs, x.shape[1]!, 3, 3];
    const init: Initializer = { kind: 'uniform', bound: 1 / Math.sqrt(9 * x.shape[1]!) };
    const none: Initializer = { kind: 'constant', value: 0 };
    const weight = layers.parameters.get(`${names.conv}.weight`, shape, init);
    const bias = layers.parameters.get(`${names.conv}.bias`, [outputs], none);
    const samples = sampling(layers, names.conv, x);
    const norm = normOf(layers, names.norm, outputs, {});
    const composed = layers.training || layers.options.deform === 'composition';
    const build = composed ? modulatedDeformConv : deformConv;
    if (norm.fixed && !(layers.training && weight.trainable))
      return build({ x, ...samples, ...folded(layers, norm, weight, bias) }, { pad: 1 });
    const [centre, own] = [centreOf(layers, norm), layers.param(bias.name, [outputs], none)];
    const values = { weight: layers.param(weight.name, shape, init), bias: centre ? sub(own, centre) : own };
    return normalise(layers, norm, build({ x, ...samples, ...values }, { pad: 1 }));
  });
}
