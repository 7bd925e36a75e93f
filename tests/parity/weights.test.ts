// The golden checkpoints of the official code, read in both formats: names, values, odd tensors, optimizer state by name.
import path from 'node:path';
import { expect, it } from 'vitest';
import { readWeights, type WeightsFile } from '../../src/core/weights/readWeights.ts';
import { asFloat32 } from '../../src/core/weights/tensor.ts';
import { describeWithGolden, type GoldenTensor } from '../support/golden.ts';
import { checkpointLayout } from '../support/officialLayout.ts';
import type { OfficialConfig } from '../support/tinyNetworks.ts';

interface Stored {
  files: Record<'zip' | 'legacy', { file: string }>;
  tensors: Record<string, GoldenTensor>;
}
interface Manifest {
  bare_state_dict: Stored;
  odd_tensors: Stored;
}
interface Case {
  name: string;
  config: OfficialConfig;
  classes: string[];
  parameters: number;
  checkpoints: Record<'initial' | 'after_step_3', Record<'zip' | 'legacy', { file: string }>>;
  train: {
    unchanged_after_step_1: string[];
    state_after_step_1: Record<string, GoldenTensor>;
    param_groups: Record<string, { lr: number; weight_decay: number } | 'frozen'>;
  };
}

describeWithGolden('golden checkpoints', 'tiny', ({ folder, manifest: loaded, cases: loadedCases }) => {
  const manifest = loaded as unknown as Manifest;
  const cases = loadedCases as unknown as readonly Case[];
  const numbers = (t: { data: ArrayLike<number | bigint> }): number[] => Array.from(t.data, Number);
  const read = ({ file }: { file: string }): Promise<WeightsFile> => readWeights(path.join(folder, file));

  it.each(['zip', 'legacy'] as const)('reads odd tensors (%s)', async (format) => {
    const { tensors, kind } = await read(manifest.odd_tensors.files[format]);
    expect(kind).toBe(`pth-${format}`);
    const { tensors: expected } = manifest.odd_tensors;
    expect(new Set(tensors.keys())).toEqual(new Set(Object.keys(expected)));
    for (const [name, g] of Object.entries(expected)) {
      const t = tensors.get(name)!;
      expect([name, t.dtype, t.shape]).toEqual([name, g.dtype, g.shape]);
      const values = t.dtype.endsWith('float16') ? [...asFloat32(t)] : numbers(t);
      expect([name, values]).toEqual([name, numbers(g)]);
    }
  });

  it.each(['zip', 'legacy'] as const)('reads a bare backbone (%s)', async (format) => {
    const { tensors } = await read(manifest.bare_state_dict.files[format]);
    const { tensors: expected } = manifest.bare_state_dict;
    expect([...tensors.keys()]).toEqual(Object.keys(expected));
    for (const [name, g] of Object.entries(expected)) {
      expect([name, tensors.get(name)!.shape]).toEqual([name, g.shape]);
      expect([name, numbers(tensors.get(name)!)]).toEqual([name, numbers(g)]);
    }
  });

  it.each(cases)('reads $name alike in both formats, with its optimizer by name', async (golden) => {
    const { param_groups: expected, state_after_step_1: state, unchanged_after_step_1: unchanged } = golden.train;
    const { initial, after_step_3: later } = golden.checkpoints;
    const [zip, legacy] = [await read(initial.zip), await read(initial.legacy)];
    expect(legacy.tensors).toEqual(zip.tensors);
    expect(zip.meta).toMatchObject({ CLASSES: golden.classes });
    // The layout that the tests of the full networks rely on, from the same generator.
    const layout = checkpointLayout(golden.config, golden.classes.length);
    expect([...zip.tensors.values()].map((t) => [t.name, t.shape])).toEqual(layout);
    const learned = [...zip.tensors.values()].filter((t) => !/running_|num_batches/.test(t.name));
    expect(learned.reduce((sum, t) => sum + t.data.length, 0)).toBe(golden.parameters);
    for (const key of unchanged) expect([key, numbers(zip.tensors.get(key)!)]).toEqual([key, numbers(state[key]!)]);
    const trained = Object.keys(expected).filter((key) => expected[key] !== 'frozen');
    const [zip3, legacy3] = [await read(later.zip), await read(later.legacy)];
    for (const file of [zip, legacy, zip3, legacy3]) {
      expect(file.notes).toEqual([]);
      const groups = new Map(file.optimizer!.groups.map((g) => [g.parameters.join(), g.settings]));
      for (const key of trained) expect(groups.get(key)).toMatchObject(expected[key] as object);
    }
    expect(legacy3.optimizer!.slots).toEqual(zip3.optimizer!.slots);
    const momentum = zip3.optimizer!.slots.get('momentum_buffer')!;
    expect(new Set(momentum.keys())).toEqual(new Set(trained));
    for (const key of trained) expect(momentum.get(key)!.shape).toEqual(zip3.tensors.get(key)!.shape);
    expect(zip.optimizer!.slots.size).toBe(0);
  });
});
