// What a backbone of the paper's networks is to the neck.
import type { Value } from '../../onnx/graph.ts';
import type { Layers } from '../../nn/layers.ts';

/** A backbone under the official code's names. */
export interface Backbone {
  /** Prefixes of parameter names, stage by stage from the input on; the stem counts as a stage. */
  readonly stages: readonly (readonly string[])[];
  /** Input pixels per cell of the last map. */
  readonly stride: number;
  /** Maps [N, C, H / s, W / s] at strides s of 4, 8, 16 ..., largest first, from the preprocessed image [N, 3, H, W]. */
  readonly build: (layers: Layers, image: Value) => Value[];
}
