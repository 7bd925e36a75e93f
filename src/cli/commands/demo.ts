// ttfnet-studio demo
import type { Command } from 'commander';
import { demoTask } from '../../app/tasks/demoTask.ts';
import type { Session } from '../ending.ts';
import { jsonOption, numberIn } from '../options.ts';
import { formatSeconds, makeProgress } from '../progress.ts';
import { showTraining } from './train.ts';

const stages = {
  sample: 'Drawing a sample of 60 labelled pictures',
  train: 'Fine-tuning on it',
  evaluate: 'Evaluating on its test pictures',
  detect: 'Detecting on all of them',
} as const;

/** Adds the command. */
export function addDemo(program: Command, session: Session): void {
  program
    .command('demo')
    .description('The whole main job on a small built-in sample: train, evaluate, detect, report.')
    .option('--out <folder>', 'folder for everything', 'runs/demo')
    .option('--minutes <m>', 'training time', numberIn(0.05, 60), 1.5)
    .addOption(jsonOption())
    .action((options: { out: string; minutes: number; json?: boolean }) => run(options, session));
}

async function run(options: { out: string; minutes: number; json?: boolean }, session: Session): Promise<void> {
  const progress = makeProgress(options.json ?? false);
  const start = performance.now();
  const outcome = await demoTask(options.out, options.minutes, (stage) => progress.say(stages[stage]), {
    signal: session.signal,
    onEvent: (event) => showTraining(event, progress),
  });
  progress.stop();
  const { run: folder, report, evaluation, detections } = outcome;
  const seconds = (performance.now() - start) / 1000;
  progress.event({
    type: 'demo',
    run: folder,
    report,
    ...evaluation.summary,
    detections: detections.detections,
    seconds,
  });
  if (options.json) return;
  process.stdout.write(`
AP50 ${evaluation.summary.ap50?.toFixed(3) ?? '-'} on the test pictures, ${detections.detections} objects found on ${detections.images.length} pictures, in ${formatSeconds(seconds)}.
Report      ${report}
Pictures    ${detections.out}/overlay
Now yours   npm run ttfnet-studio -- train YOUR-FOLDER --minutes 5 --out runs/mine
`);
}
