// Runs a kind of fuzz by seeds in children with limits: each case ends well or with an error of ours, and the failing seeds are told.
import path from 'node:path';
import { runLimited, type Limits } from './limitedChild.ts';

/** Cases of one child: a later one is not burdened by what a thousand others left. */
const perChild = 500;

/** What failed, as `seed: what was said`. `script` is a child of this folder that takes seeds. */
export async function failingSeeds(script: string, first: number, count: number, limits: Limits): Promise<string[]> {
  const file = path.resolve(import.meta.dirname, script);
  const failed: string[] = [];
  for (let start = first; start < first + count; start += perChild) {
    const seeds = Array.from({ length: Math.min(perChild, first + count - start) }, (_, i) => String(start + i));
    const outcomes = await runLimited(file, seeds, limits);
    for (const { task, code, said } of outcomes)
      if (code === 'died' || code === 'other') failed.push(`${task}: ${said.join(' ').slice(0, 600)}`);
  }
  return failed;
}
