// Finds out what a person means by a model: the base network, a run folder, a checkpoint or an exported ONNX file.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, saying, StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import { readWholeFile } from '../files/plainFile.ts';
import { lowerBlocked } from '../layout/blocked.ts';
import { lowerPortable } from '../layout/portable.ts';
import { ParameterSet, type WeightMap } from '../nn/parameters.ts';
import { summarizeModel } from '../onnx/decode.ts';
import { encodeModel } from '../onnx/encode.ts';
import { mobileNetV3 } from '../ttfnet/networks/mobileNetV3.ts';
import { parseVariant } from '../ttfnet/networks/paperNetworks.ts';
import type { ProviderName } from '../runtime/providerNames.ts';
import { isNetwork, networkNamed, networks } from '../ttfnet/networks/table.ts';
import { headsProgram, inferenceProgram, type PixelInput } from '../ttfnet/programs.ts';
import { readWeights, sniffWeights } from '../weights/readWeights.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import { baseModelFile, loadBaseWeights } from './baseWeights.ts';
import { loadCheckpoint } from './checkpoint.ts';
import { openForeign, type TrainingProgress } from './foreignWeights.ts';
import { cocoClasses } from './cocoClasses.ts';
import { descriptionKey, descriptionVersion, parseDescription, type ModelDescription } from './description.ts';

/** Name of the base network wherever a model is asked for. */
export const baseModelName = 'coco-mobilenetv3';

/** Files of a run folder that hold weights, best first. */
export const checkpointFiles = { best: 'checkpoints/best.safetensors', last: 'checkpoints/last.safetensors' } as const;

/** A model with its weights at hand: can be detected with, trained further and exported. */
export interface WeightsModel {
  kind: 'weights';
  /** What it was opened from, for messages and lists. */
  source: string;
  /** Without classes where there is no head yet: such a model can only start training. */
  description: ModelDescription;
  weights: WeightMap;
  /** What became of each tensor of another program's file, for people. */
  report?: string;
  /** SGD's momentum by parameter name, where another program's checkpoint has it: training with the same classes goes on with it. */
  momentum?: ReadonlyMap<string, Float32Array>;
  /** How far that training was. */
  progress?: TrainingProgress;
}

/** An exported model: can be detected with. */
export interface OnnxModel {
  kind: 'onnx';
  source: string;
  description: ModelDescription;
  bytes: Uint8Array;
  input: PixelInput;
}

/** A model that can detect. */
export type OpenModel = WeightsModel | OnnxModel;

/**
 * Opens a model.
 * @param reference {@link baseModelName}, a run folder, a .safetensors or .pth checkpoint (ours, the official code's, or a backbone), an .onnx
 *   file that this program exported, or a network's name for one with fresh weights
 * @throws file-missing, model-invalid, model-version: each naming the file and what would do
 */
export async function openModel(reference: string): Promise<OpenModel> {
  try {
    return await open(reference);
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'model-invalid' || error.said !== null) throw error;
    // What is wrong inside the file stays in the message; in short it is damaged.
    throw new StudioError(error.code, error.message, error, said('model.damaged', { file: reference }));
  }
}

async function open(reference: string): Promise<OpenModel> {
  if (reference === baseModelName) return openBase();
  const found = await stat(reference).catch((error: unknown) => {
    const known = fromFileError(error, reference);
    if (known.code === 'file-missing' && (isNetwork(reference) || parseVariant(reference))) return null;
    throw known.code === 'file-missing'
      ? new StudioError(
          'file-missing',
          `There is no model ${reference}. Give ${baseModelName}, a run folder, a .safetensors or .pth checkpoint, an .onnx file, or to start from nothing one of ${Object.keys(networks).join(', ')}.`,
          error,
          said('model.notFound', { model: reference }),
        )
      : known;
  });
  if (found === null) return openFresh(reference);
  if (found.isDirectory()) return openRun(reference);
  if (reference.toLowerCase().endsWith('.onnx')) return openOnnx(reference);
  return openWeightFile(reference);
}

/** A file says what it is: one of ours has a description, all others are told by their tensors. */
async function openWeightFile(file: string): Promise<WeightsModel> {
  if ((await sniffWeights(file)) === 'safetensors') {
    const { tensors, metadata } = await readSafetensors(file);
    if (tensors.size === 0 || metadata[descriptionKey] !== undefined) return openCheckpoint(file);
  }
  return { kind: 'weights', source: file, ...openForeign(file, await readWeights(file)) };
}

/** A network without weights. */
function openFresh(network: string): WeightsModel {
  const description = {
    version: descriptionVersion,
    network,
    classes: [],
    width: 512,
    height: 512,
    createdBy: 'ttfnet-studio',
  };
  return { kind: 'weights', source: network, description, weights: new Map() };
}

/** {@link openModel} for uses that need the weights. @throws model-invalid for an ONNX file */
export async function openWeights(reference: string): Promise<WeightsModel> {
  const model = await openModel(reference);
  if (model.kind === 'weights') return model;
  throw new StudioError(
    'model-invalid',
    `${reference} is an exported model: its weights can't be trained or exported again. Use the run folder it came from.`,
    undefined,
    said('model.exported', { model: reference }),
  );
}

async function openBase(): Promise<WeightsModel> {
  const description = {
    version: descriptionVersion,
    network: mobileNetV3.name,
    classes: [...cocoClasses],
    width: 512,
    height: 512,
    createdBy: 'mobilenetv3_centernet',
  };
  return {
    kind: 'weights',
    source: baseModelName,
    description,
    weights: await loadBaseWeights(baseModelFile(import.meta.url)),
  };
}

async function openRun(folder: string): Promise<WeightsModel> {
  for (const file of Object.values(checkpointFiles)) {
    const full = path.join(folder, file);
    if (
      await stat(full).then(
        () => true,
        () => false,
      )
    )
      return { ...(await openCheckpoint(full)), source: folder };
  }
  throw new StudioError(
    'model-invalid',
    `${folder} has no checkpoint (${Object.values(checkpointFiles).join(', ')}): it is no run, or training ended before its first one. Choose another folder or train again.`,
    undefined,
    said('model.noCheckpoint', { folder }),
  );
}

async function openCheckpoint(file: string): Promise<WeightsModel> {
  const { description, weights, extra } = await loadCheckpoint(file);
  const averaged = new Map([...weights].map(([name, w]) => [name, { ...w, data: extra.get(`ema/${name}`) ?? w.data }]));
  return { kind: 'weights', source: file, description, weights: averaged };
}

/** Bytes of an ONNX file: its format ends there. */
const maxOnnxBytes = 2 ** 31 - 1;

async function openOnnx(file: string): Promise<OnnxModel> {
  const bytes = await readWholeFile(file, maxOnnxBytes, 'model-invalid');
  const summary = summarizeModel(bytes, file);
  const description = parseDescription(summary.metadata[descriptionKey], file);
  if (!['boxes', 'scores', 'classes'].every((name) => summary.outputs.some((o) => o.name === name)))
    throw new StudioError(
      'model-invalid',
      `${file} has no boxes to give (outputs: ${summary.outputs.map((o) => o.name).join(', ')}). Export it with --outputs boxes.`,
      undefined,
      said('model.noBoxes', { file }),
    );
  const port = summary.inputs[0];
  const input: PixelInput = {
    dtype: port?.elementType === 2 ? 'uint8' : 'float32',
    layout: port?.shape[3] === 3 ? 'nhwc' : 'nchw',
  };
  return { kind: 'onnx', source: file, description, bytes, input };
}

/** What an exported or inference model is to give. */
export interface BuildOptions {
  outputs: 'boxes' | 'heads';
  input: PixelInput;
  batch: number;
  /** Input size in pixels; default the model's own. */
  size?: { width: number; height: number };
  /** Where it will run; default the CPU, and what any ONNX Runtime can load. */
  provider?: ProviderName;
  /** This processor's block (runtime/blockSize.ts), for a model that runs here and now: a third faster, but no other machine's to load. */
  block?: number;
}

/**
 * Providers that have ONNX's DeformConv. For the others it is composed of operators that they do have: handing three layers back to the
 * processor would copy their maps there and back.
 */
const withDeformConv: readonly ProviderName[] = ['cpu'];

/**
 * Builds the ONNX model of a network with its weights inside, and its description, classes and preprocessing in the metadata.
 * @returns bytes of the model
 * @throws argument-invalid when the size doesn't fit the network; model-invalid naming tensors that are missing
 */
export function buildModel(
  { description, weights, source }: WeightsModel,
  { outputs, input, batch, size, provider = 'cpu', block = 1 }: BuildOptions,
): Uint8Array {
  if (description.classes.length === 0) throw saying('model-invalid', 'model.noHeads', { model: source });
  const network = networkNamed(description.network);
  const parameters = new ParameterSet(weights, 0);
  const { width, height } = size ?? description;
  const build = outputs === 'boxes' ? inferenceProgram : headsProgram;
  const deform = block === 1 && withDeformConv.includes(provider) ? 'operator' : 'composition';
  const program = build(network, parameters, description.classes.length, { batch, height, width }, input, { deform });
  const graph =
    block > 1 ? lowerBlocked(program, block).graph : deform === 'composition' ? lowerPortable(program) : program;
  if (parameters.initialized.length > 0)
    throw new StudioError(
      'model-invalid',
      `${source} lacks weights of ${network.name}, or has them in another shape: ${parameters.initialized.slice(0, 5).join(', ')}. Use another checkpoint.`,
      undefined,
      said('model.lacksWeights', { model: source, network: network.name }),
    );
  Object.assign(graph.metadata, {
    [descriptionKey]: JSON.stringify({ ...description, width, height }),
    classes: JSON.stringify(description.classes),
    preprocessing: JSON.stringify({
      ...input,
      channels: 'RGB',
      range: [0, 255],
      resize: `${width}x${height}, ratio not kept`,
      normalisation: 'inside the model',
    }),
    version: String(descriptionVersion),
  });
  return encodeModel(graph);
}
