// ONNX Runtime's uploader: off before the runtime is loaded, in this process and in every child; a person's own value stays.
import { Worker } from 'node:worker_threads';
import { describe, expect, it, test } from 'vitest';
import { machineFacts } from '../../../src/core/runtime/machine.ts';
import { childEnvironment } from '../../../src/app/worker/childEnvironment.ts';
import {
  silenceTelemetry,
  telemetryIn,
  telemetryTold,
  telemetryVariable,
  withoutTelemetry,
} from '../../../src/core/runtime/telemetry.ts';

const env = (value?: string): NodeJS.ProcessEnv => (value === undefined ? {} : { [telemetryVariable]: value });

test('the words that the runtime takes for "off" are its own', () => {
  for (const word of ['1', 'true', 'TRUE', 'yes', 'on', 'y', ' 1 '])
    expect(telemetryIn(env(word), 'linux'), word).toBe('off');
  for (const word of ['0', 'false', 'no', '2', 't', 'off', ''])
    expect(telemetryIn(env(word), 'darwin'), word).toBe('on');
  expect(telemetryIn(env(), 'linux')).toBe('on');
  expect(telemetryIn(env('1'), 'win32')).toBe('system');
});

test('people are told in whole sentences, with what they set themselves', () => {
  if (process.platform === 'win32') return;
  expect(telemetryTold(env('1'))).toMatchObject({ state: 'off', said: { key: 'telemetry.off' } });
  expect(telemetryTold(env('no')).message).toContain('because ORT_DISABLE_TELEMETRY is "no"');
  expect(machineFacts().telemetry.state).toBe('off');
});

describe('silenceTelemetry', () => {
  it('sets the variable where nobody has', () => {
    for (const nothing of [env(), env(''), env(' ')]) {
      silenceTelemetry(nothing, true);
      expect(nothing[telemetryVariable]).toBe('1');
    }
  });

  it('leaves a person’s own value as it is', () => {
    const own = env('0');
    silenceTelemetry(own, true);
    expect(own).toEqual(env('0'));
  });

  it('refuses a thread, which can set only a copy, unless its process is silent', () => {
    expect(() => silenceTelemetry(env(), false)).toThrow(/ORT_DISABLE_TELEMETRY/);
    expect(() => silenceTelemetry(env('1'), false)).not.toThrow();
  });
});

test('what is set on the main thread reaches the real environment, and threads that start afterwards', async () => {
  silenceTelemetry();
  const { environmentVariables } = process.report.getReport() as unknown as { environmentVariables: NodeJS.ProcessEnv };
  expect(telemetryIn(environmentVariables, 'linux')).toBe('off');
  const said = `require('node:worker_threads').parentPort.postMessage(process.env.${telemetryVariable})`;
  const thread = new Worker(said, { eval: true });
  expect(await new Promise((resolve) => thread.once('message', resolve))).toBe('1');
});

test('children get it with what else they are given, and a person’s own value instead', () => {
  expect(childEnvironment({ TTFNET_THREADS: '3' })).toMatchObject({ TTFNET_THREADS: '3', [telemetryVariable]: '1' });
  expect(withoutTelemetry(env('0'))).toEqual(env('0'));
});
