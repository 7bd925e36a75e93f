// Weight files of other programs as models: the network is told by the tensors, heads for other classes start fresh.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildModel, openWeights } from '../../../src/core/model/openModel.ts';
import { networkNamed } from '../../../src/core/ttfnet/networks/table.ts';
import { paperNames, parseVariant, variantName, withVariant } from '../../../src/core/ttfnet/networks/paperNetworks.ts';
import { parameterShapes } from '../../../src/core/ttfnet/programs.ts';
import { writeSafetensors } from '../../../src/core/weights/safetensorsWriter.ts';
import type { NamedTensor } from '../../../src/core/weights/tensor.ts';

let work: string;
beforeAll(async () => (work = await mkdtemp(path.join(tmpdir(), 'ttfnet-foreign-'))));
afterAll(() => rm(work, { recursive: true, force: true }));

/** Writes the tensors of a network, under other names where `rename` says so; null leaves one out. */
async function write(
  file: string,
  network: string,
  classes: number,
  rename: (name: string) => string | null = (name) => name,
): Promise<string> {
  const tensors = parameterShapes(networkNamed(network), classes).flatMap(({ name, shape }): NamedTensor[] => {
    const renamed = rename(name);
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.01);
    return renamed === null ? [] : [{ name: renamed, dtype: 'float32', shape: [...shape], data }];
  });
  const full = path.join(work, file);
  await writeSafetensors(full, tensors, {});
  return full;
}

const bare = (name: string): string | null => (name.startsWith('backbone.') ? name.slice('backbone.'.length) : null);
const input = { dtype: 'uint8', layout: 'nhwc' } as const;

describe('weights of other programs', () => {
  it.each(paperNames)('knows a checkpoint of %s by its tensors', async (network) => {
    const model = await openWeights(await write(`${network}.safetensors`, network, 80));
    expect(model.description).toMatchObject({ network, width: 512, height: 512 });
    expect(model.description.classes.slice(0, 2)).toEqual(['person', 'bicycle']);
    expect(model.report).toContain('0 re-initialised, 0 missing');
  });

  it('knows other shortcuts and a size head per class, and builds a detector of it', async () => {
    const name = 'ttfnet-18:shortcuts=0-2-1,size=per-class';
    const model = await openWeights(await write('variant.safetensors', name, 3));
    expect(model.description).toMatchObject({ network: name, classes: ['class 1', 'class 2', 'class 3'] });
    const size = { width: 64, height: 64 };
    expect(buildModel(model, { outputs: 'boxes', input, batch: 1, size }).length).toBeGreaterThan(1e6);
  });

  it.each(paperNames)('takes the bare backbone of %s as a start, not as a detector', async (network) => {
    const model = await openWeights(await write(`bare-${network}.safetensors`, network, 1, bare));
    expect(model.description).toMatchObject({ network, classes: [] });
    expect(model.report).toMatch(/missing: bbox_head/);
    expect(() => buildModel(model, { outputs: 'boxes', input, batch: 1 })).toThrow(/no heads yet/);
  });

  it('takes a network by name, with nothing in it', async () => {
    const model = await openWeights('ttfnet-34');
    expect(model.weights.size).toBe(0);
    await expect(openWeights('ttfnet-35')).rejects.toThrow(/no model ttfnet-35.*ttfnet-34/);
  });

  it('refuses a backbone with a layer missing, and what is no network of ours', async () => {
    const without = (name: string): string | null => (name === 'backbone.layer3.0.bn1.weight' ? null : name);
    const file = await write('hole.safetensors', 'ttfnet-18', 2, without);
    await expect(openWeights(file)).rejects.toThrow(/layer3\.0\.bn1\.weight/);
    const other = await write('other.safetensors', 'ttfnet-18', 2, (name) => `x.${name}`);
    await expect(openWeights(other)).rejects.toThrow(/no TTFNet and no backbone/);
  });
});

describe('names of variants', () => {
  it('come back as they were made', () => {
    for (const perClass of [false, true])
      for (const shortcuts of [
        [1, 2, 3],
        [0, 0, 0],
        [3, 0, 2],
      ]) {
        const name = variantName('ttfnet-53', { shortcuts, perClass });
        expect(parseVariant(name)).toEqual({ base: 'ttfnet-53', variant: { shortcuts, perClass } });
        expect(networkNamed(name).name).toBe(name);
      }
    expect(variantName('ttfnet-18', { shortcuts: [1, 2, 3], perClass: false })).toBe('ttfnet-18');
    expect(parseVariant('ttfnet-18:shortcuts=4-0-0')).toBeNull();
  });

  it('change only what is asked', () => {
    const name = 'ttfnet-18:shortcuts=0-0-0';
    expect(withVariant(name, { shortcuts: null, sizeHead: null })).toBe(name);
    expect(withVariant(name, { shortcuts: null, sizeHead: 'per-class' })).toBe(`${name},size=per-class`);
    expect(withVariant(name, { shortcuts: [1, 2, 3], sizeHead: null })).toBe('ttfnet-18');
    expect(() => withVariant('mobilenetv3-0.75', { shortcuts: [0], sizeHead: null })).toThrow(/has no shortcuts/);
  });
});
