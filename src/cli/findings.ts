// What a dataset leaves out, changes or lacks, on the command line: counts by kind, the first examples of each, and where all of it is.
import { countKinds, countsOf, lossLine, lossTitles, type Loss } from '../shared/lossReport.ts';
import type { Progress } from './progress.ts';

/** Examples of each kind that are shown. */
const shownOfKind = 3;

/** Findings as lines for people; `where` says where the whole list is. No line without findings. */
export function findingLines(findings: readonly Loss[], where: string): string[] {
  if (findings.length === 0) return [];
  const kinds = countKinds(findings);
  const counts = kinds.map(({ kind, count }) => `${count} ${lossTitles[kind]}`).join(', ');
  const examples = kinds.flatMap(({ kind, count }) => {
    const shown = findings.filter((loss) => loss.kind === kind).slice(0, shownOfKind);
    const more = count > shown.length ? [`    and ${count - shown.length} more ${lossTitles[kind]}`] : [];
    return [...shown.map((loss) => `    ${lossLine(loss)}`), ...more];
  });
  return [`note: about the labels: ${counts}`, ...examples, `  ${where}`];
}

/** Says findings: lines for people, one event with all of them for machines. */
export function sayFindings(progress: Progress, findings: readonly Loss[], file: string | null): void {
  progress.event({ type: 'findings', counts: countsOf(findings), findings, file });
  const where = file === null ? '--json or --findings FILE lists all' : `All of them: ${file}`;
  for (const line of findingLines(findings, where)) progress.say(line);
}
