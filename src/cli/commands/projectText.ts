// What the project commands print for people: loss reports, sizes, lists that end in time, how far a task is.
import type { LossReport } from '../../shared/lossReport.ts';
import type { ProjectTaskOptions } from '../../app/tasks/projectAccess.ts';
import type { Session } from '../ending.ts';
import { findingLines } from '../findings.ts';
import { makeProgress, pace, type Progress } from '../progress.ts';

const mostLines = 20;

/** Lines, the first few of them, and how many more there are. */
export function someLines(lines: readonly string[], indent = '  '): string {
  const shown = lines.slice(0, mostLines).map((line) => `${indent}${line}\n`);
  const more = lines.length - shown.length;
  return `${shown.join('')}${more > 0 ? `${indent}and ${more} more; --json lists all\n` : ''}`;
}

/** `1 box`, `2 boxes`. */
export const many = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`;

/** A loss report as text: counts by kind, the first of each, and where the whole list is. */
export function describeLosses(
  verb: string,
  { format, images, boxes, losses }: LossReport,
  findingsFile: string | null,
): string {
  const head = `${verb} ${format}: ${many(images, 'image')}, ${many(boxes, 'box', 'boxes')}`;
  if (losses.length === 0) return `${head}, nothing lost\n`;
  const where = findingsFile === null ? '--json lists all' : `All of them: ${findingsFile}`;
  return `${head}\n${findingLines(losses, where).join('\n')}\n`;
}

/** Bytes as `12 kB` or `3.4 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1000)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** A time as people read it, to the minute. */
export const formatTime = (at: number): string => {
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
};

/** Progress of a project task on the command line, and the options that feed it. */
export function followTask(json: boolean, { signal }: Session): { progress: Progress; options: ProjectTaskOptions } {
  const progress = makeProgress(json);
  let rate = pace();
  let phase = '';
  const onProgress = (now: string, done: number, total: number): void => {
    if (now !== phase) [phase, rate] = [now, pace()];
    progress.update(done, total, rate(done, total, now));
  };
  return { progress, options: { signal, onProgress } };
}
