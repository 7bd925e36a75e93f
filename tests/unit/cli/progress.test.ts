// Rate and time left on the command line: what an earlier call did counts for neither.
import { expect, it } from 'vitest';
import { pace } from '../../../src/cli/progress.ts';

it('counts only what this call does', () => {
  let now = 0;
  const rate = pace(() => now);
  now = 10_000; // loading the model
  for (let done = 1; done <= 90; done++) expect(rate(done, 100, 'images', true)).toBe(`${done} from an earlier call`);
  now = 12_000;
  expect(rate(91, 100, 'images')).toBe('0.5 images/s, 18 s left');
  now = 14_000;
  expect(rate(92, 100, 'images')).toBe('0.5 images/s, 16 s left');
});

it('begins with the first piece that it is told of', () => {
  let now = 0;
  const rate = pace(() => now);
  now = 1000;
  expect(rate(51, 60, 'steps')).toBe('1.0 steps/s, 9 s left');
});
