// Shape rules of this project's composites that stand for layers in training: batch norm and modulated deformable convolution.
import { slide, windowOf } from './spatial.ts';
import { need, ranked, tensor, type AttributeKind, type OpSpec } from './spec.ts';

/** Batch norm over images and pixels: (x, scale, shift) -> y, mean [C], biased variance [C]. */
const batchNorm: OpSpec = {
  attributes: { epsilon: 'float' },
  infer(context) {
    const [x, scale, shift] = [ranked(context, 0, 4), ranked(context, 1, 1), ranked(context, 2, 1)];
    const channels = x.shape[1]!;
    need(scale.shape[0] === channels && shift.shape[0] === channels, `scale and shift must have ${channels} elements`);
    const vector = { dtype: x.dtype, shape: [channels] };
    return [{ dtype: x.dtype, shape: x.shape }, vector, vector];
  },
};

/** Gradient of batch norm: (x, dy, scale, mean, variance) -> dx, dscale, dshift. */
const batchNormGradient: OpSpec = {
  attributes: { epsilon: 'float' },
  infer(context) {
    const [x, scale] = [ranked(context, 0, 4), ranked(context, 2, 1)];
    const vector = { dtype: x.dtype, shape: scale.shape };
    return [{ dtype: x.dtype, shape: x.shape }, vector, vector];
  },
};

const windowKinds: Record<string, AttributeKind> = {
  kernel_shape: 'ints',
  strides: 'ints',
  dilations: 'ints',
  pads: 'ints',
};

/** Modulated deformable convolution, one offset group: (x, offset, mask, weight, bias or none) -> y. */
const modulatedDeformConv: OpSpec = {
  attributes: windowKinds,
  infer(context) {
    const [x, offset, mask, weight] = [0, 1, 2, 3].map((i) => ranked(context, i, 4)) as [
      ReturnType<typeof ranked>,
      ReturnType<typeof ranked>,
      ReturnType<typeof ranked>,
      ReturnType<typeof ranked>,
    ];
    const window = windowOf(context);
    const taps = window.kernel[0] * window.kernel[1];
    const [height, width] = slide(x.shape[2]!, x.shape[3]!, window);
    const rest = `${height}, ${width}]`;
    need(offset.shape.slice(1).join() === [2 * taps, height, width].join(), `offset must be [N, ${2 * taps}, ${rest}`);
    need(mask.shape.slice(1).join() === [taps, height, width].join(), `mask must be [N, ${taps}, ${rest}`);
    need(weight.shape[1] === x.shape[1], `the weight must have ${x.shape[1]!} input channels`);
    return [{ dtype: x.dtype, shape: [x.shape[0]!, weight.shape[0]!, height, width] }];
  },
};

/** Gradient of modulated deformable convolution: (x, offset, mask, weight, dy) -> dx, doffset, dmask, dweight. */
const modulatedDeformConvGradient: OpSpec = {
  attributes: windowKinds,
  infer: (context) => [0, 1, 2, 3].map((i) => ({ dtype: tensor(context, i).dtype, shape: tensor(context, i).shape })),
};

/** Terms of the focal loss: (logits, target) -> sums [N, C, 1, 1], positives [N, C, 1, 1], slope. */
const focalTerms: OpSpec = {
  attributes: {},
  infer(context) {
    const [logits, target] = [ranked(context, 0, 4), ranked(context, 1, 4)];
    need(logits.shape.join() === target.shape.join(), 'logits and target must have one shape');
    const sums = { dtype: logits.dtype, shape: [...logits.shape.slice(0, 2), 1, 1] };
    return [sums, sums, { dtype: logits.dtype, shape: logits.shape }];
  },
};

/** Rows of the layer composites, keyed by name. */
export const layerComposites: Record<string, OpSpec> = {
  BatchNorm: batchNorm,
  FocalTerms: focalTerms,
  BatchNormGradient: batchNormGradient,
  ModulatedDeformConv: modulatedDeformConv,
  ModulatedDeformConvGradient: modulatedDeformConvGradient,
};
