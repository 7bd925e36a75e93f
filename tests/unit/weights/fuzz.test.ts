// Valid weight files of every format with bytes changed, cut out or repeated: each still loads or is refused as ours, soon.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readWeights } from '../../../src/core/weights/readWeights.ts';
import { writeSafetensors } from '../../../src/core/weights/safetensorsWriter.ts';
import { StudioError } from '../../../src/shared/errors.ts';
import { bytes, dict, int, legacyFile, list, tensor, text, tuple, zipCheckpoint } from './pickleBytes.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'fuzz-'));
  await writeFile(path.join(folder, 'w.bin'), new Uint8Array(40));
});
afterAll(() => rm(folder, { recursive: true }));

/** A checkpoint with everything that real ones have: strided views, other element types, meta data, momentum by index. */
const checkpoint = dict({
  meta: dict({ epoch: int(4), CLASSES: tuple(text('cat'), text('dog')), config: text('model = dict()') }),
  state_dict: dict({
    'a.weight': tensor({ numel: 6, shape: [3, 2], stride: [1, 3] }),
    'a.bias': tensor({ numel: 6, offset: 2, shape: [3], stride: [1] }),
    'bn.num_batches_tracked': tensor({ key: '1', type: 'LongStorage', numel: 1, shape: [], stride: [] }),
    half: tensor({ key: '2', type: 'HalfStorage', numel: 2, shape: [2], stride: [1] }),
  }),
  optimizer: dict({
    state: bytes(
      '}',
      '(',
      int(0),
      dict({ momentum_buffer: tensor({ numel: 6, shape: [3, 2], stride: [2, 1] }), step: int(9) }),
      'u',
    ),
    param_groups: list(
      dict({ lr: bytes('G', Buffer.from('3f50624dd2f1a9fc', 'hex')), params: list(int(0), int(1), int(2)) }),
    ),
  }),
});
const storages = [
  { key: '0', numel: 6, data: new Uint8Array(24) },
  { key: '1', numel: 1, data: new Uint8Array(8) },
  { key: '2', numel: 2, data: new Uint8Array(4) },
];
const graph = {
  modelTopology: {
    node: [
      {
        name: 'x',
        op: 'Const',
        input: ['y:1', '^z'],
        attr: { dtype: { type: 'DT_FLOAT' }, list: { list: { i: ['1', '2'] } } },
      },
    ],
  },
  weightsManifest: [
    {
      paths: ['w.bin'],
      weights: [
        { name: 'x', shape: [2, 3], dtype: 'float32' },
        { name: 'q', shape: [8], dtype: 'float32', quantization: { dtype: 'uint16', scale: 0.1, min: -1 } },
      ],
    },
  ],
};

async function valid(): Promise<Record<string, Buffer>> {
  const file = path.join(folder, 'valid.safetensors');
  const tensors = [
    { name: 'a', dtype: 'float32', shape: [2, 3], data: new Float32Array(6) },
    { name: 'b', dtype: 'int64', shape: [], data: BigInt64Array.of(3n) },
  ] as const;
  await writeSafetensors(file, tensors, { epoch: '3' });
  return {
    stream: legacyFile(checkpoint, storages),
    zip: zipCheckpoint(checkpoint, Object.fromEntries(storages.map(({ key, data }) => [key, data]))),
    safetensors: await readFile(file),
    graph: Buffer.from(JSON.stringify(graph)),
  };
}

/** How a file is damaged; places are fractions of its length. */
type Damage = { kind: 'byte'; at: number; value: number } | { kind: 'cut' | 'repeat'; at: number; length: number };

const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const damage = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('byte' as const), at, value: fc.nat(255) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('cut' as const, 'repeat' as const), at, length: fc.nat(64) }),
  },
);

function damaged(file: Buffer, list: readonly Damage[]): Buffer {
  let result = Buffer.from(file);
  for (const d of list) {
    const place = Math.floor(d.at * result.length);
    if (d.kind === 'byte') result[place] = d.value;
    else {
      const rest = result.subarray(d.kind === 'cut' ? place + d.length : Math.max(0, place - d.length));
      result = Buffer.concat([result.subarray(0, place), rest]);
    }
  }
  return result;
}

it.each(['stream', 'zip', 'safetensors', 'graph'])('a damaged %s loads or is refused as ours', async (format) => {
  const whole = (await valid())[format]!;
  const file = path.join(folder, `${format}.damaged`);
  await writeFile(file, whole);
  expect((await readWeights(file)).tensors.size).toBeGreaterThan(1);
  let refused = 0;
  const runs = Number(process.env['FUZZ_RUNS'] ?? 300);
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (list) => {
      await writeFile(file, damaged(whole, list));
      const start = process.cpuUsage();
      const result: unknown = await readWeights(file).catch((e: unknown) => e);
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1e6).toBeLessThan(2);
      if (!(result instanceof Error)) return;
      if (!(result instanceof StudioError)) throw result;
      expect(['model-invalid', 'file-missing']).toContain(result.code); // a graph may then name another weight file
      refused++;
    }),
    { numRuns: runs },
  );
  expect(refused).toBeGreaterThan(runs / 10);
});
