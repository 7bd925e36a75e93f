// The program: its commands, their help, and the exit code for every way it can end.
import { Command, CommanderError } from 'commander';
import { StudioError } from '../shared/errors.ts';
import { addCompare } from './commands/compare.ts';
import { addConvert } from './commands/convert.ts';
import { addDemo } from './commands/demo.ts';
import { addDetect } from './commands/detect.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEval } from './commands/eval.ts';
import { addExport } from './commands/export.ts';
import { addModels } from './commands/models.ts';
import { addProject } from './commands/project.ts';
import { addServe } from './commands/serve.ts';
import { addTrain } from './commands/train.ts';
import { exitCodes, type Session } from './ending.ts';
import { version } from './version.ts';

/** Runs the program. @returns the exit code; never throws */
export async function parseArgs(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  let code: number = exitCodes.done;
  const onInterrupt = (): void => {
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted); // a second Ctrl+C doesn't wait
    interrupt.abort();
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  const session: Session = { signal: interrupt.signal, end: (ending) => (code = ending) };
  try {
    await makeProgram(session).parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return failure(error, args.includes('--json'));
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}

function makeProgram(session: Session): Command {
  const program = new Command('ttfnet-studio')
    .description(
      'Fine-tune a detector on your own labelled images and run it over whole folders, on this machine alone.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('Run with --help for what is possible.')
    .addHelpText(
      'after',
      `
The way from images to a detector:
  $ ttfnet-studio train my-images --minutes 5 --out runs/first    fine-tune on labelled images (VOC, COCO, YOLO ... found by itself)
  $ ttfnet-studio eval --model runs/first my-images               how good it is
  $ ttfnet-studio detect new-images --model runs/first            boxes for a folder of new images
  $ ttfnet-studio demo                                            all of that on a small built-in sample

Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 done but some files failed, 130 interrupted.`,
    );
  for (const add of [
    addTrain,
    addCompare,
    addDetect,
    addEval,
    addExport,
    addConvert,
    addProject,
    addModels,
    addDoctor,
    addDemo,
    addServe,
  ])
    add(program, session);
  return program;
}

function failure(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const known =
    error instanceof StudioError
      ? error
      : new StudioError('internal', `Something went wrong that should not: ${String(error)}`, error);
  if (json) process.stdout.write(`${JSON.stringify({ error: { code: known.code, message: known.message } })}\n`);
  process.stderr.write(`${known.message}\n`);
  if (known.code === 'internal' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  if (known.code === 'cancelled') return exitCodes.interrupted;
  return known.code === 'argument-invalid' ? exitCodes.usage : exitCodes.failed;
}
