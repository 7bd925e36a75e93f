// Names of processors as people write them.
import { expect, it } from 'vitest';
import { providerNames } from '../../../src/core/runtime/providerNames.ts';
import { processorTitle } from '../../../src/shared/processors.ts';

it('every execution provider has a name of its own to be shown, and an unknown one keeps its own', () => {
  const titles = providerNames.map(processorTitle);
  expect(new Set(titles).size).toBe(providerNames.length);
  expect(titles.filter((title) => providerNames.includes(title as 'cpu'))).toEqual([]);
  expect(processorTitle('rocm')).toBe('rocm');
});
