// ttfnet-studio export
import { InvalidArgumentError, type Command } from 'commander';
import { exportTask } from '../../app/tasks/exportTask.ts';
import type { Session } from '../ending.ts';
import { jsonOption, numberIn } from '../options.ts';
import { makeProgress } from '../progress.ts';

interface ExportOptions {
  model: string;
  out: string;
  outputs: string;
  pixels: string;
  layout: string;
  batch: number;
  size?: number;
  json?: boolean;
}

/** Adds the command. */
export function addExport(program: Command, _session: Session): void {
  program
    .command('export')
    .description(
      'Write a model as one ONNX file that plain ONNX Runtime runs, with classes and preprocessing in its metadata and a readme beside it.',
    )
    .requiredOption('--model <model>', 'a run folder, a checkpoint or the base network')
    .requiredOption('--out <file.onnx>', 'file to write')
    .option(
      '--outputs <kind>',
      'boxes (decoded inside) or heads (heatmap logits and distances)',
      choice('boxes', 'heads'),
      'boxes',
    )
    .option(
      '--pixels <type>',
      'element type of the input: uint8 or float32, both 0..255',
      choice('uint8', 'float32'),
      'uint8',
    )
    .option('--layout <order>', 'nhwc (as images lie in memory) or nchw', choice('nhwc', 'nchw'), 'nhwc')
    .option('--batch <n>', 'images per call', numberIn(1, 256, true), 1)
    .option('--size <pixels>', "side of the input; the model's own when left out", numberIn(64, 4096, true))
    .addOption(jsonOption())
    .action(run);
}

const choice =
  (...valid: string[]) =>
  (text: string): string => {
    if (valid.includes(text)) return text;
    throw new InvalidArgumentError(`It must be ${valid.join(' or ')}.`);
  };

async function run(options: ExportOptions): Promise<void> {
  const outcome = await exportTask({
    model: options.model,
    file: options.out,
    outputs: options.outputs as 'boxes' | 'heads',
    input: { dtype: options.pixels as 'uint8' | 'float32', layout: options.layout as 'nhwc' | 'nchw' },
    batch: options.batch,
    size: options.size === undefined ? undefined : { width: options.size, height: options.size },
  });
  makeProgress(options.json ?? false).event(outcome);
  if (!options.json)
    process.stdout.write(
      `${outcome.file} (${(outcome.bytes / 1e6).toFixed(1)} MB, ${outcome.classes.length} classes)\nHow to run it elsewhere: ${outcome.readme}\n`,
    );
}
