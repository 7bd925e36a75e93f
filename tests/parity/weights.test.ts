// The golden checkpoints of the official code, read in both formats: names, values, odd tensors, optimizer state by name.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readWeights } from '../../src/core/weights/readWeights.ts';
import type { NamedTensor } from '../../src/core/weights/tensor.ts';
import { asFloat32 } from '../../src/core/weights/tensor.ts';
import { describeWithShared } from '../support/shared.ts';

interface Golden {
  dtype: string;
  shape: number[];
  data?: number[];
  file?: string;
  byteOffset?: number;
  byteLength?: number;
}
interface Manifest {
  bare_state_dict: { tensors: Record<string, Golden> };
  odd_tensors: { tensors: Record<string, Golden> };
  cases: {
    name: string;
    classes: string[];
    parameters: number;
    train: {
      unchanged_after_step_1: string[];
      state_after_step_1: Record<string, Golden>;
      param_groups: Record<string, unknown>;
    };
  }[];
}

describeWithShared('golden checkpoints', ['golden', 'tiny'], (folder) => {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as Manifest;
  const numbers = (t: NamedTensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number);

  function golden(g: Golden): number[] {
    if (g.data) return g.dtype === 'float32' ? g.data.map(Math.fround) : g.data;
    const bytes = readFileSync(path.join(folder, g.file!)).subarray(g.byteOffset, g.byteOffset! + g.byteLength!);
    return [...new Float32Array(new Uint8Array(bytes).buffer)];
  }

  it.each(['zip', 'legacy'])('reads odd tensors (%s)', async (format) => {
    const { tensors, kind } = await readWeights(path.join(folder, `odd_tensors.${format}.pth`));
    expect(kind).toBe(`pth-${format}`);
    const { tensors: expected } = manifest.odd_tensors;
    expect(new Set(tensors.keys())).toEqual(new Set(Object.keys(expected)));
    for (const [name, g] of Object.entries(expected)) {
      const t = tensors.get(name)!;
      expect([name, t.dtype, t.shape]).toEqual([name, g.dtype, g.shape]);
      const values = t.dtype.endsWith('float16') ? [...asFloat32(t)] : numbers(t);
      expect([name, values]).toEqual([name, golden(g)]);
    }
  });

  it.each(['zip', 'legacy'])('reads a bare backbone (%s)', async (format) => {
    const { tensors } = await readWeights(path.join(folder, `bare_backbone.${format}.pth`));
    const { tensors: expected } = manifest.bare_state_dict;
    expect([...tensors.keys()]).toEqual(Object.keys(expected));
    for (const [name, g] of Object.entries(expected)) {
      expect([name, tensors.get(name)!.shape]).toEqual([name, g.shape]);
      expect([name, numbers(tensors.get(name)!)]).toEqual([name, golden(g)]);
    }
  });

  it.each(['tiny_resnet', 'tiny_darknet'])(
    'reads %s alike in both formats, with its optimizer by name',
    async (name) => {
      const golden1 = manifest.cases.find((c) => c.name === name)!;
      const read = (which: string) => readWeights(path.join(folder, `${name}${which}.pth`));
      const [zip, legacy] = [await read('.zip'), await read('.legacy')];
      expect(legacy.tensors).toEqual(zip.tensors);
      expect(zip.meta).toMatchObject({ CLASSES: golden1.classes });
      const learned = [...zip.tensors.values()].filter((t) => !/running_|num_batches/.test(t.name));
      expect(learned.reduce((sum, t) => sum + t.data.length, 0)).toBe(golden1.parameters);
      for (const key of golden1.train.unchanged_after_step_1)
        expect([key, numbers(zip.tensors.get(key)!)]).toEqual([key, golden(golden1.train.state_after_step_1[key]!)]);
      const trained = Object.keys(golden1.train.param_groups).filter(
        (key) => golden1.train.param_groups[key] !== 'frozen',
      );
      const [zip3, legacy3] = [await read('.after3.zip'), await read('.after3.legacy')];
      for (const file of [zip, legacy, zip3, legacy3]) {
        expect(file.notes).toEqual([]);
        const groups = new Map(file.optimizer!.groups.map((g) => [g.parameters.join(), g.settings]));
        for (const key of trained) expect(groups.get(key)).toMatchObject(golden1.train.param_groups[key] as object);
      }
      expect(legacy3.optimizer!.slots).toEqual(zip3.optimizer!.slots);
      const momentum = zip3.optimizer!.slots.get('momentum_buffer')!;
      expect(new Set(momentum.keys())).toEqual(new Set(trained));
      for (const key of trained) expect(momentum.get(key)!.shape).toEqual(zip3.tensors.get(key)!.shape);
      expect(zip.optimizer!.slots.size).toBe(0);
    },
  );
});
