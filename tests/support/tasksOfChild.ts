// The child's side of `limitedChild.ts`: does the tasks of its arguments and prints what became of each.
import { StudioError } from '../../src/shared/errors.ts';
import type { Outcome } from './limitedChild.ts';

/** Does every task with `work`, which returns what was said. */
export async function doTasks(work: (task: string) => Promise<string[]>): Promise<void> {
  for (const task of process.argv.slice(2)) {
    const result = await work(task).then((said) => ({ code: null, said }), failed);
    const outcome: Outcome = { task, ...result, peakMegabytes: process.resourceUsage().maxRSS / 1000 };
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
  }
}

function failed(error: unknown): Pick<Outcome, 'code' | 'said'> {
  const message = error instanceof Error ? `${error.message} ${error.stack ?? ''}` : String(error);
  if (!(error instanceof StudioError) || error.code === 'internal') return { code: 'other', said: [message] };
  return { code: error.code, said: [error.message] };
}
