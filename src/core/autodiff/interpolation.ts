// The matrix of bilinear upsampling by two along one axis, of which the gradient is the transpose.
import type { Graph, Value } from '../onnx/graph.ts';
import type { BilinearMode } from '../onnx/ops/spatial.ts';

/** [2 n, n]: output o is the sum of inputs weighted by row o; `transposed`: [n, 2 n]. A constant of `graph`. */
export function interpolationMatrix(graph: Graph, n: number, mode: BilinearMode, transposed: boolean): Value {
  const matrix = new Float32Array(2 * n * n);
  for (let o = 0; o < 2 * n; o++) {
    const source = {
      asymmetric: o / 2,
      half_pixel: (o + 0.5) / 2 - 0.5,
      align_corners: n === 1 ? 0 : (o * (n - 1)) / (2 * n - 1),
    }[mode];
    const at = Math.min(Math.max(source, 0), n - 1);
    const low = Math.floor(at);
    const high = Math.min(low + 1, n - 1);
    const place = (i: number): number => (transposed ? i * 2 * n + o : o * n + i);
    matrix[place(low)]! += 1 - (at - low);
    matrix[place(high)]! += at - low;
  }
  return graph.constant('float32', matrix, transposed ? [n, 2 * n] : [2 * n, n]);
}
