// Matches the tensors of a weight file with those a network wants, and says what happened to each.
import { StudioError } from '../../shared/errors.ts';
import { rename, renameTableFor } from './renames.ts';
import type { NamedTensor } from './tensor.ts';
import { asFloat32, hasNonFinite } from './tensor.ts';

/** A parameter or buffer of a network. */
export interface WantedTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A tensor whose shape in the file isn't the wanted one. */
export interface ShapeDifference {
  readonly name: string;
  readonly found: readonly number[];
  readonly wanted: readonly number[];
}

/** What became of each tensor. Every wanted name is in exactly one of `used`, `reinitialised`, `mismatched`, `missing`. */
export interface Assignment {
  /** Which kind of checkpoint this is, for people. */
  readonly source: string;
  /** Tensors to load, by wanted name and with the wanted shape. */
  readonly used: ReadonlyMap<string, NamedTensor>;
  /** For each used name, its name in the file (to find its optimizer state). */
  readonly origins: ReadonlyMap<string, string>;
  /** Used tensors whose shape differed only in dimensions of 1. */
  readonly reshaped: readonly ShapeDifference[];
  /** Head tensors for another number of classes or another head: they keep their fresh values. */
  readonly reinitialised: readonly ShapeDifference[];
  /** Other tensors of the wrong shape. */
  readonly mismatched: readonly ShapeDifference[];
  /** Wanted names that the file doesn't have. Step counters (`num_batches_tracked`) don't count. */
  readonly missing: readonly string[];
  /** Names in the file that the network doesn't have. */
  readonly skipped: readonly string[];
  /** Names in the file that no network of ours needs: classifiers, and the batch counters of PyTorch's batch norms. */
  readonly unneeded: readonly string[];
  /** Used names that hold NaN or infinite numbers. */
  readonly nonFinite: readonly string[];
  /** Used names of variances below zero, whose square root would make every activation NaN. */
  readonly negative: readonly string[];
}

/** Layers that depend on the class count or the head's size, so that fresh ones are as good as any. */
const headName = /^bbox_head\.(hm|wh)\./;

/** PyTorch counts batches per batch norm, for averages of another kind than these networks use. */
const counterName = /(^|\.)num_batches_tracked$/;

/** A batch norm's running variance. */
const varianceName = /(^|\.)running_var$/;

const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();
const squeezed = (shape: readonly number[]): number[] => shape.filter((dim) => dim !== 1);

class Matcher {
  readonly used = new Map<string, NamedTensor>();
  readonly origins = new Map<string, string>();
  readonly reshaped: ShapeDifference[] = [];
  readonly reinitialised: ShapeDifference[] = [];
  readonly mismatched: ShapeDifference[] = [];
  readonly missing: string[] = [];

  match({ name, shape }: WantedTensor, found: NamedTensor | undefined): void {
    if (!found) {
      if (!counterName.test(name)) this.missing.push(name);
      return;
    }
    const difference = { name, found: found.shape, wanted: shape };
    if (sameShape(found.shape, shape)) this.#use(name, shape, found);
    else if (sameShape(squeezed(found.shape), squeezed(shape))) {
      this.#use(name, shape, found);
      this.reshaped.push(difference);
    } else (headName.test(name) ? this.reinitialised : this.mismatched).push(difference);
  }

  #use(name: string, shape: readonly number[], found: NamedTensor): void {
    this.used.set(name, { ...found, name, shape });
    this.origins.set(name, found.name);
  }
}

/**
 * Matches `tensors` with what a network wants, by name after {@link renameTableFor | renaming}, then by shape.
 * Changes nothing and refuses nothing: see {@link checkAssignment}.
 */
export function assignWeights(wanted: readonly WantedTensor[], tensors: ReadonlyMap<string, NamedTensor>): Assignment {
  const table = renameTableFor(tensors.keys());
  const isUnneeded = (name: string): boolean => [counterName, ...table.unneeded].some((pattern) => pattern.test(name));
  const wantedNames = new Set(wanted.map(({ name }) => name));
  const ours = (name: string): string => (wantedNames.has(name) ? name : rename(table, name));
  const byName = new Map([...tensors.values()].map((tensor) => [ours(tensor.name), tensor]));
  const matcher = new Matcher();
  for (const want of wanted) matcher.match(want, byName.get(want.name));
  const taken = new Set(wanted.map(({ name }) => byName.get(name)?.name));
  const left = [...tensors.keys()].filter((name) => !taken.has(name));
  const { used, origins, reshaped, reinitialised, mismatched, missing } = matcher;
  return {
    source: table.name,
    used,
    origins,
    reshaped,
    reinitialised,
    mismatched,
    missing,
    skipped: left.filter((name) => !isUnneeded(name)),
    unneeded: left.filter(isUnneeded),
    nonFinite: [...used.values()].filter(hasNonFinite).map(({ name }) => name),
    negative: [...used.values()].filter(isNegativeVariance).map(({ name }) => name),
  };
}

const isNegativeVariance = (tensor: NamedTensor): boolean =>
  varianceName.test(tensor.name) && asFloat32(tensor).some((v) => v < 0);

function few(names: readonly string[]): string {
  return names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
}

const isBackbone = (name: string): boolean => name.startsWith('backbone.');

/** Why these weights can't start this network, or null. */
function objection(a: Assignment): string | null {
  if (a.nonFinite.length) return `it has NaN or infinite numbers in ${few(a.nonFinite)}. Take an earlier checkpoint`;
  if (a.negative.length) return `it has variances below zero in ${few(a.negative)}. Take an earlier checkpoint`;
  const wrong = a.mismatched[0];
  if (wrong)
    return `it is another network: ${wrong.name} is [${wrong.found.join('x')}] where [${wrong.wanted.join('x')}] is needed (${a.mismatched.length} of the wrong shape). Choose the network it was made for`;
  if (a.used.size === 0)
    return `none of its tensors belong to this network (it has ${few([...a.skipped, ...a.unneeded])}). Choose the network it was made for`;
  const lacking = a.missing.filter(isBackbone);
  const hasBackbone = [...a.used.keys()].some(isBackbone);
  if (hasBackbone && lacking.length)
    return `its backbone is another one: it lacks ${few(lacking)}. Choose the network it was made for`;
  const renamed = a.source.includes('backbone') ? a.skipped : a.skipped.filter(isBackbone);
  if (renamed.length)
    return `its backbone is another one: ${few(renamed)} have no place. Choose the network it was made for`;
  return null;
}

/**
 * Refuses weights that would silently give a broken network: another backbone, wrong shapes, NaN or infinite numbers, negative variances.
 * Missing heads and heads for other classes are fine; {@link describeAssignment} reports them.
 * @throws model-invalid naming the file and the tensors
 */
export function checkAssignment(assignment: Assignment, file: string): void {
  const why = objection(assignment);
  if (why) throw new StudioError('model-invalid', `${file} cannot be used: ${why}.`);
}

const shapeLines = (title: string, list: readonly ShapeDifference[]): string[] =>
  list.map(({ name, found, wanted }) => `${title}: ${name} [${found.join('x')}] -> [${wanted.join('x')}]`);

const nameLines = (title: string, names: readonly string[]): string[] => names.map((name) => `${title}: ${name}`);

/** A report for people: one line of counts, then one line per tensor that wasn't simply used; batch counters share one. */
export function describeAssignment(a: Assignment, file: string): string {
  const unneeded = a.unneeded.filter((name) => !counterName.test(name));
  const counters = a.unneeded.length - unneeded.length;
  const lines = [
    `${file}: ${a.source}; ${a.used.size} tensors used, ${a.reinitialised.length} re-initialised, ${a.missing.length} missing, ${a.skipped.length + unneeded.length} skipped`,
    ...shapeLines('reshaped', a.reshaped),
    ...shapeLines('re-initialised', a.reinitialised),
    ...shapeLines('wrong shape', a.mismatched),
    ...nameLines('missing', a.missing),
    ...nameLines('skipped', a.skipped),
    ...nameLines('not needed', unneeded),
    ...(counters > 0 ? [`not needed: ${counters} batch counters (num_batches_tracked)`] : []),
    ...nameLines('NaN or infinite', a.nonFinite),
    ...nameLines('variance below zero', a.negative),
  ];
  return lines.join('\n');
}
