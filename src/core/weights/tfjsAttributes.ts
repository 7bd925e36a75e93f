// Decodes the attribute values of TensorFlow.js graph nodes (protobuf's JSON form) to plain values.
import { StudioError } from '../../shared/errors.ts';

/**
 * A decoded attribute: text (`s`, from base64), number (`i`, `f`), flag (`b`), type name (`type`, such as `DT_FLOAT`),
 * shape (`shape` and `tensor`: sizes, -1 where unknown), or a list of one of these.
 */
export type TfjsAttribute = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[];

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const decodeText = (value: unknown): string => Buffer.from(String(value), 'base64').toString('utf8');

function decodeShape(value: unknown): number[] {
  const dims = isObject(value) ? value['dim'] : undefined;
  return Array.isArray(dims) ? dims.map((dim) => Number(isObject(dim) ? (dim['size'] ?? -1) : -1)) : [];
}

const listKinds: Record<string, (items: unknown[]) => TfjsAttribute> = {
  s: (items) => items.map(decodeText),
  i: (items) => items.map(Number),
  f: (items) => items.map(Number),
  b: (items) => items.map(Boolean),
  type: (items) => items.map(String),
};

function decodeList(value: unknown): TfjsAttribute | undefined {
  if (!isObject(value)) return undefined;
  const [entry] = Object.entries(value);
  if (!entry) return [];
  const [kind, items] = entry;
  return Array.isArray(items) ? listKinds[kind]?.(items) : undefined;
}

const kinds: Record<string, (value: unknown) => TfjsAttribute | undefined> = {
  s: decodeText,
  i: Number,
  f: Number,
  b: Boolean,
  type: String,
  shape: decodeShape,
  tensor: (value) => decodeShape(isObject(value) ? value['tensorShape'] : undefined),
  list: decodeList,
};

/**
 * Decodes a node's `attr` object; attributes of kinds that mean nothing here (functions, nested lists) are left out.
 * @param where file and node, for the message
 * @throws model-invalid when it isn't an object of objects
 */
export function decodeAttributes(attr: unknown, where: string): Record<string, TfjsAttribute> {
  if (!isObject(attr)) throw new StudioError('model-invalid', `${where} has unreadable attributes.`);
  const decoded = Object.entries(attr).map(([name, value]) => {
    if (!isObject(value)) throw new StudioError('model-invalid', `${where} has an unreadable attribute "${name}".`);
    const kind = Object.keys(value).find((key) => Object.hasOwn(kinds, key));
    return [name, kind === undefined ? undefined : kinds[kind]!(value[kind])] as const;
  });
  return Object.fromEntries(decoded.filter((pair): pair is [string, TfjsAttribute] => pair[1] !== undefined));
}
