// Layers: each asks the parameter set for its weights and adds its operators to a graph.
import type { Graph, Value } from '../onnx/graph.ts';
import { conv as convOp, globalAveragePool, type ConvOptions } from '../onnx/ops/spatial.ts';
import { hardSigmoid, mul, relu } from '../onnx/ops/math.ts';
import { heStd, type Initializer, type ParameterSet } from './parameters.ts';

/** Options of {@link Layers.conv} beside its geometry. */
export interface ConvLayerOptions extends ConvOptions {
  /** Whether the layer has a bias; default true. */
  bias?: boolean;
  weightInit?: Initializer;
  biasInit?: number;
}

/** How layers are built that have more than one form. */
export interface LayersOptions {
  /** Batch norms of a training graph use their running statistics and don't train; default false. */
  frozenNorms?: boolean;
  /** Residual blocks start as the identity, where the network has such blocks; default true. */
  zeroInitResidual?: boolean;
  /** Deformable convolution of an inference graph: ONNX's operator, or the composition for providers without it. Default the operator. */
  deform?: 'operator' | 'composition';
}

/** Statistics of one batch, computed by a training graph for the running averages of batch norm `name`. */
export interface BatchStatistics {
  name: string;
  /** [C], less the running mean, which the graph has as an input `name`.running_mean. */
  mean: Value;
  /** [C], biased. */
  variance: Value;
  /** Elements per channel. */
  count: number;
}

/** Builds layers into a graph: trainable parameters become graph inputs (when `training`), all others constants. */
export class Layers {
  readonly graph: Graph;
  readonly parameters: ParameterSet;
  readonly training: boolean;
  readonly options: Required<LayersOptions>;
  /** One entry per batch norm that uses its batch's statistics. */
  readonly statistics: BatchStatistics[] = [];
  readonly #values = new Map<string, Value>();

  constructor(graph: Graph, parameters: ParameterSet, training: boolean, options: LayersOptions = {}) {
    this.graph = graph;
    this.parameters = parameters;
    this.training = training;
    this.options = { frozenNorms: false, zeroInitResidual: true, deform: 'operator', ...options };
  }

  /** The value of a parameter in the graph; the same one each time. @throws internal when it was asked for before with another shape */
  param(name: string, shape: readonly number[], init: Initializer): Value {
    const known = this.#values.get(name);
    if (known) return known;
    const { data, trainable } = this.parameters.get(name, shape, init);
    const value =
      this.training && trainable
        ? this.graph.input(name, 'float32', shape)
        : this.graph.constant('float32', data, shape, name);
    this.#values.set(name, value);
    return value;
  }

  /** Values of the trainable parameters, by name; they are inputs of a training graph. */
  trainable(): Map<string, Value> {
    return new Map(
      [...this.#values].filter(([name, value]) => this.graph.inputs.includes(value) && name === value.name),
    );
  }

  /** Convolution `name`.weight [O, I / group, k, k] and `name`.bias [O]. x [N, I, H, W] -> [N, outputs, H', W'] */
  conv(name: string, x: Value, outputs: number, kernel: number, options: ConvLayerOptions = {}): Value {
    return this.graph.scoped(name, () => {
      const shape = [outputs, x.shape[1]! / (options.group ?? 1), kernel, kernel];
      const weight = this.param(`${name}.weight`, shape, options.weightInit ?? { kind: 'normal', std: heStd(shape) });
      const bias =
        options.bias === false
          ? null
          : this.param(`${name}.bias`, [outputs], { kind: 'constant', value: options.biasInit ?? 0 });
      return convOp(x, weight, bias, options);
    });
  }

  /** One filter per channel. x [N, C, H, W] -> [N, C, H', W'] */
  depthwise(name: string, x: Value, kernel: number, options: ConvLayerOptions = {}): Value {
    return this.conv(name, x, x.shape[1]!, kernel, { ...options, group: x.shape[1]! });
  }

  /**
   * Squeeze-and-excitation (Hu et al. 2018, section 3): channels scaled by a gate in 0..1 computed from their means through `hidden` channels.
   * x [N, C, H, W] -> the same
   * @param gate the last activation
   * @param gateBias whether the second convolution has a bias
   */
  squeezeExcite(name: string, x: Value, hidden: number, gate: (x: Value) => Value, gateBias = true): Value {
    const squeezed = relu(this.conv(`${name}.reduce`, globalAveragePool(x), hidden, 1));
    return mul(x, gate(this.conv(`${name}.expand`, squeezed, x.shape[1]!, 1, { bias: gateBias })));
  }
}

/** x * relu6(x + 3) / 6 (MobileNetV3, section 5.2). */
export const hardSwish = (x: Value): Value => mul(x, hardSigmoid(x, 1 / 6, 0.5));
