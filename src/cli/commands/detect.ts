// ttfnet-studio detect
import type { Command } from 'commander';
import { detectTask, outputFormats, type OutputFormat } from '../../app/tasks/detectTask.ts';
import { baseModelName, chooseProvider, type ProviderName, type SweepProgress } from '../../app/tasks/names.ts';
import { exitCodes, type Session } from '../ending.ts';
import { jsonOption, providerOption, listOf, numberIn } from '../options.ts';
import { makeProgress, pace } from '../progress.ts';

interface DetectOptions {
  model: string;
  score: number;
  recursive?: boolean;
  format: OutputFormat[];
  out: string;
  provider: ProviderName | 'auto';
  json?: boolean;
}

/** Adds the command. */
export function addDetect(program: Command, session: Session): void {
  program
    .command('detect')
    .argument('<path...>', 'pictures and folders of pictures; the folder of a project stands for its images')
    .description(
      'Run a detector over pictures. Interrupted, the same command goes on where it was; unreadable files are listed, never fatal.',
    )
    .requiredOption('--model <model>', `a run folder, a checkpoint, an exported .onnx, or ${baseModelName}`)
    .option('--score <s>', 'lowest score to keep', numberIn(0, 1), 0.3)
    .option('--recursive', 'look into sub-folders')
    .option(
      '--format <list>',
      `what to write: ${outputFormats.join(', ')}, several with commas`,
      listOf(outputFormats),
      ['coco'] as OutputFormat[],
    )
    .option('--out <folder>', 'folder of the results', 'detections')
    .addOption(providerOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ ttfnet-studio detect holiday --model coco-mobilenetv3 --format overlay,csv --out found\n  $ ttfnet-studio detect a.jpg b.jpg --model runs/cells --json',
    )
    .action((paths: string[], options: DetectOptions) => run(paths, options, session));
}

async function run(paths: string[], options: DetectOptions, session: Session): Promise<void> {
  const progress = makeProgress(options.json ?? false);
  const rate = pace();
  const onImage = ({ image, resumed, done, of }: SweepProgress): void => {
    progress.event({ type: 'image', resumed, ...image });
    if (image.status === 'failed') progress.say(`failed: ${image.reason ?? image.file}`);
    progress.update(done, of, rate(done, of, 'images'));
  };
  const outcome = await detectTask(
    {
      paths,
      model: options.model,
      score: options.score,
      recursive: options.recursive ?? false,
      formats: options.format,
      out: options.out,
    },
    { signal: session.signal, provider: await chooseProvider(options.provider), onImage },
  );
  progress.stop();
  const { out, images, failed, resumed, detections } = outcome;
  progress.event({ type: 'end', out, images: images.length, failed, resumed, detections });
  if (!options.json) {
    process.stdout.write(
      `${detections} objects on ${images.length - failed} pictures${resumed > 0 ? ` (${resumed} from an earlier call)` : ''}, written to ${out}\n`,
    );
    if (failed > 0) process.stdout.write(`${failed} files could not be read; the reasons are in ${out}/failed.json\n`);
  }
  if (failed > 0) session.end(failed === images.length ? exitCodes.failed : exitCodes.partial);
}
