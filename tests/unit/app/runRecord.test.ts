// Run rows of a damaged or foreign project: one never takes the list of the others with it.
import { describe, expect, it } from 'vitest';
import { configOf, metricsOf, toRunInfo } from '../../../src/app/host/runRecord.ts';
import type { Run } from '../../../src/core/store/runs.ts';

const run = (config: unknown, metrics: unknown): Run =>
  ({
    id: 1,
    uid: 'u',
    name: 'cells',
    note: '',
    status: 'paused',
    folder: null,
    started: 0,
    ended: null,
    config,
    metrics,
  }) as unknown as Run;

describe('a run row', () => {
  it('gives its settings and results', () => {
    const whole = run({ start: 'coco-mobilenetv3', preset: 'quick', epochs: 3 }, { epochsDone: 2 });
    expect(configOf(whole).epochs).toBe(3);
    expect(toRunInfo(whole, false)).toMatchObject({ epochsDone: 2, error: null, config: { preset: 'quick' } });
  });

  it.each([null, {}, [], 'text', { start: 3 }, { start: 'x', preset: 'other' }])(
    'with the settings %j is listed with the reason, and never resumed',
    (config) => {
      const info = toRunInfo(run(config, 'no metrics'), false);
      expect(info.error).toMatch(/settings of the run “cells” are damaged/);
      expect(() => configOf(run(config, {}))).toThrow(/Start a new run/);
      expect(metricsOf(run(config, null)).epochsDone).toBe(0);
    },
  );
});
