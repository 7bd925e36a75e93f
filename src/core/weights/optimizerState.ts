// A PyTorch optimizer's state by parameter name: the file has only indices, or in old files the parameters' addresses.
import type { PickleValue } from './pickleValues.ts';
import { isKind, itemsOf } from './pickleValues.ts';
import type { PthTensors } from './pthTensors.ts';
import type { NamedTensor } from './tensor.ts';

/** Parameters trained with the same settings. */
export interface OptimizerGroup {
  /** Names, in the model's order. */
  readonly parameters: readonly string[];
  /** Numeric and boolean settings, such as `lr`, `momentum`, `weight_decay`. */
  readonly settings: Readonly<Record<string, number | boolean>>;
}

/** What an optimizer remembers. */
export interface OptimizerState {
  readonly groups: readonly OptimizerGroup[];
  /** By slot (`momentum_buffer`, `exp_avg` ...), then by parameter name. A parameter that was never stepped is absent. */
  readonly slots: ReadonlyMap<string, ReadonlyMap<string, NamedTensor>>;
}

/** Names of buffers in a state dict; everything else is a parameter. */
const bufferName = /(^|\.)(running_mean|running_var|num_batches_tracked)$/;

/** Most settings of a group, and most things remembered about a parameter; torch's optimizers have a dozen and three. A pickle may name one dict a thousand times. */
const maxEntries = 64;

function idsOf(group: PickleValue): readonly PickleValue[] {
  return (isKind(group, 'dict') ? itemsOf(group.map.get('params')) : null) ?? [];
}

function settingsOf(group: PickleValue): Record<string, number | boolean> {
  if (!isKind(group, 'dict')) return {};
  const pairs = [...group.map].filter(
    (pair): pair is [string, number | boolean] =>
      typeof pair[0] === 'string' && (typeof pair[1] === 'number' || typeof pair[1] === 'boolean'),
  );
  return Object.fromEntries(pairs);
}

/** Names by id: the groups list the ids in the order in which the model lists its parameters. Null where they aren't one for one. */
function nameIds(groups: readonly PickleValue[], names: readonly string[]): Map<PickleValue, string> | null {
  let count = 0;
  for (const group of groups) if ((count += idsOf(group).length) > names.length) return null;
  const ids = groups.flatMap((group) => [...idsOf(group)]);
  if (ids.length !== names.length || new Set(ids).size !== ids.length) return null;
  // Indices (torch 1.5 and later) say the place themselves; addresses only have their order.
  const indexed = [...ids].every((id) => typeof id === 'number' && id < ids.length);
  return new Map(ids.map((id, i) => [id, names[indexed ? Number(id) : i]!]));
}

/** Slots are as large as their parameter, or one number (a step count). */
function fits(tensor: NamedTensor, parameter: NamedTensor): boolean {
  return tensor.shape.length === 0 || tensor.shape.join() === parameter.shape.join();
}

async function readSlot(
  tensors: PthTensors,
  name: string,
  slot: string,
  value: PickleValue,
): Promise<NamedTensor | null> {
  if (typeof value === 'number') return { name, dtype: 'float64', shape: [], data: Float64Array.of(value) };
  if (!isKind(value, 'tensor')) return null; // no momentum yet
  return { ...(await tensors.read(`optimizer ${slot} of ${name}`, value)), name };
}

interface Found {
  readonly state: OptimizerState | null;
  readonly notes: readonly string[];
}

const refused = (why: string): Found => ({
  state: null,
  notes: [`The optimizer's state was left out: ${why}. Momentum starts at zero.`],
});

async function readSlots(
  state: ReadonlyMap<PickleValue, PickleValue>,
  byId: ReadonlyMap<PickleValue, string>,
  tensors: PthTensors,
  parameters: ReadonlyMap<string, NamedTensor>,
): Promise<Map<string, Map<string, NamedTensor>> | string> {
  const slots = new Map<string, Map<string, NamedTensor>>();
  for (const [id, remembered] of state) {
    const name = byId.get(id);
    if (name === undefined || !isKind(remembered, 'dict')) return 'it remembers a parameter that no group has';
    if (remembered.map.size > maxEntries) return `it remembers ${remembered.map.size} things about "${name}"`;
    for (const [slot, value] of remembered.map) {
      if (typeof slot !== 'string') continue;
      const tensor = await readSlot(tensors, name, slot, value);
      if (!tensor) continue;
      if (!fits(tensor, parameters.get(name)!))
        return `the shape of its ${slot} of "${name}" is [${tensor.shape.join('x')}]`;
      slots.set(slot, (slots.get(slot) ?? new Map<string, NamedTensor>()).set(name, tensor));
    }
  }
  return slots;
}

/**
 * Reads an optimizer's `state_dict()`.
 * @param value the checkpoint's `optimizer` entry, if any
 * @param weights the checkpoint's state dict in order, which gives the parameters their names
 * @returns null with a note when it can't belong to these parameters
 * @throws model-invalid when a tensor in it is damaged
 */
export async function readOptimizer(
  value: PickleValue | undefined,
  tensors: PthTensors,
  weights: ReadonlyMap<string, NamedTensor>,
): Promise<Found> {
  const state = isKind(value, 'dict') ? value.map.get('state') : undefined;
  const groups = isKind(value, 'dict') ? itemsOf(value.map.get('param_groups')) : null;
  if (!isKind(state, 'dict') || !groups) return { state: null, notes: [] };
  const names = [...weights.keys()].filter((name) => !bufferName.test(name));
  if (groups.length > names.length || groups.some((g) => isKind(g, 'dict') && g.map.size > maxEntries))
    return refused('its groups are far more than an optimizer has');
  const byId = nameIds(groups, names);
  if (!byId) return refused(`it does not have exactly the ${names.length} parameters of the model`);
  const slots = await readSlots(state.map, byId, tensors, weights);
  if (typeof slots === 'string') return refused(slots);
  const named = groups.map((group) => ({
    parameters: idsOf(group).map((id) => byId.get(id)!),
    settings: settingsOf(group),
  }));
  return { state: { groups: named, slots }, notes: [] };
}
