// Shape rules of ONNX Runtime's blocked-layout operators (com.microsoft.nchwc). Values keep their logical [N, C, H, W] shape with C a
// multiple of the block; memory is [N][C / block][H][W][block].
import { intAttribute, intsAttribute, need, ranked, type OpSpec } from './spec.ts';
import { slide, spatialOps, windowOf } from './spatial.ts';

const reorderInput: OpSpec = {
  attributes: { channels_last: 'int' },
  infer(context) {
    const x = ranked(context, 0, 4);
    if (intAttribute(context, 'channels_last', 0) === 0) return [x];
    const [n, h, w, c] = x.shape as [number, number, number, number];
    return [{ dtype: x.dtype, shape: [n, c, h, w] }];
  },
};

const reorderOutput: OpSpec = {
  attributes: { channels: 'int', channels_last: 'int' },
  infer(context) {
    const x = ranked(context, 0, 4);
    const [n, padded, h, w] = x.shape as [number, number, number, number];
    const channels = intAttribute(context, 'channels', 0);
    need(channels > 0 && channels <= padded, `cannot take ${channels} of ${padded} channels`);
    return [
      { dtype: x.dtype, shape: intAttribute(context, 'channels_last', 0) ? [n, h, w, channels] : [n, channels, h, w] },
    ];
  },
};

const conv: OpSpec = {
  attributes: {
    kernel_shape: 'ints',
    strides: 'ints',
    dilations: 'ints',
    pads: 'ints',
    group: 'int',
    activation: 'string',
  },
  infer(context) {
    const [x, w] = [ranked(context, 0, 4), ranked(context, 1, 4)];
    const group = intAttribute(context, 'group', 1);
    need(
      x.shape[1] === w.shape[1]! * group,
      `weight of ${w.shape[1]!} channels in ${group} groups doesn't fit ${x.shape[1]!} input channels`,
    );
    const shape = [x.shape[0]!, w.shape[0]!, ...slide(x.shape[2]!, x.shape[3]!, windowOf(context))];
    const sum = context.inputs[3];
    need(!sum || sum.shape.every((d, i) => d === shape[i]), 'the Sum input must have the shape of the output');
    return [{ dtype: x.dtype, shape }];
  },
};

const upsample: OpSpec = {
  attributes: { scales: 'ints', mode: 'string', coordinate_transformation_mode: 'string' },
  infer(context) {
    const x = ranked(context, 0, 4);
    const scales = intsAttribute(context, 'scales', [1, 1, 1, 1]);
    return [{ dtype: x.dtype, shape: x.shape.map((d, i) => d * scales[i]!) }];
  },
};

/** Rows of the blocked operators, keyed by name. */
export const blockedOps: Record<string, OpSpec> = {
  ReorderInput: reorderInput,
  ReorderOutput: reorderOutput,
  Conv: conv,
  MaxPool: spatialOps.standard['MaxPool']!, // the layout changes no shape
  GlobalAveragePool: spatialOps.standard['GlobalAveragePool']!,
  Upsample: upsample,
};
