// TensorFlow.js graph models: the node list with decoded attributes, and the weights, dequantised.
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { readJson } from './boundedJson.ts';
import type { FileBytes } from './fileBytes.ts';
import { withFileBytes } from './fileBytes.ts';
import type { NamedTensor } from './tensor.ts';
import type { TfjsAttribute } from './tfjsAttributes.ts';
import { decodeAttributes } from './tfjsAttributes.ts';
import { readTfjsWeights } from './tfjsWeights.ts';

/** The `output`th result of the node named `node`. */
export interface TfjsInput {
  readonly node: string;
  readonly output: number;
}

/** One operation of the graph, in the file's (topological) order; `op` is TensorFlow's name. */
export interface TfjsNode {
  readonly name: string;
  readonly op: string;
  /** Data inputs only; control inputs (`^name`) are dropped. */
  readonly inputs: readonly TfjsInput[];
  readonly attributes: Readonly<Record<string, TfjsAttribute>>;
}

/** A graph model: values of `Const` nodes are in `weights` under the node's name, in TensorFlow's layouts (HWIO kernels). */
export interface TfjsGraph {
  readonly nodes: readonly TfjsNode[];
  readonly weights: Map<string, NamedTensor>;
}

/** A JSON value as an object, or model-invalid. */
function asRecord(value: unknown, file: string, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new StudioError('model-invalid', `${file} is not a TensorFlow.js graph model: ${what} is missing.`);
  return value as Record<string, unknown>;
}

function parseInput(text: unknown): TfjsInput {
  const [node = '', output = '0'] = String(text).split(':');
  return { node, output: Number(output) };
}

function parseNode(value: unknown, file: string): TfjsNode {
  const { name, op, input, attr } = asRecord(value, file, 'a node');
  if (typeof name !== 'string' || typeof op !== 'string')
    throw new StudioError('model-invalid', `${file}: a node has no name or operation. The file is damaged.`);
  const inputs = (Array.isArray(input) ? input : []).filter((text) => !String(text).startsWith('^')).map(parseInput);
  return { name, op, inputs, attributes: decodeAttributes(attr ?? {}, `${file}: node "${name}"`) };
}

/** Reads an open TensorFlow.js JSON file and the weight files beside it; see {@link readTfjsGraph}. */
export async function readTfjsGraphBytes(bytes: FileBytes): Promise<TfjsGraph> {
  const { file } = bytes;
  const model = asRecord(await readJson(bytes, 0, bytes.size, 'its text'), file, 'its object');
  const topology = asRecord(model['modelTopology'], file, 'modelTopology');
  const list = topology['node'];
  if (!Array.isArray(list))
    throw new StudioError('model-invalid', `${file} is not a TensorFlow.js graph model: it has no node list.`);
  const nodes = list.map((node) => parseNode(node, file));
  return { nodes, weights: await readTfjsWeights(file, model['weightsManifest']) };
}

/**
 * Reads a TensorFlow.js graph model (`NAME.json` with its weight files beside it). Weights quantised to float16, uint8 or
 * uint16 become float32.
 * @throws model-invalid naming the file, and the node or weight where one is wrong; file-missing for an absent weight file
 */
export async function readTfjsGraph(jsonFile: string): Promise<TfjsGraph> {
  return withFileBytes(path.resolve(jsonFile), readTfjsGraphBytes);
}
