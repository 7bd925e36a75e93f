// Typed constructors of convolutions, pooling and resampling. Layout NCHW.
import type { Value } from '../graph.ts';
import { compositeDomain } from '../opTable.ts';
import type { Attributes } from '../shapes/spec.ts';

/** Geometry of a convolution: one number for both directions, pads as [top, left, bottom, right] or one number for all sides. */
export interface ConvOptions {
  stride?: number;
  pad?: number | readonly [number, number, number, number];
  dilation?: number;
  group?: number;
}

/** ONNX attributes of a window of `kernel` [h, w]. */
export function windowAttributes(
  kernel: readonly [number, number],
  { stride = 1, pad = 0, dilation = 1 }: ConvOptions,
): Attributes {
  const pads = typeof pad === 'number' ? [pad, pad, pad, pad] : pad;
  return { kernel_shape: kernel, strides: [stride, stride], pads, dilations: [dilation, dilation] };
}

/**
 * 2-D convolution.
 * @param x [N, I, H, W]
 * @param weight [O, I / group, kh, kw]
 * @param bias [O] or null
 * @returns [N, O, H', W']
 */
export function conv(x: Value, weight: Value, bias: Value | null, options: ConvOptions = {}): Value {
  const kernel = [weight.shape[2]!, weight.shape[3]!] as const;
  return x.graph.add('Conv', [x, weight, bias], {
    ...windowAttributes(kernel, options),
    group: options.group ?? 1,
  })[0]!;
}

/** Maximum over a square window. [N, C, H, W] -> [N, C, H', W'] */
export const maxPool = (x: Value, kernel: number, options: ConvOptions): Value =>
  x.graph.add('MaxPool', [x], windowAttributes([kernel, kernel], options))[0]!;

/** Gradient of {@link maxPool}: of equal maxima the first in row order gets it. `attributes` are those of the MaxPool node. */
export const maxPoolGradient = (x: Value, y: Value, dy: Value, attributes: Attributes): Value =>
  x.graph.add('MaxPoolGradient', [x, y, dy], attributes, compositeDomain)[0]!;

/** Mean of every channel: [N, C, H, W] -> [N, C, 1, 1] */
export const globalAveragePool = (x: Value): Value => x.graph.add('GlobalAveragePool', [x])[0]!;

/** How source positions of a bilinear resize are found: `asymmetric` is TensorFlow's old way, `align_corners` TTFNet's. */
export type BilinearMode = 'asymmetric' | 'align_corners' | 'half_pixel';

/** Bilinear upsampling by two. [N, C, H, W] -> [N, C, 2 H, 2 W] */
export function upsample2x(x: Value, mode: BilinearMode): Value {
  const scales = x.graph.constant('float32', Float32Array.of(1, 1, 2, 2), [4]);
  return x.graph.add('Resize', [x, null, scales], { mode: 'linear', coordinate_transformation_mode: mode })[0]!;
}

/** Gradient of {@link conv} towards its input. `attributes` are those of the Conv node. */
export const convInputGradient = (
  dy: Value,
  weight: Value,
  inputShape: readonly number[],
  attributes: Attributes,
): Value =>
  dy.graph.add('ConvInputGradient', [dy, weight], { ...attributes, input_shape: inputShape }, compositeDomain)[0]!;

/** Gradient of {@link conv} towards its weight. `attributes` are those of the Conv node. */
export const convWeightGradient = (x: Value, dy: Value, attributes: Attributes): Value =>
  dy.graph.add('ConvWeightGradient', [x, dy], attributes, compositeDomain)[0]!;

/** Gradient of {@link upsample2x}. [N, C, 2 H, 2 W] -> [N, C, H, W] */
export const upsample2xGradient = (dy: Value, mode: BilinearMode): Value =>
  dy.graph.add('Upsample2xGradient', [dy], { coordinate_transformation_mode: mode }, compositeDomain)[0]!;
