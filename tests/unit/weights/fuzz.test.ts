// Valid weight files of every format with bytes changed, cut out or repeated: each still loads or is refused as ours, soon.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readWeights } from '../../../src/core/weights/readWeights.ts';
import { writeSafetensors } from '../../../src/core/weights/safetensorsWriter.ts';
import { StudioError } from '../../../src/shared/errors.ts';
import { validCheckpoint } from './validFiles.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'fuzz-'));
  await writeFile(path.join(folder, 'w.bin'), new Uint8Array(40));
});
afterAll(() => rm(folder, { recursive: true }));

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
    stream: validCheckpoint('stream'),
    zip: validCheckpoint('zip'),
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
