// ttfnet-studio eval
import type { Command } from 'commander';
import { evaluateTask } from '../../app/tasks/evaluateTask.ts';
import { chooseProvider, type ProviderName } from '../../app/tasks/names.ts';
import { exitCodes, type Session } from '../ending.ts';
import { countsOf } from '../../shared/lossReport.ts';
import { sayFindings } from '../findings.ts';
import { datasetOptions, jsonOption, providerOption, type DatasetOptions } from '../options.ts';
import { makeProgress, pace } from '../progress.ts';
import { formatTable } from '../table.ts';

interface EvalOptions extends DatasetOptions {
  model: string;
  split?: string;
  findings?: string;
  provider: ProviderName | 'auto';
  json?: boolean;
}

/** Adds the command. */
export function addEval(program: Command, session: Session): void {
  const command = program
    .command('eval')
    .argument('<data>', 'folder with labelled images, or a project')
    .description("Evaluate a model on labelled images by COCO's rules: AP, AP50, AP75, by size and by class.")
    .requiredOption('--model <model>', 'a run folder, a checkpoint, an exported .onnx or the base network');
  for (const option of datasetOptions()) command.addOption(option);
  command
    .option('--split <name>', 'split to evaluate on; all images when left out')
    .option('--findings <file>', 'write all that the labels leave out, change or lack into this file')
    .addOption(providerOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ ttfnet-studio eval cells --model runs/cells --split test --json')
    .action((data: string, options: EvalOptions) => run(data, options, session));
}

const show = (value: number | null): string => (value === null ? '-' : value.toFixed(3));

async function run(data: string, options: EvalOptions, session: Session): Promise<void> {
  const progress = makeProgress(options.json ?? false);
  const rate = pace();
  const { format, images, annotations } = options;
  const result = await evaluateTask(
    options.model,
    { folder: data, format, images, annotations },
    options.split ?? null,
    {
      signal: session.signal,
      findingsFile: options.findings,
      provider: await chooseProvider(options.provider),
      onImage: (done, of) => progress.update(done, of, rate(done, of, 'images')),
    },
  );
  progress.stop();
  const { summary, perClass, failed, unknownToModel, findings } = result;
  if (!options.json) sayFindings(progress, findings, options.findings ?? null);
  const found = { findings, counts: countsOf(findings), findingsFile: options.findings ?? null };
  progress.event({ ...summary, images: result.images, perClass, failed, unknownToModel, ...found });
  if (!options.json) {
    process.stdout.write(
      `${result.images} images   AP ${show(summary.ap)}   AP50 ${show(summary.ap50)}   AP75 ${show(summary.ap75)}   small ${show(summary.apSmall)}   medium ${show(summary.apMedium)}   large ${show(summary.apLarge)}\n\n`,
    );
    const rows = perClass.map((c) => [c.name, String(c.labels), show(c.ap), show(c.ap50), show(c.ap75)]);
    process.stdout.write(formatTable(['class', 'labels', 'AP', 'AP50', 'AP75'], rows));
    for (const name of unknownToModel)
      process.stdout.write(`note: the model does not know the class ${JSON.stringify(name)}\n`);
    for (const { reason } of failed) process.stdout.write(`failed: ${reason}\n`);
  }
  if (failed.length > 0) session.end(exitCodes.partial);
}
