// Label folders of all formats, damaged by seeds and taken into projects by children with limits: 9,000 with TTFNET_LONG=1.
import { expect, it } from 'vitest';
import { failingSeeds } from '../../../support/fuzzed.ts';

const count = process.env['TTFNET_LONG'] === '1' ? 9000 : 60;

it(`${count} damaged label folders are read or refused as ours`, { timeout: count * 1000 }, async () => {
  expect(await failingSeeds('fuzzLabelsChild.ts', 1, count, { heapMegabytes: 512, seconds: 60 })).toEqual([]);
});
