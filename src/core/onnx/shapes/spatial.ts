// Shape rules of convolutions, pooling and resampling (NCHW), and of the gradient composites built on them.
import { formatShape, type TensorType } from '../tensorType.ts';
import {
  constantNumbers,
  intAttribute,
  intsAttribute,
  need,
  ranked,
  tensor,
  type AttributeKind,
  type OpSpec,
  type RuleContext,
} from './spec.ts';

/** Geometry of a 2-D window: kernel, strides, dilations `[h, w]`, pads `[top, left, bottom, right]`. */
export interface Window {
  kernel: readonly [number, number];
  strides: readonly [number, number];
  dilations: readonly [number, number];
  pads: readonly [number, number, number, number];
}

/** Reads a window from a node's attributes, with ONNX's defaults. */
export function windowOf(context: Pick<RuleContext, 'attributes'>): Window {
  const list = (name: string, fallback: readonly number[]): number[] => [
    ...intsAttribute({ inputs: [], ...context }, name, fallback),
  ];
  const [kernel, strides, dilations, pads] = [
    list('kernel_shape', [1, 1]),
    list('strides', [1, 1]),
    list('dilations', [1, 1]),
    list('pads', [0, 0, 0, 0]),
  ];
  need(
    kernel.length === 2 && strides.length === 2 && dilations.length === 2 && pads.length === 4,
    'window attributes must be 2-D',
  );
  return { kernel, strides, dilations, pads } as unknown as Window;
}

/** Output height and width of a window that slides over `height` x `width`. @throws graph-invalid when nothing is left */
export function slide(height: number, width: number, w: Window): [number, number] {
  const along = (length: number, i: 0 | 1): number =>
    Math.floor((length + w.pads[i] + w.pads[i === 0 ? 2 : 3] - w.dilations[i] * (w.kernel[i] - 1) - 1) / w.strides[i]) +
    1;
  const out: [number, number] = [along(height, 0), along(width, 1)];
  need(out[0] > 0 && out[1] > 0, `the window ${w.kernel.join('x')} is larger than the padded ${height}x${width} map`);
  return out;
}

const windowAttributes: Record<string, AttributeKind> = {
  kernel_shape: 'ints',
  strides: 'ints',
  dilations: 'ints',
  pads: 'ints',
};

function inferConv(context: RuleContext): TensorType[] {
  const [x, w] = [ranked(context, 0, 4), ranked(context, 1, 4)];
  const group = intAttribute(context, 'group', 1);
  const window = windowOf(context);
  need(
    w.shape[2] === window.kernel[0] && w.shape[3] === window.kernel[1],
    `kernel_shape ${window.kernel.join('x')} isn't the weight's`,
  );
  need(
    x.shape[1] === w.shape[1]! * group,
    `weight ${formatShape(w.shape)} with ${group} groups doesn't fit ${x.shape[1]!} input channels`,
  );
  need(w.shape[0]! % group === 0, `${w.shape[0]!} output channels don't divide into ${group} groups`);
  const bias = context.inputs[2];
  need(
    !bias || (bias.shape.length === 1 && bias.shape[0] === w.shape[0]),
    'the bias must have one element per output channel',
  );
  return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[0]!, ...slide(x.shape[2]!, x.shape[3]!, window)] }];
}

const conv: OpSpec = { attributes: { ...windowAttributes, group: 'int' }, infer: inferConv };

const convTranspose: OpSpec = {
  attributes: { ...windowAttributes, group: 'int', output_padding: 'ints' },
  infer(context) {
    const [x, w] = [ranked(context, 0, 4), ranked(context, 1, 4)];
    const { kernel, strides, dilations, pads } = windowOf(context);
    const extra = intsAttribute(context, 'output_padding', [0, 0]);
    need(x.shape[1] === w.shape[0], `weight ${formatShape(w.shape)} doesn't fit ${x.shape[1]!} input channels`);
    const along = (i: 0 | 1): number =>
      strides[i] * (x.shape[2 + i]! - 1) +
      extra[i]! +
      dilations[i] * (kernel[i] - 1) +
      1 -
      pads[i] -
      pads[i === 0 ? 2 : 3];
    return [
      { dtype: x.dtype, shape: [x.shape[0]!, w.shape[1]! * intAttribute(context, 'group', 1), along(0), along(1)] },
    ];
  },
};

/** `storage_order` says how the second output, places in the flat input, counts; only nodes that have it have that output. */
const maxPool: OpSpec = {
  attributes: { ...windowAttributes, storage_order: 'int' },
  infer(context) {
    const x = ranked(context, 0, 4);
    const shape = [x.shape[0]!, x.shape[1]!, ...slide(x.shape[2]!, x.shape[3]!, windowOf(context))];
    const y = { dtype: x.dtype, shape };
    return 'storage_order' in context.attributes ? [y, { dtype: 'int64', shape }] : [y];
  },
};

const globalAveragePool: OpSpec = {
  attributes: {},
  infer(context) {
    const x = ranked(context, 0, 4);
    return [{ dtype: x.dtype, shape: [x.shape[0]!, x.shape[1]!, 1, 1] }];
  },
};

const resize: OpSpec = {
  attributes: { mode: 'string', coordinate_transformation_mode: 'string', nearest_mode: 'string' },
  infer(context) {
    const x = tensor(context, 0);
    const scales = constantNumbers(context, 2);
    need(scales.length === x.shape.length, `${scales.length} scales for a tensor of rank ${x.shape.length}`);
    return [{ dtype: x.dtype, shape: x.shape.map((dim, i) => Math.floor(dim * scales[i]!)) }];
  },
};

const deformConv: OpSpec = {
  attributes: { ...windowAttributes, group: 'int', offset_group: 'int' },
  infer(context) {
    const [x, w, offset] = [ranked(context, 0, 4), ranked(context, 1, 4), ranked(context, 2, 4)];
    const window = windowOf(context);
    const [height, width] = slide(x.shape[2]!, x.shape[3]!, window);
    const taps = window.kernel[0] * window.kernel[1] * intAttribute(context, 'offset_group', 1);
    need(
      offset.shape[1] === 2 * taps && offset.shape[2] === height && offset.shape[3] === width,
      `offset must be [N, ${2 * taps}, ${height}, ${width}]`,
    );
    const mask = context.inputs[4];
    need(!mask || mask.shape[1] === taps, `mask must have ${taps} channels`);
    return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[0]!, height, width] }];
  },
};

/** Gradient of Conv towards its input: (dy, w) -> dx of `input_shape`. */
const convInputGradient: OpSpec = {
  attributes: { ...windowAttributes, group: 'int', input_shape: 'ints' },
  infer: (context) => [{ dtype: ranked(context, 0, 4).dtype, shape: intsAttribute(context, 'input_shape', []) }],
};

/** Gradient of Conv towards its weight: (x, dy) -> dw [O, I / group, kh, kw]. */
const convWeightGradient: OpSpec = {
  attributes: { ...windowAttributes, group: 'int' },
  infer(context) {
    const [x, dy] = [ranked(context, 0, 4), ranked(context, 1, 4)];
    const { kernel } = windowOf(context);
    return [{ dtype: x.dtype, shape: [dy.shape[1]!, x.shape[1]! / intAttribute(context, 'group', 1), ...kernel] }];
  },
};

/** Gradient of MaxPool: (x, y, dy) -> dx. */
const maxPoolGradient: OpSpec = {
  attributes: windowAttributes,
  infer: (context) => [{ dtype: ranked(context, 0, 4).dtype, shape: ranked(context, 0, 4).shape }],
};

/** Gradient of a bilinear Resize by two: dy -> dx of half the height and width. */
const upsample2xGradient: OpSpec = {
  attributes: { coordinate_transformation_mode: 'string' },
  infer(context) {
    const { dtype, shape } = ranked(context, 0, 4);
    return [{ dtype, shape: shape.map((d, i) => (i < 2 ? d : d / 2)) }];
  },
};

/** Rows of the spatial operators, keyed by ONNX name, and of this project's composites. */
export const spatialOps: { standard: Record<string, OpSpec>; composite: Record<string, OpSpec> } = {
  standard: {
    Conv: conv,
    ConvTranspose: convTranspose,
    MaxPool: maxPool,
    GlobalAveragePool: globalAveragePool,
    Resize: resize,
    DeformConv: deformConv,
  },
  composite: {
    ConvInputGradient: convInputGradient,
    ConvWeightGradient: convWeightGradient,
    MaxPoolGradient: maxPoolGradient,
    Upsample2xGradient: upsample2xGradient,
  },
};
