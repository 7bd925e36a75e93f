// Checkpoints: one safetensors file with weights, what the optimizer needs to go on, and the model's description.
import { StudioError } from '../../shared/errors.ts';
import type { WeightMap } from '../nn/parameters.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import { writeSafetensors } from '../weights/safetensorsWriter.ts';
import { asFloat32, hasNonFinite, type NamedTensor } from '../weights/tensor.ts';
import { descriptionKey, parseDescription, type ModelDescription } from './description.ts';

const stateKey = 'ttfnet-studio.state';

/** Named float32 arrays beside the weights: `ema/<parameter>`, `optimizer/<slot>/<parameter>`. */
export type ExtraTensors = ReadonlyMap<string, Float32Array>;

/** Everything a checkpoint holds. */
export interface Checkpoint {
  description: ModelDescription;
  /** By parameter name, reference layout. */
  weights: WeightMap;
  extra: ExtraTensors;
  /** Plain JSON that the trainer resumes from; null in a checkpoint that is only a model. */
  state: unknown;
}

/** Writes a checkpoint in one step: a crash leaves the old file. @throws disk-full, file-permission, file-missing */
export async function saveCheckpoint(file: string, { description, weights, extra, state }: Checkpoint): Promise<void> {
  const tensors: NamedTensor[] = [...weights].map(([name, { shape, data }]) => ({
    name,
    dtype: 'float32',
    shape: [...shape],
    data,
  }));
  for (const [name, data] of extra) tensors.push({ name, dtype: 'float32', shape: [data.length], data });
  await writeSafetensors(file, tensors, {
    [descriptionKey]: JSON.stringify(description),
    [stateKey]: JSON.stringify(state),
  });
}

/**
 * Reads a checkpoint.
 * @throws model-invalid naming the file, and the tensor when one has NaN or infinite values, or when its state is damaged; model-version;
 * file errors
 */
export async function loadCheckpoint(file: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(file);
  const description = parseDescription(metadata[descriptionKey], file);
  const weights = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  const extra = new Map<string, Float32Array>();
  for (const tensor of tensors.values()) {
    if (hasNonFinite(tensor))
      throw new StudioError(
        'model-invalid',
        `${file}: tensor ${tensor.name} has NaN or infinite values. Use an earlier checkpoint.`,
      );
    if (tensor.name.includes('/')) extra.set(tensor.name, asFloat32(tensor));
    else weights.set(tensor.name, { shape: tensor.shape, data: asFloat32(tensor) });
  }
  return { description, weights, extra, state: parseState(metadata[stateKey], file) };
}

function parseState(json: string | undefined, file: string): unknown {
  try {
    return JSON.parse(json ?? 'null') as unknown;
  } catch (error) {
    throw new StudioError(
      'model-invalid',
      `${file}: the state to resume from is damaged. Use an earlier checkpoint.`,
      error,
    );
  }
}
