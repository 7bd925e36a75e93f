// ttfnet-studio train
import type { Command } from 'commander';
import { chooseProvider, type ProviderName, type TrainEvent } from '../../app/tasks/names.ts';
import { trainTask, type TrainListener } from '../../app/tasks/trainTask.ts';
import { exitCodes, type Session } from '../ending.ts';
import { sayFindings } from '../findings.ts';
import { datasetOptions, jsonOption, providerOption, numberIn, type DatasetOptions } from '../options.ts';
import { formatSeconds, makeProgress, type Progress } from '../progress.ts';
import { addTrainingOptions, settingsOf, type TrainingOptions } from '../trainingOptions.ts';

interface TrainOptions extends DatasetOptions, TrainingOptions {
  patience?: number;
  monitorSplit?: string;
  out: string;
  resume?: boolean;
  provider: ProviderName | 'auto';
  json?: boolean;
}

/** Adds the command. */
export function addTrain(program: Command, session: Session): void {
  const command = program
    .command('train')
    .argument('[data]', 'folder with labelled images, or a project (not needed with --resume)')
    .description('Fine-tune a detector on labelled images. Killed at any moment, --resume goes on where it was.');
  for (const option of datasetOptions()) command.addOption(option);
  addTrainingOptions(command)
    .option('--patience <n>', 'stop after so many evaluations without a better AP', numberIn(1, 1000, true))
    .option('--monitor-split <name>', 'split that is measured along the way but chooses nothing')
    .requiredOption('--out <run>', 'folder of the run: config, metrics, checkpoints, labels, report')
    .option('--resume', 'go on with the run in --out')
    .addOption(providerOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ ttfnet-studio train cells --minutes 3 --out runs/cells\n  $ ttfnet-studio train cells --train-split trainval --val-split none --epochs 12 --out runs/all\n  $ ttfnet-studio train --resume --out runs/cells',
    )
    .action((data: string | undefined, options: TrainOptions) => run(data, options, session));
}

async function run(data: string | undefined, options: TrainOptions, session: Session): Promise<void> {
  const progress = makeProgress(options.json ?? false);
  const outcome = await trainTask(
    {
      data:
        data === undefined
          ? null
          : { folder: data, format: options.format, images: options.images, annotations: options.annotations },
      splits: { train: options.trainSplit, val: options.valSplit, monitor: options.monitorSplit },
      ...settingsOf(options),
      out: options.out,
      resume: options.resume ?? false,
    },
    {
      signal: session.signal,
      provider: await chooseProvider(options.provider),
      onEvent: (event) => showTraining(event, progress),
    },
    noticesTo(progress),
  );
  progress.stop();
  progress.event({ type: 'report', run: outcome.run, report: outcome.report });
  if (!options.json) process.stdout.write(`Run     ${outcome.run}\nReport  ${outcome.report}\n`);
  if (session.signal.aborted) session.end(exitCodes.interrupted);
}

/** Shows what is told before training starts. */
export function noticesTo(progress: Progress): TrainListener {
  return {
    onNotes(notes) {
      if (notes.length > 0) progress.event({ type: 'notes', notes });
      for (const note of notes) progress.say(note);
    },
  };
}

const percent = (value: number | null): string => (value === null ? 'undefined' : value.toFixed(3));

/** Lines of a weights report that people see; --json has all. */
const reportLines = 15;

/** What became of the start's tensors, and which parameters begin fresh. */
function sayWeights(
  { report, initialized, resumedFrom }: Extract<TrainEvent, { type: 'start' }>,
  progress: Progress,
): void {
  const lines = report?.split('\n') ?? [];
  for (const line of lines.slice(0, reportLines)) progress.say(line);
  if (lines.length > reportLines) progress.say(`and ${lines.length - reportLines} more lines; --json has them all`);
  if (resumedFrom !== null || initialized.length === 0) return;
  const few = initialized.slice(0, 4).join(', ') + (initialized.length > 4 ? ' ...' : '');
  progress.say(`${initialized.length} tensors begin fresh: ${few}`);
}

/** Shows what a training run tells. */
export function showTraining(event: TrainEvent, progress: Progress): void {
  switch (event.type) {
    case 'findings':
      sayFindings(progress, event.findings, event.file);
      return;
    case 'start':
      progress.event(event);
      sayWeights(event, progress);
      progress.say(
        `Training on ${event.images} images, batch ${event.batch}, learning rate ${event.learningRate.toPrecision(2)} (${event.layout} layout)${event.resumedFrom === null ? '' : `, from step ${event.resumedFrom}`}`,
      );
      return;
    case 'step': {
      progress.event(event);
      const { step, total, epoch, heatmapLoss, sizeLoss, imagesPerSecond, secondsLeft } = event;
      progress.update(
        step,
        total,
        `epoch ${epoch + 1}  loss ${(heatmapLoss + sizeLoss).toFixed(3)}  ${imagesPerSecond.toFixed(1)} images/s  ${formatSeconds(secondsLeft)} left`,
      );
      return;
    }
    case 'evaluating':
      return;
    case 'epoch': {
      const { summary, perClass } = event.evaluation;
      progress.event({
        type: 'epoch',
        epoch: event.epoch,
        split: event.split,
        trainSeconds: event.trainSeconds,
        best: event.best,
        ...summary,
        perClass,
      });
      progress.say(
        `  epoch ${event.epoch}  ${event.split}  AP ${percent(summary.ap)}  AP50 ${percent(summary.ap50)}  after ${formatSeconds(event.trainSeconds)}${event.best ? '  best so far' : ''}`,
      );
      return;
    }
    case 'image-failed':
      progress.event(event);
      progress.say(`left out: ${event.reason}`);
      return;
    case 'end':
      progress.event(event);
      progress.say(
        `Ended (${event.reason}) after ${event.steps} steps, ${formatSeconds(event.trainSeconds)} of training`,
      );
  }
}
