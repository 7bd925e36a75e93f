import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { summarizeModel } from '../../../src/core/onnx/decode.ts';
import { loadCheckpoint, saveCheckpoint } from '../../../src/core/model/checkpoint.ts';
import { cocoClasses } from '../../../src/core/model/cocoClasses.ts';
import { descriptionKey, descriptionVersion, type ModelDescription } from '../../../src/core/model/description.ts';
import { sameNumbers } from '../../support/lowerings.ts';
import { buildModel, openModel, openWeights, type WeightsModel } from '../../../src/core/model/openModel.ts';

let work: string;
let base: WeightsModel;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'ttfnet-model-'));
  base = await openWeights('coco-mobilenetv3');
});
afterAll(() => rm(work, { recursive: true, force: true }));

const description = (changes: Partial<ModelDescription> = {}): ModelDescription => ({
  ...base.description,
  width: 64,
  height: 64,
  ...changes,
});
const save = (name: string, weights = base.weights, changes: Partial<ModelDescription> = {}): Promise<void> =>
  saveCheckpoint(path.join(work, name), {
    description: description(changes),
    weights,
    extra: new Map(),
    state: { step: 3 },
  });

describe('models', () => {
  it('the base network knows the 80 classes of COCO', () => {
    expect(base.description.classes).toEqual(cocoClasses);
    expect(new Set(cocoClasses).size).toBe(80);
  });

  it('a checkpoint comes back as it was saved', async () => {
    await save('a.safetensors');
    const back = await loadCheckpoint(path.join(work, 'a.safetensors'));
    expect(back.state).toEqual({ step: 3 });
    expect(back.description).toEqual(description());
    for (const [name, { shape, data }] of base.weights) {
      expect(back.weights.get(name)!.shape, name).toEqual(shape);
      expect(sameNumbers(back.weights.get(name)!.data, data), name).toBe(true);
    }
  });

  it('prefers averaged weights', async () => {
    const extra = new Map([['ema/head.wh.pointwise.bias', Float32Array.of(1, 2, 3, 4)]]);
    await saveCheckpoint(path.join(work, 'ema.safetensors'), {
      description: description(),
      weights: base.weights,
      extra,
      state: null,
    });
    expect((await openWeights(path.join(work, 'ema.safetensors'))).weights.get('head.wh.pointwise.bias')!.data).toEqual(
      Float32Array.of(1, 2, 3, 4),
    );
  });

  it('an exported file tells classes, preprocessing and version', async () => {
    const file = path.join(work, 'm.onnx');
    await writeFile(
      file,
      buildModel(
        { ...base, description: description() },
        { outputs: 'boxes', input: { dtype: 'uint8', layout: 'nhwc' }, batch: 1 },
      ),
    );
    const { metadata, inputs } = summarizeModel(await readFile(file), file);
    expect(JSON.parse(metadata['classes']!)).toEqual(cocoClasses);
    expect(metadata['version']).toBe(String(descriptionVersion));
    expect(JSON.parse(metadata['preprocessing']!)).toMatchObject({ channels: 'RGB', range: [0, 255] });
    expect(inputs[0]!.shape).toEqual([1, 64, 64, 3]);
    expect(await openModel(file)).toMatchObject({ kind: 'onnx', input: { dtype: 'uint8', layout: 'nhwc' } });
    await expect(openWeights(file)).rejects.toThrow(/exported model.*run folder/);
  });

  it.each([
    [
      'a newer version',
      () => save('new.safetensors', base.weights, { version: 99 }),
      'new.safetensors',
      /newer TTFNet Studio \(format 99/,
    ],
    [
      'an unknown network',
      () => save('net.safetensors', base.weights, { network: 'yolo' }),
      'net.safetensors',
      /no network "yolo"/,
    ],
    [
      'no description',
      () =>
        writeFile(
          path.join(work, 'x.safetensors'),
          Buffer.from('0200000000000000' + Buffer.from('{}').toString('hex'), 'hex'),
        ),
      'x.safetensors',
      /x\.safetensors is not a model of TTFNet Studio/,
    ],
    [
      'not a number in it',
      () => {
        const bad = new Map(base.weights);
        bad.set('head.wh.pointwise.bias', { shape: [4], data: Float32Array.of(1, Number.NaN, 3, 4) });
        return save('nan.safetensors', bad);
      },
      'nan.safetensors',
      /head\.wh\.pointwise\.bias has NaN/,
    ],
    [
      'a tensor of another shape',
      () => {
        const bad = new Map(base.weights);
        bad.set('head.wh.pointwise.bias', { shape: [5], data: new Float32Array(5) });
        return save('shape.safetensors', bad);
      },
      'shape.safetensors',
      /lacks weights of .*head\.wh\.pointwise\.bias/,
    ],
    [
      'another classes count than its weights',
      () => save('classes.safetensors', base.weights, { classes: ['one'] }),
      'classes.safetensors',
      /head\.hm\.pointwise\.weight/,
    ],
    [
      'cut in half',
      async () => {
        await save('cut.safetensors');
        const bytes = await readFile(path.join(work, 'cut.safetensors'));
        await writeFile(path.join(work, 'cut.safetensors'), bytes.subarray(0, bytes.length / 2));
      },
      'cut.safetensors',
      /cut\.safetensors/,
    ],
  ])('refuses a checkpoint with %s, naming what is wrong', async (_, make, file, message) => {
    await make();
    const use = async (): Promise<unknown> =>
      buildModel(await openWeights(path.join(work, file)), {
        outputs: 'boxes',
        input: { dtype: 'uint8', layout: 'nhwc' },
        batch: 1,
      });
    await expect(use()).rejects.toThrow(message);
  });

  it('refuses a size that does not fit the network', () => {
    expect(() =>
      buildModel(base, {
        outputs: 'heads',
        input: { dtype: 'uint8', layout: 'nhwc' },
        batch: 1,
        size: { width: 100, height: 64 },
      }),
    ).toThrow(/100x64 doesn't fit/);
  });

  it('keeps the description under one key', () => expect(descriptionKey).toBe('ttfnet-studio.model'));
});
