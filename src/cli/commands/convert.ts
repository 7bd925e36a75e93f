// ttfnet-studio convert
import { Option, type Command } from 'commander';
import { convertTask } from '../../app/tasks/convertTask.ts';
import { writtenFormatNames, type WrittenFormatName } from '../../app/tasks/names.ts';
import type { Session } from '../ending.ts';
import { datasetOptions, jsonOption, rawCsvOption, type DatasetOptions } from '../options.ts';
import { makeProgress } from '../progress.ts';
import { describeLosses } from './projectText.ts';

interface ConvertOptions extends DatasetOptions {
  to: WrittenFormatName;
  out: string;
  copyImages?: boolean;
  linkImages?: boolean;
  rawCsv?: boolean;
  json?: boolean;
}

/** Adds the command. */
export function addConvert(program: Command, _session: Session): void {
  const command = program
    .command('convert')
    .argument('<data>', 'folder with labelled images, or a project')
    .description('Write labels in another format, and say what was lost on the way.');
  for (const option of datasetOptions()) command.addOption(option);
  command
    .addOption(new Option('--to <format>', 'format to write').choices([...writtenFormatNames]).makeOptionMandatory())
    .requiredOption('--out <folder>', 'folder to write')
    .option('--copy-images', 'copy the images along')
    .option('--link-images', 'link the images instead of copying them')
    .addOption(rawCsvOption())
    .addOption(jsonOption())
    .action(run);
}

async function run(folder: string, options: ConvertOptions): Promise<void> {
  const { format, images, annotations, to, out } = options;
  const along = options.copyImages ? 'copy' : options.linkImages ? 'link' : 'none';
  const { read, written, findingsFile } = await convertTask({
    data: { folder, format, images, annotations },
    to,
    out,
    images: along,
    rawCsv: options.rawCsv ?? false,
  });
  makeProgress(options.json ?? false).event({ read, written, findingsFile });
  if (options.json) return;
  process.stdout.write(describeLosses('Read', read, findingsFile) + describeLosses('Wrote', written, findingsFile));
}
