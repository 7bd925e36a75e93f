// Files laid out as the official ones: whole checkpoints and bare backbones, with batch counters, optimizer and classifiers.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWeights } from '../../../src/core/model/openModel.ts';
import { networkNamed } from '../../../src/core/ttfnet/networks/table.ts';
import { parameterShapes } from '../../../src/core/ttfnet/programs.ts';
import { assignWeights, checkAssignment, describeAssignment } from '../../../src/core/weights/assignWeights.ts';
import type { NamedTensor } from '../../../src/core/weights/tensor.ts';
import { backboneLayout, checkpointLayout, officialConfigs, type LayoutEntry } from '../../support/officialLayout.ts';
import { bytes, dict, int, legacyFile, list, tensor, zipCheckpoint } from './pickleBytes.ts';
import { floats } from './refused.ts';

const names = Object.keys(officialConfigs) as (keyof typeof officialConfigs)[];
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

let folder = '';
beforeAll(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'official-'))));
afterAll(() => rm(folder, { recursive: true }));

function tensorsOf(layout: readonly LayoutEntry[]): Map<string, NamedTensor> {
  return new Map(
    layout.map(([name, shape]) => [
      name,
      shape.length === 0
        ? { name, dtype: 'int64', shape, data: BigInt64Array.of(7n) }
        : { name, dtype: 'float32', shape, data: new Float32Array(size(shape)) },
    ]),
  );
}

const wantedFor = (name: string) => parameterShapes(networkNamed(name), 80);
const classifier = (inputs: number, name: string): LayoutEntry[] => [
  [`${name}.weight`, [1000, inputs]],
  [`${name}.bias`, [1000]],
];

describe.each(names)('%s', (name) => {
  const config = officialConfigs[name];

  it('takes a whole checkpoint: every tensor used, counters not needed', () => {
    const layout = checkpointLayout(config, 80);
    const found = assignWeights(wantedFor(name), tensorsOf(layout));
    expect(() => checkAssignment(found, 'official.pth')).not.toThrow();
    expect(found.used.size + found.unneeded.length).toBe(layout.length);
    expect(found).toMatchObject({ missing: [], skipped: [], mismatched: [], reinitialised: [], reshaped: [] });
    expect(found.unneeded.every((n) => n.endsWith('num_batches_tracked'))).toBe(true);
    expect(describeAssignment(found, 'official.pth').split('\n')).toEqual([
      `official.pth: TTFNet checkpoint of the official code; ${found.used.size} tensors used, 0 re-initialised, 0 missing, 0 skipped`,
      `not needed: ${found.unneeded.length} batch counters (num_batches_tracked)`,
    ]);
  });

  it('takes a bare backbone with counters and a classifier', () => {
    const last = config.backbone.type === 'DarknetV3' ? classifier(1024, 'output') : classifier(512, 'fc');
    const layout = [...backboneLayout(config), ...last];
    const found = assignWeights(wantedFor(name), tensorsOf(layout));
    expect(() => checkAssignment(found, 'bare.pth')).not.toThrow();
    expect(found.skipped).toEqual([]);
    expect(found.missing.every((n) => n.startsWith('bbox_head.'))).toBe(true);
    expect([...found.used.keys()]).toEqual(
      wantedFor(name)
        .filter((w) => w.name.startsWith('backbone.'))
        .map((w) => w.name),
    );
  });
});

describe.each(['zip', 'legacy'] as const)('a file of the size of a published one (%s)', (format) => {
  it('opens as the model that it is', async () => {
    const layout = checkpointLayout(officialConfigs['ttfnet-18'], 80);
    const entries: Record<string, Buffer> = {};
    const storages: { key: string; type: string; numel: number; data: Uint8Array }[] = [];
    layout.forEach(([tensorName, shape], i) => {
      const type = shape.length === 0 ? 'LongStorage' : 'FloatStorage';
      const numel = size(shape);
      const stride = shape.map((_, axis) => size(shape.slice(axis + 1)));
      entries[tensorName] = tensor({ key: String(i), type, numel, shape: [...shape], stride });
      storages.push({ key: String(i), type, numel, data: new Uint8Array(numel * (shape.length === 0 ? 8 : 4)) });
    });
    const learned = layout.filter(([n]) => !/running_|num_batches/.test(n));
    const remembered = learned.map(([n, shape], i) => {
      const numel = size(shape);
      const stride = shape.map((_, axis) => size(shape.slice(axis + 1)));
      const data =
        n === 'bbox_head.hm.2.bias' ? floats(...new Array<number>(numel).fill(2.5)) : new Uint8Array(4 * numel);
      storages.push({ key: `m${i}`, type: 'FloatStorage', numel, data });
      return bytes(int(i), dict({ momentum_buffer: tensor({ key: `m${i}`, numel, shape: [...shape], stride }) }));
    });
    const groups = learned.map((_, i) => dict({ lr: 'K\x01', params: list(int(i)) }));
    const optimizer = dict({ state: bytes('}', '(', ...remembered, 'u'), param_groups: list(...groups) });
    const object = dict({ state_dict: dict(entries), meta: dict({ epoch: int(12) }), optimizer });
    const content =
      format === 'legacy'
        ? legacyFile(object, storages)
        : zipCheckpoint(object, Object.fromEntries(storages.map((s) => [s.key, s.data])));
    const file = path.join(folder, `ttfnet18.${format}.pth`);
    await writeFile(file, content);
    const model = await openWeights(file);
    expect(model.description).toMatchObject({ network: 'ttfnet-18', width: 512, height: 512 });
    expect(model.description.classes).toHaveLength(80);
    expect(model.report).toContain(`optimizer: momentum of ${learned.length} parameters`);
    expect([...model.momentum!.get('bbox_head.hm.2.bias')!]).toEqual(new Array(80).fill(2.5));
    expect(model.weights.size).toBe(layout.filter(([, shape]) => shape.length > 0).length);
  });
});
