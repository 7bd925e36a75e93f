// Turns a checkpoint's meta data into JSON-like values, within a budget that shared and cyclic structures can't pass.
import { StudioError } from '../../shared/errors.ts';
import type { PickleValue } from './pickleValues.ts';
import { isKind, itemsOf } from './pickleValues.ts';

/** A JSON-like value. */
export type MetaValue = null | boolean | number | string | MetaValue[] | { [key: string]: MetaValue };

const maxDepth = 32;
const maxValues = 50_000;

interface Budget {
  left: number;
  readonly file: string;
}

function plain(value: PickleValue, depth: number, budget: Budget): MetaValue {
  if (depth > maxDepth || --budget.left < 0)
    throw new StudioError(
      'model-invalid',
      `${budget.file}: its meta data is nested or repeated far beyond what a checkpoint holds. Refused.`,
    );
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (typeof value === 'bigint') return String(value);
  const items = isKind(value, 'set') ? [...value.items] : itemsOf(value);
  if (items) return items.map((item) => plain(item, depth + 1, budget));
  if (!isKind(value, 'dict')) return `(${value.kind})`;
  const pairs = [...value.map].map(
    ([key, item]) => [typeof key === 'object' ? '' : String(key), plain(item, depth + 1, budget)] as const,
  );
  return Object.fromEntries(pairs);
}

/** The entries of a dict as plain values; `{}` for anything else. @throws model-invalid when it is nested or repeated without end */
export function toPlainDict(value: PickleValue | undefined, file: string): Record<string, MetaValue> {
  if (!isKind(value, 'dict')) return {};
  return plain(value, 0, { left: maxValues, file }) as Record<string, MetaValue>;
}
