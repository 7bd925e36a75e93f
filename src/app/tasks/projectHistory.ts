// A project's past: listed, for the whole or for one image, and gone back to.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { listBackups } from '../../core/store/backups.ts';
import type { HistoryEntry, TimelineEntry } from '../../core/store/history.ts';
import { backupFolder } from '../../core/store/location.ts';
import { restoreBackup } from '../../core/store/restoreBackup.ts';
import type { Project } from '../../core/store/project.ts';
import { actorOf, requireProject, withProject } from './projectAccess.ts';

/** A change, and for one image's history what it did to the boxes there. */
export interface HistoryLine extends HistoryEntry {
  onImage?: { added: number; changed: number; removed: number };
}

/** What of the history to list. */
export interface HistoryRequest {
  /** Path of an image: relative to the project's folder, or as seen from the working directory. */
  image?: string | undefined;
  limit: number;
}

/** Changes, newest first. @throws StudioError argument-invalid for an image that isn't in the project */
export function historyTask(target: string, { image, limit }: HistoryRequest): Promise<HistoryLine[]> {
  return withProject(target, 'read', (project) => {
    if (image === undefined) return project.history({ limit });
    return project.timeline(imageId(project, image)).reverse().slice(0, limit).map(toLine);
  });
}

function imageId(project: Project, given: string): number {
  const seen = path.relative(project.root, path.resolve(given)).split(path.sep).join('/');
  const row = project.imageByPath(given) ?? project.imageByPath(seen);
  if (row) return row.id;
  throw new StudioError(
    'argument-invalid',
    `${given} is not an image of this project. Give its path relative to ${project.root}, such as ${project.images([...project.find.ids().subarray(0, 1)])[0]?.path ?? 'a.jpg'}.`,
  );
}

function toLine({ change, ...entry }: TimelineEntry): HistoryLine {
  const steps = change.boxes ?? [];
  const added = steps.filter(([, before]) => before === null).length;
  const removed = steps.filter(([, , after]) => after === null).length;
  return { ...entry, onImage: { added, changed: steps.length - added - removed, removed } };
}

/** What to go back to. */
export type RestorePoint = { to: number } | { checkpoint: string } | { backup: string };

/** What a restore did. `undo` is the change to go back to in order to take it back; a backup leaves the replaced file. */
export type RestoreOutcome =
  | { restored: 'change'; seq: number; images: number; boxes: number; undo: number }
  | { restored: 'backup'; backup: string; kept: string | null };

/**
 * Brings the labels back to an earlier state, as a new change that can be undone, or puts a backup in the file's place.
 * @throws StudioError argument-invalid naming what there is, project-locked, project-damaged, file-missing
 */
export async function restoreTask(target: string, point: RestorePoint): Promise<RestoreOutcome> {
  if ('backup' in point) return restoreFromBackup(requireProject(target), point.backup);
  return withProject(target, 'write', (project) => {
    const undo = project.snapshot;
    const seq = 'to' in point ? point.to : seqOfCheckpoint(project, point.checkpoint);
    project.restore(actorOf('person', 'command line'), seq);
    const entry = project.history({ limit: 1 })[0];
    return { restored: 'change', seq, images: entry?.images ?? 0, boxes: entry?.boxes ?? 0, undo };
  });
}

/** The newest checkpoint of that name. */
function seqOfCheckpoint(project: Project, name: string): number {
  const all = project.checkpoints();
  const found = all.find(({ label }) => label === name);
  if (found) return found.seq;
  const names = all.length > 0 ? `It has ${all.map(({ label }) => JSON.stringify(label)).join(', ')}` : 'It has none';
  throw new StudioError('argument-invalid', `The project has no checkpoint ${JSON.stringify(name)}. ${names}.`);
}

function restoreFromBackup(file: string, given: string): RestoreOutcome {
  const folder = backupFolder(file);
  const backup = [given, path.join(folder, given)].find((place) => existsSync(place));
  if (backup !== undefined)
    return { restored: 'backup', backup: path.resolve(backup), kept: restoreBackup(file, backup) };
  const names = listBackups(folder).map((b) => path.basename(b.file));
  const valid = names.length > 0 ? `There are ${names.join(', ')} in ${folder}` : `There are no backups in ${folder}`;
  throw new StudioError('file-missing', `There is no backup ${given}. ${valid}.`);
}
