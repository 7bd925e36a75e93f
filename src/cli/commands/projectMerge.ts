// ttfnet-studio project merge
import { Option, type Command } from 'commander';
import { mergeTask, type Conflict, type ConflictSide } from '../../app/tasks/projectMerge.ts';
import { exitCodes, type Session } from '../ending.ts';
import { jsonOption } from '../options.ts';
import { many, someLines } from './projectText.ts';

interface MergeOptions {
  ours?: boolean;
  theirs?: boolean;
  both?: boolean;
  json?: boolean;
}

/** Adds the command. */
export function addProjectMerge(project: Command, session: Session): void {
  project
    .command('merge')
    .argument('<project>', "the project's folder or file: this one changes")
    .argument('<other>', 'the other copy: its folder or file, which stays as it is')
    .description("Take another person's edits of a copy of this project in.")
    .option('--ours', 'where both changed the same box, keep ours')
    .addOption(new Option('--theirs', 'there, take theirs').conflicts('ours'))
    .addOption(
      new Option('--both', 'there, keep ours and add theirs as a box of its own').conflicts(['ours', 'theirs']),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nEdits of different boxes merge by themselves. Where both copies changed the same box in different ways, the conflicts\nare listed and nothing is changed (exit code 3) until you say --ours, --theirs or --both. One undo takes a merge back.\n\nExample:\n  $ ttfnet-studio project merge cells /mnt/anna/cells --theirs',
    )
    .action((target: string, other: string, options: MergeOptions) => merge(target, other, options, session));
}

async function merge(target: string, other: string, options: MergeOptions, session: Session): Promise<void> {
  const { ours, theirs, both, json } = options;
  const choice = ours ? 'ours' : theirs ? 'theirs' : both ? 'both' : undefined;
  const outcome = await mergeTask(target, other, choice);
  if (!outcome.merged) session.end(exitCodes.partial);
  if (json) {
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
    return;
  }
  const { sets, newImages, newClasses, added, changed, removed, conflicts, merged } = outcome;
  if (conflicts.length > 0)
    process.stdout.write(
      `Both copies changed ${many(conflicts.length, 'box', 'boxes')}:\n${someLines(conflicts.map(describe))}`,
    );
  const rest = `${many(sets, 'change')}: ${added} boxes added, ${changed} changed, ${removed} removed; ${many(newImages, 'new image')}, ${many(newClasses, 'new class', 'new classes')}`;
  if (!merged)
    process.stdout.write(`Nothing was changed. Choose --ours, --theirs or --both. Without conflict merge ${rest}\n`);
  else if (sets + newImages === 0) process.stdout.write('There was nothing new in the other copy.\n');
  else process.stdout.write(`Merged ${rest}${choice && conflicts.length > 0 ? `; conflicts: ${choice}` : ''}\n`);
}

const describe = ({ path, ours, theirs }: Conflict): string => `${path}: ours ${side(ours)}, theirs ${side(theirs)}`;

const side = (value: ConflictSide): string =>
  value === null
    ? 'deleted'
    : `${value.className} ${[value.x1, value.y1, value.x2, value.y2].map((v) => Number(v.toFixed(1))).join(' ')}`;
