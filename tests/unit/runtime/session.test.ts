// Sessions on real one-node models: results, buffers reused in place, and failures that say what to do.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tensor } from '../../../src/core/runtime/hostTensor.ts';
import { createSession, type Session } from '../../../src/core/runtime/session.ts';
import { encodeTinyModel } from '../../../src/core/runtime/tinyModel.ts';

const product = encodeTinyModel({ op: 'MatMul', inputs: { a: ['rows', 2], b: [2, 1] }, output: ['rows', 1] });
const a = tensor('float32', Float32Array.of(1, 2), [1, 2]);
const b = tensor('float32', Float32Array.of(3, 4), [2, 1]);
let folder: string;
let session: Session;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ttfnet-session-'));
  session = await createSession(product, { name: 'the product' });
});
afterAll(async () => {
  await session.release();
  await rm(folder, { recursive: true });
});

describe('a loaded model', () => {
  test('tells its ports, free sizes by name', () => {
    expect(session.inputs).toEqual([
      { name: 'a', type: 'float32', shape: ['rows', 2] },
      { name: 'b', type: 'float32', shape: [2, 1] },
    ]);
    expect(session.outputs).toEqual([{ name: 'y', type: 'float32', shape: ['rows', 1] }]);
  });

  test('computes, from bytes and from a file', async () => {
    const file = path.join(folder, 'product.onnx');
    await writeFile(file, product);
    const fromFile = await createSession(file, { threads: 1 });
    expect(fromFile).toMatchObject({ name: 'product.onnx', provider: 'cpu', threads: 1 });
    for (const s of [session, fromFile]) expect((await s.run({ a, b }))['y']!.data).toEqual(Float32Array.of(11));
    await fromFile.release();
  });

  test('writes into the given array and lets null be allocated', async () => {
    const y = tensor('float32', new Float32Array(1), [1, 1]);
    await session.run({ a, b }, { y });
    expect(y.data[0]).toBe(11);
    expect((await session.run({ a, b }, { y: null }))['y']!.data).toEqual(y.data);
    expect((await session.run({ a, b }, ['y']))['y']!.dims).toEqual([1, 1]);
  });

  test('updates a fed array in place', async () => {
    const add = await createSession(encodeTinyModel({ op: 'Add', inputs: { w: [2], d: [2] }, output: [2] }));
    const w = tensor('float32', Float32Array.of(1, 2), [2]);
    await add.run({ w, d: tensor('float32', Float32Array.of(10, 20), [2]) }, { y: w });
    expect(w.data).toEqual(Float32Array.of(11, 22));
    await add.release();
  });

  test('takes tensors that are plain objects', async () => {
    const plain = { type: 'float32' as const, dims: [1, 2], data: Float32Array.of(1, 0) };
    expect((await session.run({ a: plain, b }))['y']!.data).toEqual(Float32Array.of(3));
  });
});

describe('failures', () => {
  const y2 = tensor('float32', new Float32Array(2), [2, 1]);
  test.each([
    ['a missing input', { a }, undefined, /the product needs its input "b"/],
    ['an unknown input', { a, b, c: a }, undefined, /no input "c"; it has a, b/],
    ['an unknown output', { a, b }, ['z'], /no output "z"; it has y/],
    ['no output', { a, b }, [], /asked for no output/],
    ['another shape', { a: b, b }, undefined, /failed in the product: .*invalid dimensions for input: a/],
    ['another type', { a: tensor('int32', new Int32Array(2), [1, 2]), b }, undefined, /the product: .*int32/],
    ['a buffer of another shape', { a, b }, { y: y2 }, /the product at node "MatMul" \(MatMul\): The output/],
  ])('%s', async (_, feeds, fetches, message) => {
    const run = session.run(feeds, fetches);
    await expect(run).rejects.toMatchObject({
      code: 'runtime-failed',
      message: expect.stringMatching(message) as string,
    });
  });

  test('after its release', async () => {
    const released = await createSession(product);
    await released.release();
    await released.release();
    await expect(released.run({ a, b })).rejects.toMatchObject({ code: 'runtime-failed' });
  });

  test.each([
    ['empty.onnx', new Uint8Array()],
    ['text.onnx', new TextEncoder().encode('not a model')],
    ['cut.onnx', product.slice(0, 40)],
    ['unknownOp.onnx', encodeTinyModel({ op: 'NoSuchOp', inputs: { a: [1] }, output: [1] })],
  ])('%s is not a model', async (name, bytes) => {
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    const message = expect.stringContaining(file) as string;
    await expect(createSession(file)).rejects.toMatchObject({ code: 'model-invalid', message });
    await expect(createSession(bytes, { name })).rejects.toMatchObject({ code: 'model-invalid' });
  });

  test('a file that is absent, a folder', async () => {
    await expect(createSession(path.join(folder, 'none.onnx'))).rejects.toMatchObject({ code: 'file-missing' });
    await expect(createSession(folder)).rejects.toMatchObject({ code: 'model-invalid' });
  });
});

describe('profile', () => {
  test('sums up by operator', async () => {
    const measured = await createSession(product, { profile: true });
    for (let i = 0; i < 3; i++) await measured.run({ a, b });
    const { rows, totalMs } = await measured.endProfile();
    expect(rows).toMatchObject([{ op: 'MatMul', provider: 'CPUExecutionProvider', calls: 3 }]);
    expect(totalMs).toBeCloseTo(rows[0]!.ms);
    await measured.release();
  });

  test('is refused where it was not asked for', async () => {
    await expect(session.endProfile()).rejects.toMatchObject({ code: 'argument-invalid' });
  });
});
