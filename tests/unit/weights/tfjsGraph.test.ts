// TensorFlow.js graph models: the COCO base network's nodes and weights, small models made here, and damaged ones.
import { createRequire } from 'node:module';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asFloat32, hasNonFinite } from '../../../src/core/weights/tensor.ts';
import { readTfjsGraph } from '../../../src/core/weights/tfjsGraph.ts';

const require = createRequire(import.meta.url);
const base = path.resolve(path.dirname(require.resolve('@vladmandic/human')), '../models/centernet.json');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tfjs-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function model(weights: object[], bytes: Uint8Array, paths = ['w.bin'], node: unknown = []): Promise<string> {
  const file = path.join(folder, 'model.json');
  await writeFile(path.join(folder, 'w.bin'), bytes);
  await writeFile(file, JSON.stringify({ modelTopology: { node }, weightsManifest: [{ paths, weights }] }));
  return file;
}

describe('the COCO base network', () => {
  it('reads nodes, inputs, attributes and float16 weights', async () => {
    const { nodes, weights } = await readTfjsGraph(base);
    expect(nodes).toHaveLength(544);
    expect(weights.size).toBe(267);
    const stem = nodes.find((n) => n.name === 'tower_0/MobilenetV3/Conv/BatchNorm/FusedBatchNorm')!;
    expect(stem.op).toBe('_FusedConv2D');
    expect(stem.inputs[0]).toEqual({ node: 'tower_0/images', output: 0 });
    expect(stem.attributes).toMatchObject({
      strides: [1, 2, 2, 1],
      data_format: 'NHWC',
      padding: 'SAME',
      fused_ops: ['BiasAdd'],
      T: 'DT_FLOAT',
      use_cudnn_on_gpu: true,
    });
    const kernel = weights.get('tower_0/MobilenetV3/Conv/Conv2D_weights')!;
    expect(kernel.shape).toEqual([3, 3, 3, 16]);
    expect(kernel.dtype).toBe('float32');
    expect(nodes.find((n) => n.op === 'Placeholder')!.attributes['shape']).toEqual([1, 512, 512, 3]);
    expect(nodes.find((n) => n.inputs.some((i) => i.output === 1))!.inputs[0]!.node).toBe('tower_0/TopKV2');
    for (const node of nodes) if (node.op === 'Const') expect(weights.has(node.name)).toBe(true);
    for (const tensor of weights.values()) expect(hasNonFinite(tensor)).toBe(false);
  });
});

describe('readTfjsGraph', () => {
  it('undoes each quantisation', async () => {
    const bytes = Uint8Array.from([0x00, 0x3e, 0x80, 0xc0, 0, 255, 10, 0, 20, 0, 5, 0, 0, 0, 1, 0]);
    const quantised = (name: string, dtype: string, more: object = {}): object => ({
      name,
      shape: [2],
      dtype: 'float32',
      quantization: { dtype, original_dtype: 'float32', ...more },
    });
    const file = await model(
      [
        quantised('half', 'float16'),
        quantised('byte', 'uint8', { scale: 0.5, min: -1 }),
        quantised('word', 'uint16', { scale: 2, min: 1 }),
        { name: 'scalar', shape: [], dtype: 'int32' },
        { name: 'flags', shape: [2], dtype: 'bool' },
      ],
      bytes,
    );
    const { weights } = await readTfjsGraph(file);
    const values = Object.fromEntries([...weights].map(([name, t]) => [name, [...asFloat32(t)]]));
    expect(values).toEqual({ half: [1.5, -2.25], byte: [-1, 126.5], word: [21, 41], scalar: [5], flags: [1, 0] });
  });

  const one = { name: 'w', shape: [2], dtype: 'float32' };
  it.each([
    ['short', [one], 4, ['w.bin'], /weight "w" lies past the end/],
    ['long', [one], 12, ['w.bin'], /8 of 12 bytes used/],
    ['dtype', [{ ...one, dtype: 'string' }], 8, ['w.bin'], /element type "string"; readable are float32/],
    ['outside', [one], 8, ['../w.bin'], /outside its folder/],
    ['absent', [one], 8, ['other.bin'], /other\.bin does not exist/],
    ['shape', [{ ...one, shape: [1.5] }], 8, ['w.bin'], /shape that is not possible/],
  ])('refuses weights: %s', async (_, weights, size, paths, message) => {
    const file = await model(weights, new Uint8Array(size), paths);
    await expect(readTfjsGraph(file)).rejects.toThrow(message);
  });

  it('refuses JSON of another kind, naming the file', async () => {
    const file = path.join(folder, 'other.json');
    for (const text of ['[]', '{', '{"modelTopology":{"model_config":{}}}', '{"modelTopology":{"node":[{"op":1}]}}']) {
      await writeFile(file, text);
      await expect(readTfjsGraph(file)).rejects.toMatchObject({ code: 'model-invalid' });
      await expect(readTfjsGraph(file)).rejects.toThrow('other.json');
    }
  });
});
