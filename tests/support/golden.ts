// Reads the golden folders: numbers made by the official code, with their tensors inline, dense in a .bin, or sparse (see their README).
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { sharedPath } from './shared.ts';

/** A tensor's elements, in row-major order. */
export interface GoldenTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Element types that JavaScript has no array of, such as float16, are numbers in double precision. */
  readonly data: Float32Array | Int32Array | Uint32Array | Float64Array;
}

/** What a manifest holds where a tensor stands, and everything else as it is in the JSON. */
export type Loaded = GoldenTensor | string | number | boolean | null | readonly Loaded[] | LoadedObject;
/** An object of a manifest with its tensors read. */
export interface LoadedObject {
  readonly [key: string]: Loaded;
}

/** Folder of the golden files: GOLDEN_DIR, else `../shared/golden`; null where neither is there. */
function goldenRoot(): string | null {
  const chosen = process.env['GOLDEN_DIR'];
  if (chosen === undefined || chosen === '') return sharedPath('golden');
  if (existsSync(chosen)) return path.resolve(chosen);
  throw new Error(
    `GOLDEN_DIR is ${chosen}, which does not exist. Unset it, or name a folder laid out as ../shared/golden.`,
  );
}

/** How many cases each folder of `../shared/golden` has: a missing one must not go unnoticed. Folders in GOLDEN_DIR may have any number. */
const shippedCases = { targets: 21, losses: 11, decode: 13, dcn: 14, tiny: 2 } as const;

/** A folder of golden files. */
export type GoldenGroup = keyof typeof shippedCases;

/** A golden folder with every tensor of its manifest read. */
export interface GoldenFolder {
  readonly folder: string;
  readonly manifest: LoadedObject;
  readonly cases: readonly Loaded[];
}

/**
 * `describe` over a golden folder: skipped, with the reason in the title, where it is absent. The test casts manifest and cases to what it
 * knows of them. Any folder of the same layout will do: no test knows the names or number of its cases.
 */
export function describeWithGolden(title: string, group: GoldenGroup, body: (golden: GoldenFolder) => void): void {
  const root = goldenRoot();
  const folder = root && path.join(root, group);
  if (folder === null || !existsSync(path.join(folder, 'manifest.json'))) {
    describe.skip(`${title} (skipped: no ${root ?? '../shared/golden'}/${group}; GOLDEN_DIR names another place)`, () =>
      undefined);
    return;
  }
  const json = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as Json;
  const manifest = read(json, folder) as LoadedObject;
  const cases = manifest['cases'] as readonly Loaded[];
  describe(title, () => {
    test('all cases are there', () => {
      expect(cases.length).toBeGreaterThan(0);
      if (root === sharedPath('golden')) expect(cases).toHaveLength(shippedCases[group]);
    });
    body({ folder, manifest, cases });
  });
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

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
type Stored = { dtype: string; shape: number[] } & (Inline | Dense | Sparse);

const arrays = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };
const isStored = (value: object): value is Stored => 'dtype' in value && 'shape' in value;

function read(value: Json, folder: string): Loaded {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((v) => read(v, folder));
  if (isStored(value)) return { dtype: value.dtype, shape: value.shape, data: elements(value, folder) };
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, read(v, folder)]));
}

function elements(stored: Stored, folder: string): GoldenTensor['data'] {
  const make = stored.dtype in arrays ? arrays[stored.dtype as keyof typeof arrays] : Float64Array;
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
