// Which model it is: by what it computes, not by its path.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fingerprintOf } from '../../../src/core/model/fingerprint.ts';
import { openModel } from '../../../src/core/model/openModel.ts';
import { tinyRun, trainFurther } from '../../support/detections.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-fingerprint-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const of = async (reference: string): Promise<string> => fingerprintOf(await openModel(reference));

it('stays with the weights, wherever they lie, and changes with them', async () => {
  const run = await tinyRun(folder);
  const before = await of(run);
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  const copy = path.join(folder, 'copy.safetensors');
  await copyFile(path.join(run, 'checkpoints/best.safetensors'), copy);
  expect(await of(copy)).toBe(before);
  await trainFurther(run);
  expect(await of(run)).not.toBe(before);
});

it('tells other classes apart, and an exported model from its run', async () => {
  const model = await openModel(path.join(folder, 'run'));
  const renamed = { ...model, description: { ...model.description, classes: ['red', 'green'] } };
  expect(fingerprintOf(renamed)).not.toBe(fingerprintOf(model));
  const onnx = { kind: 'onnx', bytes: Uint8Array.of(1, 2), input: { dtype: 'uint8', layout: 'nhwc' } } as const;
  const exported = (bytes: Uint8Array): string => fingerprintOf({ ...model, ...onnx, bytes });
  expect(exported(Uint8Array.of(1, 2))).toBe(exported(Uint8Array.of(1, 2)));
  expect(exported(Uint8Array.of(1, 3))).not.toBe(exported(Uint8Array.of(1, 2)));
});
