// Deformable convolution by provider: an operator where the provider has it, composed where it has not, the same numbers.
import { expect, it } from 'vitest';
import { relativeDifference } from '../../support/lowerings.ts';
import { build, heads } from '../../support/randomTtfnet.ts';

/** As the operator's type, field 4 of a node: names of nodes may hold the word too. */
const hasOperator = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes('\x22\x0aDeformConv');

it('is an operator for the CPU and composed for all others, with the same numbers', async () => {
  expect(hasOperator(build('cpu'))).toBe(true);
  for (const provider of ['webgpu', 'coreml', 'dml', 'cuda'] as const) expect(hasOperator(build(provider))).toBe(false);
  const [operator, composed] = [await heads(build('cpu'), 'cpu'), await heads(build('webgpu'), 'cpu')];
  operator.forEach((map, i) => expect(relativeDifference(composed[i]!, map)).toBeLessThan(1e-4));
  expect(Math.max(...operator[1]!)).toBeGreaterThan(0); // something to compare
});
