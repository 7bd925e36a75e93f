// ttfnet-studio project history, restore
import { Option, type Command } from 'commander';
import { historyTask, restoreTask, type HistoryLine, type RestorePoint } from '../../app/tasks/projectHistory.ts';
import { StudioError } from '../../shared/errors.ts';
import type { Session } from '../ending.ts';
import { jsonOption, numberIn } from '../options.ts';
import { formatTime, many } from './projectText.ts';

interface HistoryOptions {
  image?: string;
  limit: number;
  json?: boolean;
}

interface RestoreOptions {
  to?: number;
  checkpoint?: string;
  backup?: string;
  json?: boolean;
}

/** Adds the commands about a project's past. */
export function addProjectHistory(project: Command, _session: Session): void {
  project
    .command('history')
    .argument('<project>', "the project's folder or file")
    .description('List what happened to a project, newest first: who, when, with what.')
    .option('--image <path>', "only this image, by its path in the project's folder")
    .option('--limit <n>', 'how many changes', numberIn(1, 1_000_000, true), 20)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe number before each change is what "project restore --to" takes.\n\nExamples:\n  $ ttfnet-studio project history cells --limit 100\n  $ ttfnet-studio project history cells --image plate3/a7.jpg --json',
    )
    .action(list);
  project
    .command('restore')
    .argument('<project>', "the project's folder or file")
    .description('Bring the labels back to an earlier state.')
    .option('--to <seq>', 'the state right after this change; 0 is the beginning', numberIn(0, 2 ** 40, true))
    .addOption(new Option('--checkpoint <name>', 'the state of this checkpoint').conflicts('to'))
    .addOption(
      new Option('--backup <file>', 'put this backup in the place of the project file').conflicts(['to', 'checkpoint']),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\n--to and --checkpoint append a change that brings the earlier labels back: nothing is deleted, and going back to the\nchange before it undoes it. --backup is for a damaged project; the file that it replaces is kept under another name.\n"project history" lists changes, "project info" names the newest backup.\n\nExamples:\n  $ ttfnet-studio project restore cells --to 120\n  $ ttfnet-studio project restore cells --checkpoint "before the merge"',
    )
    .action(restore);
}

async function list(target: string, { image, limit, json }: HistoryOptions): Promise<void> {
  const entries = await historyTask(target, { image, limit });
  if (json) process.stdout.write(`${JSON.stringify({ entries })}\n`);
  else process.stdout.write(entries.length === 0 ? 'Nothing has happened yet.\n' : entries.map(toText).join(''));
}

function toText(entry: HistoryLine): string {
  const { seq, at, author, who, tool, version, action, label, images, boxes, undone, onImage } = entry;
  const by = author === 'person' ? who : `${tool}${version ? ` ${version}` : ''}${who ? ` (${who})` : ''}`;
  const what = onImage
    ? `+${onImage.added} ~${onImage.changed} -${onImage.removed} boxes`
    : `${many(boxes, 'box', 'boxes')} on ${many(images, 'image')}`;
  const named = label ? ` ${JSON.stringify(label)}` : '';
  return `${String(seq).padStart(6)}  ${formatTime(at)}  ${action}${named}  ${what}  by ${by || 'unknown'}${undone ? '  (undone)' : ''}\n`;
}

async function restore(target: string, { to, checkpoint, backup, json }: RestoreOptions): Promise<void> {
  const outcome = await restoreTask(target, pointOf({ to, checkpoint, backup }));
  if (json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else if (outcome.restored === 'backup')
    process.stdout.write(
      `Put ${outcome.backup} in the project's place.${outcome.kept ? ` The replaced file is ${outcome.kept}` : ''}\n`,
    );
  else
    process.stdout.write(
      `Went back to change ${outcome.seq}: ${many(outcome.boxes, 'box', 'boxes')} on ${many(outcome.images, 'image')} changed. To undo: ttfnet-studio project restore ${target} --to ${outcome.undo}\n`,
    );
}

function pointOf({ to, checkpoint, backup }: Omit<RestoreOptions, 'json'>): RestorePoint {
  if (to !== undefined) return { to };
  if (checkpoint !== undefined) return { checkpoint };
  if (backup !== undefined) return { backup };
  throw new StudioError(
    'argument-invalid',
    'Say what to go back to: --to with the number of a change, --checkpoint with its name, or --backup with a file.',
  );
}
