// Another person's copy of a project merged into this one, or the conflicts to choose from.
import { existsSync } from 'node:fs';
import { StudioError } from '../../shared/errors.ts';
import type { Box } from '../../shared/geometry.ts';
import type { MergeChoice } from '../../core/store/merge.ts';
import type { MergeConflict, MergePlan } from '../../core/store/mergePlan.ts';
import type { Project } from '../../core/store/project.ts';
import { actorOf, projectFileOf, withProject } from './projectAccess.ts';

/** One side of a conflict; null where that side deleted the box. */
export type ConflictSide = (Box & { className: string }) | null;

/** A box that both copies changed, each in another way. */
export interface Conflict {
  path: string;
  box: string;
  ours: ConflictSide;
  theirs: ConflictSide;
}

/** What a merge did, or would do: with conflicts and no choice it changes nothing. */
export interface MergeOutcome extends Omit<MergePlan, 'conflicts'> {
  merged: boolean;
  conflicts: Conflict[];
}

/**
 * Merges, as one step for undo. The other copy stays as it is.
 * @param choice which side conflicts go to; without it conflicts stop the merge
 * @throws StudioError file-missing, argument-invalid for a copy of another project, project-locked, project-damaged
 */
export function mergeTask(target: string, other: string, choice?: MergeChoice): Promise<MergeOutcome> {
  const file = otherFile(other);
  return withProject(target, 'write', (project) => {
    const { conflicts, ...plan } = project.previewMerge(file);
    const merged = conflicts.length === 0 || choice !== undefined;
    const shown = conflicts.map((conflict) => toConflict(project, conflict));
    if (merged) project.merge(actorOf('person', 'merge'), file, choice === undefined ? {} : { otherwise: choice });
    return { ...plan, merged, conflicts: shown };
  });
}

function otherFile(other: string): string {
  const file = projectFileOf(other);
  if (file !== null) return file;
  if (!existsSync(other)) throw new StudioError('file-missing', `${other} does not exist. Check the path.`);
  throw new StudioError(
    'file-missing',
    `${other} has no project. Name the folder of the other copy, or its ttfnet-studio.sqlite file.`,
  );
}

function toConflict(project: Project, { path, box, ours, theirs }: MergeConflict): Conflict {
  const names = new Map(project.classes().map(({ id, name }) => [id, name]));
  const side = (value: MergeConflict['ours']): ConflictSide => {
    if (value === null) return null;
    const [classId, x1, y1, x2, y2] = value;
    return { className: names.get(classId) ?? `new class ${classId}`, x1, y1, x2, y2 };
  };
  return { path, box, ours: side(ours), theirs: side(theirs) };
}
