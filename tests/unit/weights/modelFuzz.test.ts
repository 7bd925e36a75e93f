// Model files of all kinds, damaged by seeds, opened and let detect in children with limits: 1,520 with TTFNET_LONG=1.
import { expect, it } from 'vitest';
import { failingSeeds } from '../../support/fuzzed.ts';

const count = process.env['TTFNET_LONG'] === '1' ? 1520 : 30;

it(`${count} damaged models are opened or refused as ours`, { timeout: 120_000 + count * 2000 }, async () => {
  expect(await failingSeeds('fuzzModelsChild.ts', 1, count, { heapMegabytes: 1024, seconds: 120 })).toEqual([]);
});
