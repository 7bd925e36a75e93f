// Reads the golden folders: numbers made by the official code, with their tensors inline, dense in a .bin, or sparse (see their README).
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'vitest';
import { sharedPath } from './shared.ts';

/** A tensor's elements, in row-major order. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint32Array;
}

/** What a manifest holds where a tensor stands, and everything else as it is in the JSON. */
export type Loaded = GoldenTensor | string | number | boolean | null | readonly Loaded[] | LoadedObject;
/** An object of a manifest with its tensors read. */
export interface LoadedObject {
  readonly [key: string]: Loaded;
}

/** Folder of the golden files: GOLDEN_DIR, else `../shared/golden`; null where neither is there. */
export function goldenFolder(): string | null {
  return process.env['GOLDEN_DIR'] ?? sharedPath('golden');
}

/**
 * The cases of one golden folder with every tensor read.
 * @param group `targets`, `losses`, `decode`, ...
 */
export function goldenCases(group: string): Loaded[] {
  const root = goldenFolder();
  if (root === null) throw new Error(`no golden files: set GOLDEN_DIR or put ../shared/golden beside the checkout`);
  const folder = path.join(root, group);
  const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as { cases: Json[] };
  return manifest.cases.map((c) => read(c, folder));
}

/**
 * `describe` over the cases of a golden folder: skipped, with the reason in the title, where there are no golden files. The test casts the
 * cases to what it knows of them.
 */
export function describeWithGolden(title: string, group: string, body: (cases: readonly Loaded[]) => void): void {
  if (goldenFolder() === null)
    describe.skip(`${title} (skipped: no ../shared/golden and no GOLDEN_DIR)`, () => undefined);
  else describe(title, () => body(goldenCases(group)));
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Dtype = 'float32' | 'int32' | 'uint32';

interface Inline {
  data: number[];
}
interface Dense {
  encoding: 'dense';
  file: string;
  byteOffset: number;
  byteLength: number;
}
interface Sparse {
  encoding: 'sparse';
  fill: number;
  indices: Stored;
  values: Stored;
}
type Stored = { dtype: Dtype; shape: number[] } & (Inline | Dense | Sparse);

const arrays = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };
const isStored = (value: object): value is Stored => 'dtype' in value && 'shape' in value;

function read(value: Json, folder: string): Loaded {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((v) => read(v, folder));
  if (isStored(value)) return { shape: value.shape, data: elements(value, folder) };
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, read(v, folder)]));
}

function elements(stored: Stored, folder: string): GoldenTensor['data'] {
  const make = arrays[stored.dtype];
  if (!('encoding' in stored)) return make.from(stored.data);
  if (stored.encoding === 'dense') {
    const bytes = readFileSync(path.join(folder, stored.file));
    const at = bytes.byteOffset + stored.byteOffset; // a small Buffer lies in a shared pool at any offset: copy
    return new make(bytes.buffer.slice(at, at + stored.byteLength));
  }
  const out = new make(stored.shape.reduce((a, b) => a * b, 1)).fill(stored.fill);
  const [indices, values] = [elements(stored.indices, folder), elements(stored.values, folder)];
  indices.forEach((at, i) => (out[at] = values[i]!));
  return out;
}
