// What every TTFNet is to the rest of the program: a function from pixels to two maps, and a few facts about it.
import type { Value } from '../../onnx/graph.ts';
import type { Layers } from '../../nn/layers.ts';

/** How pixels (RGB, 0..255) become the network's input: (pixel - mean) / std per channel. */
export interface Preprocessing {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** The two outputs of every TTFNet, at stride 4. */
export interface HeadOutputs {
  /** [N, classes, H / 4, W / 4], before the sigmoid. */
  readonly heatmapLogits: Value;
  /** [N, 4, H / 4, W / 4], or [N, 4 * classes, H / 4, W / 4] with a size head per class: distances left, top, right, bottom from the cell's corner (4 x, 4 y), in input pixels. */
  readonly distances: Value;
}

/** Input pixels per heatmap cell (`down_ratio` of the official code). */
export const stride = 4;

/** A network definition. */
export interface Network {
  readonly name: string;
  /** One sentence for lists. */
  readonly description: string;
  readonly preprocessing: Preprocessing;
  /** Height and width of the input must be multiples of this. */
  readonly sizeMultiple: number;
  /** Prefixes of parameter names, stage by stage from the input on: what "frozen stages" counts. */
  readonly stages: readonly (readonly string[])[];
  /** Prefixes of the parameters whose shape depends on the classes. */
  readonly classHead: readonly string[];
  /** Adds the network to a graph. `image` [N, 3, H, W], preprocessed. */
  readonly build: (layers: Layers, image: Value, classes: number) => HeadOutputs;
}

/** Whether a parameter lies in the first `frozenStages` stages of a network; the stem counts as one, unlike in the official configs. */
export function isFrozen(network: Network, frozenStages: number, parameter: string): boolean {
  return network.stages.slice(0, frozenStages).some((prefixes) => prefixes.some((p) => parameter.startsWith(p)));
}
