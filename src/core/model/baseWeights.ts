// The COCO base weights: TensorFlow.js tensors brought into the network's names and layout.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import type { WeightMap } from '../nn/parameters.ts';
import { mobileNetV3, roundedSixth } from '../ttfnet/networks/mobileNetV3.ts';
import { baseFileName } from '../ttfnet/networks/mobileNetV3Names.ts';
import { parameterShapes } from '../ttfnet/programs.ts';
import { asFloat32, type NamedTensor } from '../weights/tensor.ts';
import { readTfjsGraph } from '../weights/tfjsGraph.ts';

/** Number of classes that the base weights detect (COCO). */
export const baseClassCount = 80;

const basePackage = '@vladmandic/human';

/**
 * Path of the base network's graph file in its npm package.
 * @param from module or folder URL from which the package is resolved
 * @throws file-missing when the package isn't installed
 */
export function baseModelFile(from: string): string {
  const folders = createRequire(from).resolve.paths(basePackage) ?? [];
  // Looked for as a file: a packaged app carries only the model files of the package, which Node would not resolve.
  const found = folders.map((f) => path.join(f, basePackage, 'models', 'centernet.json')).find((f) => existsSync(f));
  if (found) return found;
  throw new StudioError(
    'file-missing',
    `The COCO base weights are missing: the package ${basePackage} is not installed. Run npm ci again.`,
    undefined,
    said('model.baseMissing', {}),
  );
}

/**
 * Reads the base weights for {@link mobileNetV3}.
 * @param jsonFile the TensorFlow.js graph model; its .bin lies beside it
 * @returns tensors by parameter name, convolutions as [O, I / group, kh, kw]
 * @throws model-invalid naming a tensor that is missing or has another shape
 */
export async function loadBaseWeights(jsonFile: string): Promise<WeightMap> {
  const { weights } = await readTfjsGraph(jsonFile);
  const entries = parameterShapes(mobileNetV3, baseClassCount).map(({ name, shape }) => {
    const source = baseFileName(name);
    const tensor = source === null ? undefined : weights.get(source);
    if (!tensor)
      throw new StudioError(
        'model-invalid',
        `${jsonFile} has no tensor for ${name} (looked for ${String(source)}). Reinstall @vladmandic/human.`,
      );
    return [name, { shape, data: convolutionOrder(tensor, shape, jsonFile) }] as const;
  });
  return foldRoundedSixth(new Map(entries));
}

/**
 * The base file keeps its weights in float16, and the constant 1/6 of every hard swish and gate with them: its activations are a factor
 * below the exact ones. The factor moves into the weights behind each activation, so that the network itself is the textbook one; only
 * the stem's, which also feeds a residual sum, stays in the network definition.
 */
function foldRoundedSixth(weights: WeightMap): WeightMap {
  const scale = (name: string, power: number): void => {
    const { data } = weights.get(name)!;
    for (let i = 0; i < data.length; i++) data[i]! *= roundedSixth ** power;
  };
  for (let i = 3; i < 15; i++) {
    const [block, squeezed, swish] = [
      `backbone.blocks.${i}`,
      weights.has(`backbone.blocks.${i}.squeeze_excite.reduce.weight`),
      i >= 6,
    ];
    if (swish) scale(`${block}.depthwise.weight`, 1);
    if (swish && squeezed) scale(`${block}.squeeze_excite.reduce.weight`, 1);
    scale(`${block}.project.weight`, Number(swish) + Number(squeezed));
  }
  for (const branch of ['x', 'y']) scale(`neck.up5.branch_${branch}.depthwise.weight`, 1);
  return weights;
}

/** TensorFlow's [kh, kw, I, O], depthwise [kh, kw, C, 1], to [O, I, kh, kw] and [C, 1, kh, kw]; vectors stay. */
function convolutionOrder(tensor: NamedTensor, shape: readonly number[], file: string): Float32Array {
  const data = asFloat32(tensor);
  if (shape.length === 1 && tensor.shape.join() === shape.join()) return data;
  const [o, i, kh, kw] = shape as [number, number, number, number];
  const depthwise = i === 1 && tensor.shape[3] === 1;
  const expected = depthwise ? [kh, kw, o, 1] : [kh, kw, i, o];
  if (tensor.shape.join() !== expected.join())
    throw new StudioError(
      'model-invalid',
      `${file}: tensor ${tensor.name} is [${tensor.shape.join()}], needed is [${expected.join()}].`,
    );
  const result = new Float32Array(data.length);
  const [perChannel, inner] = [o * i, depthwise ? 1 : o]; // depthwise: i is 1, so its place o * i + 0 is the channel
  for (let tap = 0; tap < kh * kw; tap++)
    for (let out = 0; out < o; out++)
      for (let input = 0; input < i; input++)
        result[(out * i + input) * kh * kw + tap] = data[tap * perChannel + (depthwise ? out : input * inner + out)]!;
  return result;
}
