// Threads, providers, the blocked-layout probe and the speed measurement.
import { describe, expect, test } from 'vitest';
import { probeBlockSize } from '../../../src/core/runtime/blockSize.ts';
import { machineFacts, measureMatMul } from '../../../src/core/runtime/machine.ts';
import { providerNames } from '../../../src/core/runtime/providerNames.ts';
import { chooseProvider, parseProvider, surveyProviders } from '../../../src/core/runtime/providers.ts';
import { createSession } from '../../../src/core/runtime/session.ts';
import { defaultThreads } from '../../../src/core/runtime/threads.ts';
import { encodeTinyModel } from '../../../src/core/runtime/tinyModel.ts';

describe('threads', () => {
  test('follow TTFNET_THREADS', () => {
    expect(defaultThreads({ TTFNET_THREADS: '3' })).toBe(3);
  });
  test('are between 1 and 16 by default', () => {
    expect(defaultThreads({})).toBeGreaterThanOrEqual(1);
    expect(defaultThreads({ TTFNET_THREADS: '' })).toBeLessThanOrEqual(16);
  });
  test.each(['0', '-1', '2.5', 'many', '257'])('refuse TTFNET_THREADS=%s', (value) => {
    expect(() => defaultThreads({ TTFNET_THREADS: value })).toThrow(`TTFNET_THREADS is "${value}"`);
  });
});

describe('providers', () => {
  test('end with the CPU, which runs', async () => {
    expect(providerNames.at(-1)).toBe('cpu');
    const states = await surveyProviders();
    expect(states.map((s) => s.name)).toEqual(providerNames);
    expect(states.at(-1)).toEqual({ name: 'cpu', listed: true, usable: true, reason: null, said: null });
    for (const { usable, reason } of states) expect(reason === null).toBe(usable);
    expect(await chooseProvider('cpu')).toBe('cpu');
  });

  test('that are absent say why, from the choice and from a session', async () => {
    const absent = (await surveyProviders()).find((s) => !s.usable)!;
    const model = encodeTinyModel({ op: 'Relu', inputs: { x: [1] }, output: [1] });
    const expected = { code: 'provider-unavailable', message: expect.stringContaining(absent.reason!) as string };
    await expect(chooseProvider(absent.name)).rejects.toMatchObject(expected);
    await expect(createSession(model, { provider: absent.name })).rejects.toMatchObject(expected);
  });

  test('are read from text', () => {
    expect(parseProvider(' WebGPU ')).toBe('webgpu');
    expect(parseProvider('auto')).toBe('auto');
    expect(() => parseProvider('gpu')).toThrow('choose auto, cuda, coreml, dml, webgpu, cpu');
  });
});

describe('machine', () => {
  test('has a block size, the same each time', async () => {
    const size = await probeBlockSize();
    expect([1, 8, 16]).toContain(size);
    expect(await probeBlockSize()).toBe(size);
    if (machineFacts().arch === 'x64') expect(size).not.toBe(1);
  });

  test('multiplies', async () => {
    expect(await measureMatMul({ size: 64, repeats: 2 })).toBeGreaterThan(0);
    expect(machineFacts()).toMatchObject({ node: process.versions.node, onnxruntime: '1.30.0' });
  });
});
