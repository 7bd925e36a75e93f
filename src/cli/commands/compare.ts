// ttfnet-studio compare
import type { Command } from 'commander';
import { compareTask, type CompareListener, type CompareOutcome, type RunInHand } from '../../app/tasks/compareTask.ts';
import { chooseProvider, parseVariants, type ProviderName } from '../../app/tasks/names.ts';
import { exitCodes, type Session } from '../ending.ts';
import { sayFindings } from '../findings.ts';
import { datasetOptions, jsonOption, numberIn, providerOption, type DatasetOptions } from '../options.ts';
import { makeProgress, type Progress } from '../progress.ts';
import { formatTable } from '../table.ts';
import { addTrainingOptions, listOption, settingsOf, type TrainingOptions } from '../trainingOptions.ts';
import { noticesTo, showTraining } from './train.ts';

interface CompareOptions extends DatasetOptions, TrainingOptions {
  vary: string[];
  setting: string[];
  seeds: number;
  baseline?: string;
  out: string;
  provider: ProviderName | 'auto';
  json?: boolean;
}

/** Adds the command. */
export function addCompare(program: Command, session: Session): void {
  const command = program
    .command('compare')
    .argument('<data>', 'folder with labelled images, or a project')
    .description(
      'Train several settings on the same data, seeds and budget, and draw AP50 against epoch and against time in one report. Called again with the same --out it goes on where it was.',
    );
  for (const option of datasetOptions()) command.addOption(option);
  command
    .addOption(
      listOption('--vary <name=values>', 'a setting and its values: sampling=gaussian,center; twice: all combinations'),
    )
    .addOption(listOption('--setting <name:settings>', 'one way to train, as "large:size=512,batch=4"; give several'))
    .option('--seeds <n>', 'how often each is trained, with seeds that count up from --seed', numberIn(1, 100, true), 1)
    .option('--baseline <name>', 'the setting that the others are measured against (default: the weakest)');
  addTrainingOptions(command)
    .requiredOption('--out <folder>', 'folder for the report, results.json and the runs')
    .addOption(providerOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ ttfnet-studio compare cells --vary sampling=gaussian,center --seeds 3 --epochs 8 --out runs/sampling\n  $ ttfnet-studio compare cells --setting paper:optimizer=sgd,schedule=step --setting ours:optimizer=adamw --minutes 3 --out runs/optimizers',
    )
    .action((data: string, options: CompareOptions) => run(data, options, session));
}

async function run(data: string, options: CompareOptions, session: Session): Promise<void> {
  const progress = makeProgress(options.json ?? false);
  const { format, images, annotations, seeds, baseline, out } = options;
  const outcome = await compareTask(
    {
      data: { folder: data, format, images, annotations },
      splits: { train: options.trainSplit, val: options.valSplit },
      ...settingsOf(options),
      variants: parseVariants(options.setting, options.vary),
      ...{ seeds, baseline, out },
    },
    { signal: session.signal, provider: await chooseProvider(options.provider) },
    listenerOf(progress),
  );
  progress.stop();
  progress.event({ type: 'comparison', ...outcome });
  if (!options.json) print(outcome, session.signal.aborted);
  if (session.signal.aborted) session.end(exitCodes.interrupted);
  else if (!outcome.complete) session.end(exitCodes.partial);
}

/** Events of a run carry which one it is. */
function listenerOf(progress: Progress): CompareListener {
  const named = ({ variant, seed }: RunInHand): { variant: string; seed: number } => ({ variant, seed });
  return {
    ...noticesTo(progress),
    onFindings: (findings, file) => sayFindings(progress, findings, file),
    onRun: (run) => {
      progress.event({ type: 'run', ...named(run), index: run.index, of: run.of, folder: run.folder });
      progress.say(`Run ${run.index} of ${run.of}: ${run.variant}, seed ${run.seed}`);
    },
    onEvent: (event, run) => {
      if (event.type === 'findings') return; // said once for all runs
      showTraining(event, { ...progress, event: (e) => progress.event({ ...e, ...named(run) }) });
    },
    onRunEnd: (run, ending, reason) => {
      progress.stop();
      progress.event({ type: 'run-end', ...named(run), ending, reason });
      if (reason !== undefined) progress.say(reason);
    },
  };
}

const number = (value: number | null, digits: number): string => (value === null ? '-' : value.toFixed(digits));

function print({ settings, verdicts, report, results }: CompareOutcome, interrupted: boolean): void {
  const levels = settings[0]?.levels ?? [];
  const head = ['setting', 'runs', 'final AP50', ...levels.map(({ ap50 }) => `epochs to ${ap50}`)];
  const rows = settings.map((s) => [
    s.name,
    String(s.runs.length),
    number(s.finalAp50, 3),
    ...s.levels.map(({ epochs }) => number(epochs, 1)),
  ]);
  const sentences = verdicts.map(({ sentence }) => `${sentence}\n`).join('');
  process.stdout.write(`\n${formatTable(head, rows)}\n${sentences}Report   ${report}\nResults  ${results}\n`);
  if (interrupted) process.stdout.write('Interrupted: the same command goes on from here.\n');
}
