// The plain values that our pickle machine builds: data only, never code or live objects.
import type { WeightDtype } from './tensor.ts';

/** A tensor's memory as a checkpoint names it: `numel` elements of `dtype` under `key`, seen from element `viewOffset`. */
export interface PickleStorage {
  readonly kind: 'storage';
  readonly dtype: WeightDtype;
  readonly key: string;
  readonly numel: number;
  readonly viewOffset: number;
}

/** A strided view of a storage; offset and strides in elements. Unchecked: whoever materialises it checks. */
export interface PickleTensor {
  readonly kind: 'tensor';
  readonly storage: PickleStorage;
  readonly offset: PickleValue;
  readonly shape: readonly PickleValue[];
  readonly stride: readonly PickleValue[];
}

/** A list; may contain itself. */
export interface PickleList {
  readonly kind: 'list';
  readonly items: PickleValue[];
}

/** A tuple. */
export interface PickleTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

/** A dict or OrderedDict; keys compare as in JavaScript's Map. */
export interface PickleDict {
  readonly kind: 'dict';
  readonly map: Map<PickleValue, PickleValue>;
}

/** Anything a pickle may evaluate to here. Whole numbers beyond 2^53 are bigint. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleList
  | PickleTuple
  | PickleDict
  | PickleStorage
  | PickleTensor
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'set'; readonly items: Set<PickleValue> }
  /** An allowed class or function, by its full name. */
  | { readonly kind: 'global'; readonly name: string }
  /** A numpy element type such as `f8`. */
  | { readonly kind: 'dtype'; readonly code: string };

/** The kinds of {@link PickleValue} that aren't primitives. */
export type PickleKind = Exclude<PickleValue, null | boolean | number | bigint | string>['kind'];

/** True for a value of one of `kinds`. */
export function isKind<K extends PickleKind>(
  value: PickleValue | undefined,
  ...kinds: K[]
): value is Extract<PickleValue, { kind: K }> {
  return typeof value === 'object' && value !== null && (kinds as PickleKind[]).includes(value.kind);
}

/** The items of a list or tuple; null for anything else. */
export function itemsOf(value: PickleValue | undefined): readonly PickleValue[] | null {
  return isKind(value, 'list', 'tuple') ? value.items : null;
}
