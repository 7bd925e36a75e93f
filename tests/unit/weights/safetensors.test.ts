// safetensors: what is written is read back; damaged and lying headers are refused with the tensor's name.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../../src/core/weights/safetensors.ts';
import { writeSafetensors } from '../../../src/core/weights/safetensorsWriter.ts';
import type { NamedTensor } from '../../../src/core/weights/tensor.ts';
import { asFloat32, hasNonFinite } from '../../../src/core/weights/tensor.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'weights-'));
});
afterAll(() => rm(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);

const samples: NamedTensor[] = [
  { name: 'flag', dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
  { name: 'half', dtype: 'float16', shape: [2], data: Uint16Array.of(0x3e00, 0xc080) },
  { name: 'brain', dtype: 'bfloat16', shape: [2], data: Uint16Array.of(0x3f80, 0xc049) },
  { name: 'weight', dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 0) },
  { name: 'double', dtype: 'float64', shape: [], data: Float64Array.of(Math.PI) },
  { name: 'count', dtype: 'int64', shape: [1], data: BigInt64Array.of(-(2n ** 40n)) },
  { name: 'ids', dtype: 'int32', shape: [2], data: Int32Array.of(-1, 7) },
  { name: 'empty', dtype: 'float32', shape: [0, 3], data: new Float32Array() },
];

async function writeRaw(name: string, header: unknown, data: Uint8Array): Promise<string> {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  await writeFile(at(name), Buffer.concat([length, json, data]));
  return at(name);
}

describe('safetensors', () => {
  it('reads back every element type, order, shapes and metadata', async () => {
    const file = at('all.safetensors');
    await writeSafetensors(file, samples, { epoch: '3', 'naïve "key"': '汉字' });
    const read = await readSafetensors(file);
    expect([...read.tensors.values()]).toEqual(samples);
    expect(read.metadata).toEqual({ epoch: '3', 'naïve "key"': '汉字' });
    expect((await readFile(file)).readBigUInt64LE() % 8n).toBe(0n);
  });

  it('converts each element type to float32', () => {
    const values = Object.fromEntries(samples.map((t) => [t.name, [...asFloat32(t)]]));
    expect(values).toEqual({
      flag: [1, 0, 1],
      half: [1.5, -2.25],
      brain: [1, -3.140625],
      weight: [1, -2, 3.5, 0],
      double: [Math.fround(Math.PI)],
      count: [-(2 ** 40)],
      ids: [-1, 7],
      empty: [],
    });
  });

  it('round-trips any names and finite or non-finite numbers bit by bit', async () => {
    const file = at('any.safetensors');
    const names = fc.uniqueArray(
      fc.string().filter((s) => s !== '__metadata__' && s !== '__proto__'),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(names, fc.float32Array({ maxLength: 40 }), async (keys, data) => {
        const tensors = keys.map((name): NamedTensor => ({ name, dtype: 'float32', shape: [data.length], data }));
        await writeSafetensors(file, tensors);
        const read = await readSafetensors(file);
        expect(new Set(read.tensors.keys())).toEqual(new Set(keys));
        for (const t of read.tensors.values()) expect(t.data).toEqual(data);
      }),
      { numRuns: 40 },
    );
  });

  it('finds NaN and infinities in floating tensors only', () => {
    const wrap = (dtype: NamedTensor['dtype'], data: NamedTensor['data']): NamedTensor => ({
      name: 'x',
      dtype,
      shape: [data.length],
      data,
    });
    expect(hasNonFinite(wrap('float32', Float32Array.of(1, NaN)))).toBe(true);
    expect(hasNonFinite(wrap('float64', Float64Array.of(-Infinity)))).toBe(true);
    expect(hasNonFinite(wrap('float64', Float64Array.of(1e300)))).toBe(true); // infinite as float32
    expect(hasNonFinite(wrap('float16', Uint16Array.of(0x7c00)))).toBe(true);
    expect(hasNonFinite(wrap('bfloat16', Uint16Array.of(0xff80)))).toBe(true);
    expect(hasNonFinite(wrap('bfloat16', Uint16Array.of(0x7c00)))).toBe(false);
    for (const t of samples) expect(hasNonFinite(t)).toBe(false);
  });

  it('leaves the old file and no temporary file when a tensor is wrong or the target is a folder', async () => {
    const file = at('kept.safetensors');
    await writeSafetensors(file, samples);
    const before = await readFile(file);
    const wrong: NamedTensor = { name: 'w', dtype: 'float32', shape: [3], data: new Float32Array(2) };
    await expect(writeSafetensors(file, [wrong])).rejects.toMatchObject({ code: 'internal' });
    await expect(writeSafetensors(folder, samples)).rejects.toThrow(folder);
    expect(await readFile(file)).toEqual(before);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await expect(writeSafetensors(at('no/such/folder.safetensors'), samples)).rejects.toMatchObject({
      code: 'file-missing',
    });
  });

  const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype = 'F32'): object => ({
    dtype,
    shape,
    data_offsets: [begin, end],
  });
  const bad: [string, unknown, number, RegExp][] = [
    ['overlap', { a: f32(0, 8), b: f32(4, 12) }, 12, /"b" overlaps/],
    ['gap', { a: f32(0, 8), b: f32(12, 16) }, 16, /"b" overlaps another or leaves a gap/],
    ['truncated', { a: f32(0, 400) }, 12, /truncated: 12 of 400/],
    ['trailing', { a: f32(0, 8) }, 12, /4 bytes after/],
    ['shape', { a: f32(0, 8, [3]) }, 8, /"a" has a byte range that does not fit/],
    ['negative', { a: f32(0, 8, [-2]) }, 8, /"a" has a shape that is not possible/],
    ['huge', { a: f32(0, 8, [2 ** 30, 2 ** 30]) }, 8, /"a" has a shape that is not possible/],
    ['dtype', { a: f32(0, 8, [2], 'F8_E4M3') }, 8, /"a" has element type "F8_E4M3"; readable are F64/],
    ['json', '{"a":', 8, /header is not JSON/],
    ['array', [1], 0, /header is not an object/],
  ];
  it.each(bad)('refuses a header with %s', async (name, header, size, message) => {
    const file = await writeRaw(`${name}.bad`, header, new Uint8Array(size));
    await expect(readSafetensors(file)).rejects.toThrow(message);
    await expect(readSafetensors(file)).rejects.toMatchObject({ code: 'model-invalid' });
    await expect(readSafetensors(file)).rejects.toThrow(file);
  });

  it('refuses a header length past the end, an empty file and a missing one', async () => {
    const huge = Buffer.alloc(16);
    huge.writeBigUInt64LE(2n ** 62n);
    await writeFile(at('huge.bad'), huge);
    await expect(readSafetensors(at('huge.bad'))).rejects.toMatchObject({ code: 'model-invalid' });
    huge.writeBigUInt64LE(1000n);
    await writeFile(at('long.bad'), huge);
    await expect(readSafetensors(at('long.bad'))).rejects.toThrow(/truncated/);
    await writeFile(at('zero.bad'), '');
    await expect(readSafetensors(at('zero.bad'))).rejects.toThrow(/is empty/);
    await expect(readSafetensors(at('absent'))).rejects.toMatchObject({ code: 'file-missing' });
    await expect(readSafetensors(folder)).rejects.toMatchObject({ code: 'file-permission' });
  });
});
