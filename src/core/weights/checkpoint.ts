// Finds weights, meta data and optimizer state in what a PyTorch checkpoint holds: mmdetection's layout or a bare state dict.
import { StudioError } from '../../shared/errors.ts';
import type { OptimizerState } from './optimizerState.ts';
import { readOptimizer } from './optimizerState.ts';
import type { PickleDict, PickleTensor, PickleValue } from './pickleValues.ts';
import { isKind } from './pickleValues.ts';
import type { MetaValue } from './plainMeta.ts';
import { toPlainDict } from './plainMeta.ts';
import type { PthContent } from './pthFormats.ts';
import type { NamedTensor } from './tensor.ts';

/** A checkpoint's content. */
export interface Checkpoint {
  /** By dotted parameter name, in the file's order, without the `module.` of data-parallel training. */
  readonly tensors: Map<string, NamedTensor>;
  /** What the file says about itself, such as `CLASSES` and `epoch`. */
  readonly meta: Readonly<Record<string, MetaValue>>;
  readonly optimizer: OptimizerState | null;
  /** Sentences about what could not be used. */
  readonly notes: readonly string[];
}

/** Keys under which programs put the state dict. */
const wrappers = ['state_dict', 'model', 'model_state_dict'];

function hasTensors(value: PickleValue | undefined): value is PickleDict {
  return isKind(value, 'dict') && [...value.map.values()].some((item) => isKind(item, 'tensor'));
}

function findStateDict(root: PickleValue): PickleDict | undefined {
  if (!isKind(root, 'dict')) return undefined;
  return wrappers.map((key) => root.map.get(key)).find(hasTensors) ?? (hasTensors(root) ? root : undefined);
}

/** Longest name of a tensor; real ones stay below 100 characters, and messages quote them. */
const maxName = 500;

interface Named {
  readonly entries: Map<string, PickleTensor>;
  readonly notes: string[];
}

function namedTensors(state: PickleDict, file: string): Named {
  const entries = new Map<string, PickleTensor>();
  const notes: string[] = [];
  for (const [key, value] of state.map) {
    const name = String(typeof key === 'object' ? 'an unnamed entry' : key).replace(/^module\./, '');
    if (name.length > maxName)
      throw new StudioError(
        'model-invalid',
        `${file} has a name of ${name.length} characters in its state dict. Refused.`,
      );
    if (!isKind(value, 'tensor')) notes.push(`"${name}" is not a tensor and was left out.`);
    else if (entries.has(name)) throw new StudioError('model-invalid', `${file} has the tensor "${name}" twice.`);
    else entries.set(name, value);
  }
  return { entries, notes };
}

/**
 * Reads every tensor of a checkpoint.
 * @param file for messages
 * @throws model-invalid naming the file, and the tensor that is damaged, named twice or named at absurd length
 */
export async function readCheckpoint({ root, tensors }: PthContent, file: string): Promise<Checkpoint> {
  const state = findStateDict(root);
  if (!state)
    throw new StudioError(
      'model-invalid',
      `${file} is a PyTorch file without a state dict (named tensors). Save model.state_dict() and import that.`,
    );
  const { entries, notes } = namedTensors(state, file);
  const read = new Map<string, NamedTensor>();
  for (const [name, tensor] of entries) read.set(name, await tensors.read(name, tensor));
  const outer = isKind(root, 'dict') && state !== root ? root.map : new Map<PickleValue, PickleValue>();
  const optimizer = await readOptimizer(outer.get('optimizer'), tensors, read);
  notes.push(...optimizer.notes);
  return { tensors: read, meta: toPlainDict(outer.get('meta'), file), optimizer: optimizer.state, notes };
}
