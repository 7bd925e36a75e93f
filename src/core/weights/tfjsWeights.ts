// Reads the weight groups of a TensorFlow.js model and undoes their quantisation.
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../shared/errors.ts';
import { withFileBytes } from './fileBytes.ts';
import type { NamedTensor, WeightData, WeightDtype } from './tensor.ts';
import { checkedCount, halvesToFloat32, itemSize, viewElements } from './tensor.ts';

const weightSchema = z.object({
  name: z.string(),
  shape: z.array(z.number()),
  dtype: z.string(),
  quantization: z
    .object({ dtype: z.enum(['float16', 'uint8', 'uint16']), scale: z.number().optional(), min: z.number().optional() })
    .optional(),
});
const manifestSchema = z.array(z.object({ paths: z.array(z.string()), weights: z.array(weightSchema) }));

type Weight = z.infer<typeof weightSchema>;

const plain: Readonly<Record<string, WeightDtype>> = { float32: 'float32', int32: 'int32', bool: 'bool' };

function readableDtype(weight: Weight, where: string): WeightDtype {
  if (!Object.hasOwn(plain, weight.dtype))
    throw new StudioError(
      'model-invalid',
      `${where} has element type "${weight.dtype}"; readable are ${Object.keys(plain).join(', ')}.`,
    );
  return plain[weight.dtype]!;
}

/** Bytes per stored element: quantised weights are stored narrower than they are used. */
function storedSize(weight: Weight, dtype: WeightDtype): number {
  if (!weight.quantization) return itemSize(dtype);
  return weight.quantization.dtype === 'uint8' ? 1 : 2;
}

function dequantise(weight: Weight, dtype: WeightDtype, buffer: ArrayBuffer, count: number): WeightData {
  const { quantization } = weight;
  if (!quantization) return viewElements(dtype, buffer, count);
  if (quantization.dtype === 'float16') return halvesToFloat32(new Uint16Array(buffer, 0, count));
  const stored = quantization.dtype === 'uint8' ? new Uint8Array(buffer, 0, count) : new Uint16Array(buffer, 0, count);
  const { scale = 1, min = 0 } = quantization;
  return dtype === 'int32'
    ? Int32Array.from(stored, (v) => Math.round(v * scale + min))
    : Float32Array.from(stored, (v) => v * scale + min);
}

/** A weight file's path; names that lead out of the model's folder are refused. */
function besideModel(jsonFile: string, name: string): string {
  const folder = path.dirname(jsonFile);
  const full = path.resolve(folder, name);
  if (!full.startsWith(folder + path.sep))
    throw new StudioError('model-invalid', `${jsonFile} names a weight file outside its folder: ${name}.`);
  return full;
}

async function readShards(jsonFile: string, names: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const name of names)
    parts.push(await withFileBytes(besideModel(jsonFile, name), (bytes) => bytes.read(0, bytes.size)));
  return parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts));
}

function sliceGroup(jsonFile: string, weights: readonly Weight[], bytes: Uint8Array<ArrayBuffer>): NamedTensor[] {
  let next = 0;
  const tensors = weights.map((weight): NamedTensor => {
    const where = `${jsonFile}: weight "${weight.name}"`;
    const count = checkedCount(weight.shape, where);
    const dtype = readableDtype(weight, where);
    const end = next + count * storedSize(weight, dtype);
    if (end > bytes.length)
      throw new StudioError('model-invalid', `${where} lies past the end of its weight file. Copy both files again.`);
    const data = dequantise(weight, dtype, bytes.buffer.slice(next, end), count);
    next = end;
    return { name: weight.name, dtype, shape: weight.shape, data };
  });
  if (next !== bytes.length)
    throw new StudioError(
      'model-invalid',
      `${jsonFile} does not fit its weight file: ${next} of ${bytes.length} bytes used.`,
    );
  return tensors;
}

/**
 * Reads every weight that a manifest lists from the files beside `jsonFile`.
 * @throws model-invalid when manifest, files and shapes don't fit; file-missing naming an absent weight file
 */
export async function readTfjsWeights(jsonFile: string, manifest: unknown): Promise<Map<string, NamedTensor>> {
  const parsed = manifestSchema.safeParse(manifest);
  if (!parsed.success)
    throw new StudioError('model-invalid', `${jsonFile} has an unreadable weightsManifest.`, parsed.error);
  const files = parsed.data.flatMap((group) => group.paths);
  if (new Set(files).size !== files.length)
    throw new StudioError('model-invalid', `${jsonFile} names a weight file more than once. The file is damaged.`);
  const tensors = new Map<string, NamedTensor>();
  for (const group of parsed.data) {
    const bytes = await readShards(jsonFile, group.paths);
    for (const tensor of sliceGroup(jsonFile, group.weights, bytes)) tensors.set(tensor.name, tensor);
  }
  return tensors;
}
