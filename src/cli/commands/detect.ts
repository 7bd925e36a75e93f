// ttfnet-studio detect
import type { Command } from 'commander';
import { detectTask, type DetectOutcome } from '../../app/tasks/detectTask.ts';
import { baseModelName, chooseProvider, resultFormats } from '../../app/tasks/names.ts';
import type { PassedOver, ProviderName, ResultFormat, SweepProgress } from '../../app/tasks/names.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { countKinds } from '../../shared/lossReport.ts';
import { inEnglish } from '../../shared/said.ts';
import { exitCodes, type Session } from '../ending.ts';
import { jsonOption, providerOption, listOf, numberIn, rawCsvOption } from '../options.ts';
import { makeProgress, pace, type Progress } from '../progress.ts';
import { many } from './projectText.ts';

interface DetectOptions {
  model: string;
  score: number;
  recursive?: boolean;
  format: ResultFormat[];
  out: string;
  provider: ProviderName | 'auto';
  rawCsv?: boolean;
  json?: boolean;
}

/** Adds the command. */
export function addDetect(program: Command, session: Session): void {
  program
    .command('detect')
    .argument('<path...>', 'pictures and folders of pictures; the folder of a project stands for its images')
    .description(
      'Run a detector over pictures. Interrupted, the same command goes on where it was; with another --format it writes the results that are there; unreadable files are listed, never fatal.',
    )
    .requiredOption('--model <model>', `a run folder, a checkpoint, an exported .onnx, or ${baseModelName}`)
    .option('--score <s>', 'lowest score to keep', numberIn(0, 1), 0.3)
    .option('--recursive', 'look into sub-folders')
    .option(
      '--format <list>',
      `what to write: ${resultFormats.join(', ')}, several with commas`,
      listOf(resultFormats),
      ['coco'] as ResultFormat[],
    )
    .option(
      '--out <folder>',
      'folder of the results: a new one, or one of earlier results of the same pictures',
      'detections',
    )
    .addOption(rawCsvOption())
    .addOption(providerOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ ttfnet-studio detect holiday --model coco-mobilenetv3 --format overlay,csv --out found\n  $ ttfnet-studio detect a.jpg b.jpg --model runs/cells --json',
    )
    .action((paths: string[], options: DetectOptions) => run(paths, options, session));
}

async function run(paths: string[], options: DetectOptions, session: Session): Promise<void> {
  const { model, score, recursive = false, format: formats, rawCsv = false, out, json = false } = options;
  const progress = makeProgress(json);
  const rate = pace();
  const onImage = ({ image, resumed, done, of }: SweepProgress): void => {
    progress.event({ type: 'image', resumed, ...image });
    if (image.status === 'failed') progress.say(`failed: ${image.reason ?? image.file}`);
    progress.update(done, of, rate(done, of, 'images', resumed));
  };
  const outcome = await detectTask(
    { paths, model, score, recursive, formats, rawCsv, out },
    {
      signal: session.signal,
      provider: await chooseProvider(options.provider),
      onPassedOver: (passedOver) => tellPassedOver(progress, passedOver, out),
      onAnew: (why) => {
        progress.event({ type: 'anew', reason: inEnglish(why) });
        progress.say(inEnglish(why));
      },
      onImage,
      onProgress: ({ format, done, total }) => progress.update(done, total, `writing ${format}`),
    },
  );
  progress.stop();
  progress.event({ type: 'end', ...counts(outcome) });
  if (!json) process.stdout.write(describe(outcome));
  const { failed, images } = outcome;
  if (failed.length > 0) session.end(failed.length === images.length ? exitCodes.failed : exitCodes.partial);
}

/** How many examples of one matter are shown; the whole list is in a file. */
const shown = 5;

function tellPassedOver(progress: Progress, passedOver: readonly PassedOver[], out: string): void {
  for (const [i, { path: file, said }] of passedOver.entries()) {
    progress.event({ type: 'passed-over', path: file, reason: inEnglish(said) });
    if (i < shown) progress.say(`passed over: ${file}: ${inEnglish(said)}`);
  }
  if (passedOver.length > shown)
    progress.say(`and ${passedOver.length - shown} more; all are in ${out}/passed-over.json`);
}

function counts({ out, images, failed, resumed, detections, passedOver, losses, anew }: DetectOutcome): object {
  return {
    ...{ out, images: images.length, failed: failed.length, resumed, detections },
    failures: Object.fromEntries(failureKinds(failed)),
    passedOver: passedOver.length,
    changes: Object.fromEntries(countKinds(losses).map(({ kind, count }) => [kind, count])),
    anew: anew === null ? null : inEnglish(anew),
  };
}

const kinds: Partial<Record<ErrorCode, string>> = {
  'image-unreadable': 'damaged or not a picture',
  'image-too-large': 'too large',
  'file-missing': 'not there any more',
  'file-permission': 'may not be read',
};

function failureKinds(failed: DetectOutcome['failed']): Map<ErrorCode, number> {
  const numbers = new Map<ErrorCode, number>();
  for (const { code } of failed) if (code) numbers.set(code, (numbers.get(code) ?? 0) + 1);
  return numbers;
}

function describe({ out, images, failed, resumed, detections, losses }: DetectOutcome): string {
  const earlier = resumed > 0 ? ` (${resumed} from an earlier call)` : '';
  const pictures = many(images.length - failed.length, 'picture');
  let text = `${many(detections, 'object')} on ${pictures}${earlier}, written to ${out}\n`;
  if (failed.length > 0) {
    const numbers = [...failureKinds(failed)].map(([code, count]) => `${count} ${kinds[code] ?? 'for other reasons'}`);
    text += `${many(failed.length, 'file')} could not be read (${numbers.join(', ')}); the reasons are in ${out}/failed.json\n`;
  }
  if (losses.length > 0) {
    const numbers = countKinds(losses).map(({ kind, count }) => `${count} ${kind}`);
    const some = losses.slice(0, shown).map(({ format, file, reason }) => `  ${format}  ${file}: ${reason}\n`);
    text += `Not written as they are (${numbers.join(', ')}); all are in ${out}/changes.json\n${some.join('')}`;
  }
  return text;
}
