// Modulated deformable convolution in the blocked layout: the same convolve-then-sample as the portable form, its rows of pixels taken
// from the blocked map and put back into it in one pass each, its weight kept as the columns that the product wants.
import type { Node, Value } from '../../onnx/graph.ts';
import { add } from '../../onnx/ops/math.ts';
import { pad, reshape } from '../../onnx/ops/structure.ts';
import { deformGradient, deformSizes, sampledRows, samplesOf, type Samples } from '../portable/deformable.ts';
import type { BlockedRule, Lowering } from './lowering.ts';
import { roundUp, type Storage } from './storage.ts';

/** Storage of a deformable convolution's weight. */
export const columnStorage = (weight: Value, block: number): Storage => ({
  kind: 'columns',
  block,
  shape: weight.shape,
});

/** Rows of pixels [N H W, C] of a source value [N, C, H, W]. */
function rowsOf(l: Lowering, source: Value): Value {
  const [n, channels, h, w] = source.shape as [number, number, number, number];
  return reshape(l.nchwc('ReorderOutput', [l.blocked(source)], { channels, channels_last: 1 }), [n * h * w, channels]);
}

/** Rows of pixels [N H W, C] as the blocked form of a source value [N, C, H, W]. */
function setRows(l: Lowering, source: Value, rows: Value): void {
  const [n, channels, h, w] = source.shape as [number, number, number, number];
  const missing = roundUp(channels, l.block) - channels;
  const map = reshape(missing > 0 ? pad(rows, [0, 0, 0, missing]) : rows, [n, h, w, channels + missing]);
  l.setBlocked(source, l.nchwc('ReorderInput', [map], { channels_last: 1 }));
}

/** Made once for the convolution and its gradient, which have the same first four inputs. */
function samples(node: Node, l: Lowering): Samples {
  const [x, offset, mask, weight] = node.inputs as [Value, Value, Value, Value];
  const sizes = deformSizes(x.shape, mask.shape, weight.shape[0]!, node.attributes);
  const columns = (): Value =>
    reshape(l.stored(weight, columnStorage(weight, l.block)), [weight.shape[1]!, sizes.taps * sizes.outputs]);
  const key = [x, offset, mask, weight].map(({ name }) => name).join('|');
  return samplesOf(key, { rows: () => rowsOf(l, x), columns }, l.plain(offset), l.plain(mask), sizes);
}

/** ModulatedDeformConv: (x, offset, mask, weight, bias or null) -> y */
export const deformConvRule: BlockedRule = (node, l) => {
  const rows = sampledRows(samples(node, l));
  const bias = node.inputs[4];
  setRows(l, node.outputs[0]!, bias ? add(rows, l.plain(bias)) : rows);
  return true;
};

/** ModulatedDeformConvGradient: (x, offset, mask, weight, dy) -> dx, doffset, dmask, dweight */
export const deformConvGradientRule: BlockedRule = (node, l) => {
  const [weight, dy] = [node.inputs[3]!, node.inputs[4]!];
  const [dx, doffset, dmask, dweight] = node.outputs as [Value, Value, Value, Value];
  const gradient = deformGradient(samples(node, l), rowsOf(l, dy));
  const storage = columnStorage(weight, l.block);
  const [o, i, kh, kw] = weight.shape as [number, number, number, number];
  setRows(l, dx, gradient.rows);
  l.setPlain(doffset, gradient.offset);
  l.setPlain(dmask, gradient.mask);
  l.setStored(dweight, reshape(gradient.columns, [i, kh, kw, o]), storage);
  return true;
};
