// The gradient of bilinear upsampling from standard operators.
import { interpolationMatrix } from '../../autodiff/interpolation.ts';
import type { Value } from '../../onnx/graph.ts';
import type { Attributes } from '../../onnx/opTable.ts';
import { matMul } from '../../onnx/ops/math.ts';
import type { BilinearMode } from '../../onnx/ops/spatial.ts';
import { reshape } from '../../onnx/ops/structure.ts';

/** dy [N, C, 2 H, 2 W] -> [N, C, H, W]: a product with the transposed interpolation matrix along each axis. */
export function expandResizeGradient(dy: Value, attributes: Attributes): Value {
  const [n, c, h2, w2] = dy.shape as [number, number, number, number];
  const mode = attributes['coordinate_transformation_mode'] as BilinearMode;
  const rows = matMul(interpolationMatrix(dy.graph, h2 / 2, mode, true), reshape(dy, [n * c, h2, w2]));
  return reshape(matMul(rows, interpolationMatrix(dy.graph, w2 / 2, mode, false)), [n, c, h2 / 2, w2 / 2]);
}
