// Pictures of all formats, damaged by seeds and decoded in children with limits: 4,000 with TTFNET_LONG=1.
import { expect, it } from 'vitest';
import { failingSeeds } from '../../support/fuzzed.ts';

const count = process.env['TTFNET_LONG'] === '1' ? 4000 : 80;

it(`${count} damaged pictures are read or refused as ours`, { timeout: 60_000 + count * 1000 }, async () => {
  expect(await failingSeeds('fuzzPicturesChild.ts', 1, count, { heapMegabytes: 512, seconds: 60 })).toEqual([]);
});
