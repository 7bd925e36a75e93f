// The gradient of bilinear upsampling in the blocked layout: two products with constant interpolation matrices.
import { interpolationMatrix } from '../../autodiff/interpolation.ts';
import { matMul } from '../../onnx/ops/math.ts';
import type { BilinearMode } from '../../onnx/ops/spatial.ts';
import { reshape } from '../../onnx/ops/structure.ts';
import type { BlockedRule } from './lowering.ts';

/** Rows first, on whole lines; then columns, on lanes of one block. */
export const resizeGradientRule: BlockedRule = (node, l) => {
  const dy = node.inputs[0]!;
  if (!l.isBlocked(dy)) return false;
  const mode = node.attributes['coordinate_transformation_mode'] as BilinearMode;
  const value = l.blocked(dy);
  const [n, c, h2, w2] = value.shape as [number, number, number, number];
  const maps = (n * c) / l.block;
  const rows = matMul(interpolationMatrix(l.target, h2 / 2, mode, true), reshape(value, [maps, h2, w2 * l.block]));
  const both = matMul(interpolationMatrix(l.target, w2 / 2, mode, true), reshape(rows, [(maps * h2) / 2, w2, l.block]));
  l.setBlocked(node.outputs[0]!, reshape(both, [n, c, h2 / 2, w2 / 2]));
  return true;
};
