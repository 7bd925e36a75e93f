// Typed constructors of layers that are more than one operator: batch norm, deformable convolution, the focal loss.
import type { Value } from '../graph.ts';
import { compositeDomain } from '../opTable.ts';
import type { Attributes } from '../shapes/spec.ts';
import { windowAttributes, type ConvOptions } from './spatial.ts';

/** What batch norm gives: the normalised map and the batch's own statistics. */
export interface BatchNormOutputs {
  /** [N, C, H, W] */
  y: Value;
  /** [C] */
  mean: Value;
  /** [C]; divided by the number of elements, not by one less. */
  variance: Value;
}

/** y = (x - mean) / sqrt(variance + epsilon) * scale + shift, with the batch's own statistics per channel. A composite. */
export function batchNorm(x: Value, scale: Value, shift: Value, epsilon: number): BatchNormOutputs {
  const [y, mean, variance] = x.graph.add('BatchNorm', [x, scale, shift], { epsilon }, compositeDomain) as [
    Value,
    Value,
    Value,
  ];
  return { y, mean, variance };
}

/** Inputs of a modulated deformable convolution with one offset group. */
export interface DeformInputs {
  /** [N, I, H, W] */
  x: Value;
  /** [N, 2 taps, H', W']: dy of tap 0, dx of tap 0, dy of tap 1, ... in input pixels. */
  offset: Value;
  /** [N, taps, H', W'] */
  mask: Value;
  /** [O, I, kh, kw] */
  weight: Value;
  /** [O] */
  bias: Value | null;
}

const windowOfWeight = ({ weight }: DeformInputs, options: ConvOptions): Attributes =>
  windowAttributes([weight.shape[2]!, weight.shape[3]!], options);

/** Modulated deformable convolution as a composite: has a gradient, and each lowering has its own composition. -> [N, O, H', W'] */
export const modulatedDeformConv = (inputs: DeformInputs, options: ConvOptions): Value =>
  inputs.x.graph.add(
    'ModulatedDeformConv',
    [inputs.x, inputs.offset, inputs.mask, inputs.weight, inputs.bias],
    windowOfWeight(inputs, options),
    compositeDomain,
  )[0]!;

/** The same as ONNX's own operator, for inference on providers that have it. `offsetGroups`: groups of input channels with offsets of their own. */
export const deformConv = (inputs: DeformInputs, options: ConvOptions, offsetGroups = 1): Value =>
  inputs.x.graph.add('DeformConv', [inputs.x, inputs.weight, inputs.offset, inputs.bias, inputs.mask], {
    ...windowOfWeight(inputs, options),
    group: 1,
    offset_group: offsetGroups,
  })[0]!;

/** Gradients of {@link batchNorm}: [dx, dscale, dshift]. */
export const batchNormGradient = (inputs: readonly Value[], epsilon: number): Value[] =>
  inputs[0]!.graph.add('BatchNormGradient', inputs, { epsilon }, compositeDomain);

/** Gradients of {@link modulatedDeformConv}: [dx, doffset, dmask, dweight]. No offset gradient where a sample lies exactly on -1. */
export const modulatedDeformConvGradient = (inputs: readonly Value[], attributes: Attributes): Value[] =>
  inputs[0]!.graph.add('ModulatedDeformConvGradient', inputs, attributes, compositeDomain);

/**
 * Terms of the focal loss (see loss.ts) as a composite: log(p) (1 - p)² where the target is 1, else log(1 - p) p² (1 - target)⁴.
 * @param logits [N, C, h, w]
 * @param target as logits
 * @returns sums of the terms and counts of positives, both [N, C, 1, 1]
 */
export function focalTerms(logits: Value, target: Value): { sums: Value; positives: Value } {
  const [sums, positives] = logits.graph.add('FocalTerms', [logits, target], {}, compositeDomain) as [Value, Value];
  return { sums, positives };
}
