// ttfnet-studio project info, check
import path from 'node:path';
import type { Command } from 'commander';
import { checkTask, type CheckOutcome } from '../../app/tasks/projectCheck.ts';
import { infoTask, type ProjectSummary } from '../../app/tasks/projectInfo.ts';
import { exitCodes, type Session } from '../ending.ts';
import { jsonOption } from '../options.ts';
import { formatTable } from '../table.ts';
import { followTask, formatBytes, formatTime, many, someLines } from './projectText.ts';

/** Adds the commands that look at a project and change nothing. */
export function addProjectLooks(project: Command, session: Session): void {
  project
    .command('info')
    .argument('<project>', "the project's folder or file")
    .description('Show what is in a project: images, classes, splits, backups, pictures that are the same.')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nWorks while the app has the project open, and says who holds it.\n\nExample:\n  $ ttfnet-studio project info cells --json',
    )
    .action(info);
  project
    .command('check')
    .argument('<project>', "the project's folder or file")
    .description('Check that a project is whole and its pictures are there. Changes nothing.')
    .option('--content', 'also read every picture and compare its content')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 all is well, 1 the project file is damaged, 3 pictures are missing or have other content.\n\nExample:\n  $ ttfnet-studio project check cells --content',
    )
    .action((target: string, options: CheckOptions) => check(target, options, session));
}

async function info(target: string, { json }: { json?: boolean }): Promise<void> {
  const summary = await infoTask(target);
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : describe(summary));
}

function describe(s: ProjectSummary): string {
  const { new: fresh, suggested, labelled, reviewed, skipped } = s.counts.byStatus;
  const [backup] = s.backups;
  const lines = [
    `${s.name}  (${s.file})`,
    `Images    ${s.counts.images}: ${fresh} new, ${suggested} suggested, ${labelled} labelled, ${reviewed} reviewed, ${skipped} skipped${s.counts.missing > 0 ? `; ${s.counts.missing} missing` : ''}`,
    `Boxes     ${s.counts.boxes}, and ${many(s.counts.suggestions, 'suggestion')}`,
    `On disk   ${formatBytes(s.bytes.project)}, beside it ${formatBytes(s.bytes.beside)} (backups, thumbnails, runs)`,
    `Backups   ${backup ? `${s.backups.length}, the newest of ${formatTime(backup.at)}: ${path.basename(backup.file)}` : 'none yet; the app makes them while it is open'}`,
    `Open in   ${s.holder ? `process ${s.holder.pid} on ${s.holder.host} since ${formatTime(s.holder.since)}` : 'no other program'}`,
    ...s.notices.filter(() => s.holder === null).map((notice) => `Note      ${notice}`),
  ];
  return `${lines.join('\n')}\n\n${tables(s)}${describeDuplicates(s)}`;
}

function tables({ classes, splits }: ProjectSummary): string {
  const classRows = classes.map((c) => [c.name, String(c.boxes), String(c.images)]);
  const splitRows = splits
    .filter(({ split, images }) => split !== 'none' || images > 0)
    .map((s) => [s.split, String(s.images), String(s.labelled)]);
  return `${formatTable(['class', 'boxes', 'images'], classRows)}\n${formatTable(['split', 'images', 'labelled'], splitRows)}`;
}

function describeDuplicates({ duplicates: { exact, near, acrossSplits } }: ProjectSummary): string {
  if (exact + near === 0) return '';
  const head = `\n${many(exact, 'group')} of equal pictures, ${many(near, 'group')} of pictures that look alike\n`;
  if (acrossSplits.length === 0) return head;
  const groups = acrossSplits.map(({ kind, images }) => `${kind}  ${images.slice(0, 4).join(', ')}`);
  return `${head}${many(acrossSplits.length, 'group')} of them in more than one split, so evaluations will flatter:\n${someLines(groups)}`;
}

interface CheckOptions {
  content?: boolean;
  json?: boolean;
}

async function check(target: string, { content, json }: CheckOptions, session: Session): Promise<void> {
  const { progress, options } = followTask(json ?? false, session);
  const found = await checkTask(target, content ?? false, options);
  progress.stop();
  progress.event(found);
  if (!json) process.stdout.write(describeCheck(target, found));
  if (found.damage !== null) session.end(exitCodes.failed);
  else if (found.missing.length + found.changed.length > 0) session.end(exitCodes.partial);
}

function describeCheck(target: string, { damage, notices, images, missing, changed, backups }: CheckOutcome): string {
  const there = backups > 0 ? `there ${backups === 1 ? 'is 1 backup' : `are ${backups} backups`}` : 'no backups yet';
  const database = damage === null ? `The project file is whole; ${there}.\n` : `${damage}\n`;
  const gone =
    missing.length > 0
      ? `${missing.length} of ${many(images, 'picture')} missing:\n${someLines(missing)}If they were moved within the folder: ttfnet-studio project import ${target} finds them again.\n`
      : `All ${many(images, 'picture')} are there.\n`;
  const other =
    changed.length > 0
      ? `${many(changed.length, 'picture')} with other content than when read; look at their labels:\n${someLines(changed)}`
      : '';
  return `${database}${someLines(notices, '')}${gone}${other}`;
}
