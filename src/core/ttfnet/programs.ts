// From one network definition to the programs that run it: heads, inference and training step (design: "one graph, three programs").
import { StudioError } from '../../shared/errors.ts';
import { gradients } from '../autodiff/backward.ts';
import { Layers, type BatchStatistics, type LayersOptions } from '../nn/layers.ts';
import { ParameterSet, type Parameter } from '../nn/parameters.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import { cast, div, mul, sub, add } from '../onnx/ops/math.ts';
import { transpose } from '../onnx/ops/structure.ts';
import { decodeGraph } from './decodeGraph.ts';
import { focalLoss, giouLoss, type LossWeights } from './loss.ts';
import { stride, type HeadOutputs, type Network, type Preprocessing } from './networks/network.ts';

/** Size and batch of a program; every shape in a graph is static. */
export interface ProgramSize {
  batch: number;
  height: number;
  width: number;
}

/** How pixels enter an exported or inference model. */
export interface PixelInput {
  /** `uint8` or `float32`, both 0..255 RGB. */
  dtype: 'uint8' | 'float32';
  /** `nhwc`: as images lie in memory, [N, H, W, 3]; `nchw`: [N, 3, H, W]. */
  layout: 'nhwc' | 'nchw';
}

function checkSize(network: Network, { height, width }: ProgramSize): void {
  const m = network.sizeMultiple;
  if (height % m !== 0 || width % m !== 0 || height <= 0 || width <= 0)
    throw new StudioError(
      'argument-invalid',
      `The input size ${width}x${height} doesn't fit ${network.name}: width and height must be multiples of ${m}.`,
    );
}

/** Shapes of all parameters of a network, in the order in which it builds them. */
export function parameterShapes(network: Network, classes: number): { name: string; shape: readonly number[] }[] {
  const set = new ParameterSet(new Map(), null);
  const layers = new Layers(new Graph(), set, true); // of a training graph: it folds no batch norms, which would compute on every weight
  network.build(
    layers,
    layers.graph.input('image', 'float32', [1, 3, network.sizeMultiple, network.sizeMultiple]),
    classes,
  );
  return set.list().map(({ name, shape }) => ({ name, shape }));
}

/** Adds the pixel input and its preprocessing inside the graph. @returns [N, 3, H, W] float32 */
function pixels(graph: Graph, size: ProgramSize, { dtype, layout }: PixelInput, { mean, std }: Preprocessing): Value {
  const shape = layout === 'nhwc' ? [size.batch, size.height, size.width, 3] : [size.batch, 3, size.height, size.width];
  const input = graph.input('image', dtype, shape);
  const ordered = layout === 'nhwc' ? transpose(input, [0, 3, 1, 2]) : input; // before the cast: a quarter of the bytes to move
  const planes = dtype === 'uint8' ? cast(ordered, 'float32') : ordered;
  if (mean.every((m) => m === 0) && std.every((s) => s === 1)) return planes;
  const channels = (v: readonly number[]): Value => graph.constant('float32', Float32Array.from(v), [1, 3, 1, 1]);
  return div(sub(planes, channels(mean)), channels(std));
}

/** A graph from pixels to the two maps, weights as constants. */
function inferenceHeads(
  network: Network,
  parameters: ParameterSet,
  classes: number,
  size: ProgramSize,
  input: PixelInput,
  options: LayersOptions,
): { graph: Graph; heads: HeadOutputs } {
  checkSize(network, size);
  const graph = new Graph();
  const layers = new Layers(graph, parameters, false, options);
  return { graph, heads: network.build(layers, pixels(graph, size, input, network.preprocessing), classes) };
}

/** The heads model: image -> `heatmap_logits` and `distances` (see {@link HeadOutputs}). @throws argument-invalid as {@link trainingProgram} */
export function headsProgram(
  network: Network,
  parameters: ParameterSet,
  classes: number,
  size: ProgramSize,
  input: PixelInput,
  options: LayersOptions = {},
): Graph {
  const { graph, heads } = inferenceHeads(network, parameters, classes, size, input, options);
  graph.output('heatmap_logits', heads.heatmapLogits);
  graph.output('distances', heads.distances);
  return graph;
}

/** The inference model: image -> `boxes`, `scores`, `classes`, decoded inside (see decodeGraph.ts). @throws argument-invalid as {@link trainingProgram} */
export function inferenceProgram(
  network: Network,
  parameters: ParameterSet,
  classes: number,
  size: ProgramSize,
  input: PixelInput,
  options: LayersOptions = {},
  limit = 100,
): Graph {
  const { graph, heads } = inferenceHeads(network, parameters, classes, size, input, options);
  const decoded = decodeGraph(heads, limit);
  graph.output('boxes', decoded.boxes);
  graph.output('scores', decoded.scores);
  graph.output('classes', decoded.classes);
  return graph;
}

/** A training step before lowering: inputs are `image` (uint8 RGB [N, H, W, 3]), the targets and the trainable parameters. */
export interface TrainingProgram {
  graph: Graph;
  /** Batch norms whose running averages the step must move; their statistics are the outputs `trainingPorts.mean` and `variance`. */
  statistics: Pick<BatchStatistics, 'name' | 'count'>[];
  /** Parameters in the order of the graph's gradient outputs, `grad/<name>`. */
  trainable: Parameter[];
}

/** Names of a training step's data inputs and loss outputs. */
export const trainingPorts = {
  image: 'image',
  heatmap: 'heatmap',
  boxTarget: 'box_target',
  regWeight: 'reg_weight',
  heatmapLoss: 'heatmap_loss',
  sizeLoss: 'size_loss',
  gradient: (parameter: string): string => `grad/${parameter}`,
  mean: (norm: string): string => `mean/${norm}`,
  variance: (norm: string): string => `variance/${norm}`,
} as const;

/** How pixels enter a training step. */
export const trainingPixels: PixelInput = { dtype: 'uint8', layout: 'nhwc' };

/**
 * The training step: forward, losses, gradients of (weights.heatmap * heatmap loss + weights.size * size loss).
 * Ports are named by {@link trainingPorts}; the two loss outputs have their weights in them.
 * @throws argument-invalid when the size doesn't fit the network
 */
export function trainingProgram(
  network: Network,
  parameters: ParameterSet,
  classes: number,
  size: ProgramSize,
  weights: LossWeights,
  options: LayersOptions & { pixels?: PixelInput } = {},
): TrainingProgram {
  checkSize(network, size);
  const graph = new Graph();
  const layers = new Layers(graph, parameters, true, options);
  const image = pixels(graph, size, options.pixels ?? trainingPixels, network.preprocessing);
  const heads = network.build(layers, image, classes);
  const losses = addLosses(graph, heads, weights);
  const values = layers.trainable();
  const total = add(losses.heatmap, losses.size);
  const found = gradients(graph, [total], [...values.values()]);
  graph.output(trainingPorts.heatmapLoss, losses.heatmap);
  graph.output(trainingPorts.sizeLoss, losses.size);
  [...values.keys()].forEach((name, i) => graph.output(trainingPorts.gradient(name), found[i]!));
  for (const { name, mean, variance } of layers.statistics) {
    graph.output(trainingPorts.mean(name), mean);
    graph.output(trainingPorts.variance(name), variance);
  }
  const statistics = layers.statistics.map(({ name, count }) => ({ name, count }));
  return { graph, statistics, trainable: parameters.list().filter((p) => values.has(p.name)) };
}

function addLosses(graph: Graph, heads: HeadOutputs, weights: LossWeights): { heatmap: Value; size: Value } {
  const [n, classes, height, width] = heads.heatmapLogits.shape as [number, number, number, number];
  const target = (name: string, channels: number): Value => graph.input(name, 'float32', [n, channels, height, width]);
  const [heatmap, boxes, weight] = [
    target(trainingPorts.heatmap, classes),
    target(trainingPorts.boxTarget, heads.distances.shape[1]!),
    target(trainingPorts.regWeight, heads.distances.shape[1]! / 4),
  ];
  return {
    heatmap: mul(focalLoss(heads.heatmapLogits, heatmap), weights.heatmap),
    size: mul(giouLoss(heads.distances, boxes, weight), weights.size),
  };
}

/** Height and width of the heatmap, in cells, for an input size in pixels. */
export const mapSize = ({ height, width }: Pick<ProgramSize, 'height' | 'width'>): [number, number] => [
  height / stride,
  width / stride,
];
