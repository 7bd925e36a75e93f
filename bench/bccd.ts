// Fine-tuning on BCCD (trainval, tested on test): AP50 after a few minutes of training, and the report with its curve.
import path from 'node:path';
import { evaluateTask } from '../src/app/tasks/evaluateTask.ts';
import { trainTask } from '../src/app/tasks/trainTask.ts';
import type { TrainConfig } from '../src/core/train/config.ts';
import { sharedPath } from '../tests/support/shared.ts';

/** AP50 on the test split that a run of so many minutes must reach. */
const mustReach: Record<number, number> = { 3: 0.88, 10: 0.9 };

/**
 * `npm run bench -- bccd [minutes ...] [--optimizer sgd]`; default 3 and 10 minutes. Training time counts, evaluation does not. The test
 * split is measured after every epoch for the curve and chooses nothing: the weights at the end are tested.
 */
export async function bccdBench(args: readonly string[]): Promise<object> {
  const data = sharedPath('datasets', 'bccd');
  if (data === null) return { skipped: '../shared/datasets/bccd is not beside this checkout' };
  const sgd = args.includes('sgd');
  const minutes = args.map(Number).filter((m) => m > 0);
  const results = [];
  for (const m of minutes.length > 0 ? minutes : [3, 10]) {
    const settings: Partial<TrainConfig> = { minutes: m, epochs: null, ...(sgd && { optimizer: 'sgd' }) };
    const out = path.resolve('runs', `bench-bccd-${m}${sgd ? '-sgd' : ''}-${Date.now()}`);
    const request = {
      data: { folder: data },
      splits: { train: 'trainval', val: 'none', monitor: 'test' },
      settings,
      out,
      resume: false,
    };
    let trained = 0;
    const { report } = await trainTask(request, {
      onEvent(event) {
        if (event.type === 'epoch')
          process.stderr.write(
            `  ${(event.trainSeconds / 60).toFixed(2)} min  AP50 ${event.evaluation.summary.ap50?.toFixed(4) ?? '-'}\n`,
          );
        if (event.type === 'end') trained = event.trainSeconds;
      },
    });
    const { summary, perClass } = await evaluateTask(out, { folder: data }, 'test');
    results.push({
      minutes: m,
      trainSeconds: trained,
      ap: summary.ap,
      ap50: summary.ap50,
      ap75: summary.ap75,
      perClass: perClass.map(({ name, ap50 }) => ({ name, ap50 })),
      mustReach: mustReach[m] ?? null,
      report,
    });
  }
  return { dataset: 'BCCD', results };
}
