// Weight files of other programs as models: which network they belong to is told by their tensors.
import { StudioError } from '../../shared/errors.ts';
import { maxClasses } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { WeightMap } from '../nn/parameters.ts';
import { mobileNetV3 } from '../ttfnet/networks/mobileNetV3.ts';
import { variantName } from '../ttfnet/networks/paperNetworks.ts';
import { networkNamed } from '../ttfnet/networks/table.ts';
import { parameterShapes } from '../ttfnet/programs.ts';
import { assignWeights, checkAssignment, describeAssignment, type Assignment } from '../weights/assignWeights.ts';
import type { WeightsFile } from '../weights/readWeights.ts';
import { rename, renameTableFor } from '../weights/renames.ts';
import { asFloat32, hasNonFinite, type NamedTensor } from '../weights/tensor.ts';
import { cocoClasses } from './cocoClasses.ts';
import { descriptionVersion, type ModelDescription } from './description.ts';

/** What a foreign file gives. */
export interface ForeignWeights {
  /** Without classes when the file is a bare backbone. */
  description: ModelDescription;
  weights: WeightMap;
  /** What became of each tensor, for people. */
  report: string;
  /** SGD's momentum by our parameter names, reference layout; empty where the file has none. */
  momentum: ReadonlyMap<string, Float32Array>;
  /** How far its training was, where the file says so. */
  progress: TrainingProgress;
}

/** Epochs and iterations that a checkpoint has behind it; null where it doesn't say. */
export interface TrainingProgress {
  epoch: number | null;
  iteration: number | null;
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Input size in pixels of the official models. */
const officialSize = 512;

const some = (shapes: Shapes, pattern: RegExp): boolean => [...shapes.keys()].some((name) => pattern.test(name));

function baseOf(shapes: Shapes): string | null {
  if (shapes.has('backbone.stem.conv.weight')) return 'ttfnet-53';
  if (shapes.has('backbone.layer1.0.conv1.weight'))
    return some(shapes, /^backbone\.layer3\.[2-5]\./) ? 'ttfnet-34' : 'ttfnet-18';
  return some(shapes, /^backbone\.blocks\.\d+\.depthwise\./) ? mobileNetV3.name : null;
}

/** Output channels of the last convolution of a head; null when the file has none. */
function lastOutputs(shapes: Shapes, head: RegExp): number | null {
  const last = [...shapes].filter(([name]) => head.test(name)).at(-1);
  return last?.[1][0] ?? null;
}

function headOf(file: string, shapes: Shapes): { network: (base: string) => string; classes: number } {
  const classes = lastOutputs(shapes, /^(bbox_head\.hm\.\d+|head\.hm\.pointwise)\.weight$/) ?? 0;
  if (classes > maxClasses)
    throw new StudioError('model-invalid', `${file} claims ${classes} classes; at most ${maxClasses} are possible.`);
  if (classes === 0) return { network: (base) => base, classes };
  const count = (i: number): number =>
    [...shapes.keys()].filter((n) => new RegExp(`^bbox_head\\.shortcut_layers\\.${i}\\..*\\.weight$`).test(n)).length;
  const sizes = lastOutputs(shapes, /^bbox_head\.wh\.\d+\.weight$/);
  const variant = { shortcuts: [0, 1, 2].map(count), perClass: classes > 1 && sizes === 4 * classes };
  return { network: (base) => (base === mobileNetV3.name ? base : variantName(base, variant)), classes };
}

function classNames(count: number, { meta }: WeightsFile): string[] {
  const named = meta['CLASSES'] ?? meta['classes'];
  const names = Array.isArray(named) ? named.filter((n): n is string => typeof n === 'string') : [];
  if (names.length === count) return names;
  return count === cocoClasses.length ? [...cocoClasses] : Array.from({ length: count }, (_, i) => `class ${i + 1}`);
}

function shapesOf(tensors: ReadonlyMap<string, NamedTensor>): Shapes {
  const table = renameTableFor(tensors.keys());
  return new Map([...tensors].map(([name, t]) => [rename(table, name), t.shape]));
}

/** Momentum of the used parameters; none of it where a number is NaN or infinite. */
function momentumOf({ optimizer }: WeightsFile, { origins }: Assignment): Map<string, Float32Array> {
  const buffers = optimizer?.slots.get('momentum_buffer');
  const found = [...origins].flatMap(([name, inFile]) => {
    const tensor = buffers?.get(inFile);
    return tensor ? [[name, tensor] as const] : [];
  });
  return found.some(([, tensor]) => hasNonFinite(tensor))
    ? new Map<string, Float32Array>()
    : new Map(found.map(([name, tensor]) => [name, asFloat32(tensor)]));
}

const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

/** What the report says of an optimizer. */
function momentumLines({ optimizer }: WeightsFile, { size }: ReadonlyMap<string, Float32Array>): string[] {
  if (!optimizer) return [];
  if (size === 0) return ["optimizer: no momentum that can be used; SGD's starts at zero"];
  return [
    `optimizer: momentum of ${size} parameters; SGD goes on with it when it trains the same parameters for the same classes`,
  ];
}

/**
 * Brings a checkpoint of the official code, a bare backbone or weights without a description under our names.
 * @throws model-invalid naming the file, and the tensors that don't fit
 */
export function openForeign(file: string, read: WeightsFile): ForeignWeights {
  const shapes = shapesOf(read.tensors);
  const base = baseOf(shapes);
  if (base === null)
    throw new StudioError(
      'model-invalid',
      `${file} is no TTFNet and no backbone of one (its first tensors: ${[...read.tensors.keys()].slice(0, 3).join(', ')}). Use a checkpoint of TTFNet-18, -34 or -53, or a ResNet-18, ResNet-34 or DarkNet-53 backbone.`,
      undefined,
      said('model.strangeWeights', { file }),
    );
  const { network, classes } = headOf(file, shapes);
  const name = network(base);
  const assignment = assignWeights(parameterShapes(networkNamed(name), Math.max(1, classes)), read.tensors);
  checkAssignment(assignment, file);
  const momentum = momentumOf(read, assignment);
  const used = [...assignment.used].map(([n, t]) => [n, { shape: t.shape, data: asFloat32(t) }] as const);
  return {
    description: {
      version: descriptionVersion,
      network: name,
      classes: classes === 0 ? [] : classNames(classes, read),
      width: officialSize,
      height: officialSize,
      createdBy: assignment.source,
    },
    weights: new Map(used),
    report: [describeAssignment(assignment, file), ...momentumLines(read, momentum), ...read.notes].join('\n'),
    momentum,
    progress: { epoch: countOf(read.meta['epoch']), iteration: countOf(read.meta['iter']) },
  };
}
