// How tasks open a project: for one piece of work, closed whatever happens, refused with a sentence where it can't be written.
import { userInfo } from 'node:os';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { StudioError, fromFileError } from '../../shared/errors.ts';
import { findProject, projectFileName } from '../../core/store/location.ts';
import { Project } from '../../core/store/project.ts';
import type { Actor, AuthorKind, FactsOf } from '../../core/store/types.ts';
import { dataFolder } from '../host/folders.ts';
import { factsOf } from '../worker/pixels.ts';

/** How far a task is; `phase` is a word for people. */
export type OnProgress = (phase: string, done: number, total: number) => void;

/** What long tasks share. */
export interface ProjectTaskOptions {
  /** Stops the task with `cancelled`. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** The project file of a folder (or the path itself when it is one), null when there is none. */
export const projectFileOf = (target: string): string | null => findProject(target, dataFolder());

/** The project file of a folder. @throws StudioError file-missing with the command that makes one */
export function requireProject(target: string): string {
  const file = projectFileOf(target);
  if (file !== null) return file;
  throw new StudioError('file-missing', `${target} has no project. ${remedyFor(target)}.`);
}

/** @throws StudioError file-permission for a folder that may not be looked into */
function remedyFor(target: string): string {
  if (!existsSync(target)) return 'It does not exist. Check the path';
  if (!statSync(target).isDirectory())
    return `It is a file. Name the folder with the pictures, or the ${projectFileName} in it`;
  try {
    accessSync(target, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw fromFileError(error, target);
  }
  return `Make one with "ttfnet-studio project create ${target}", or check the path`;
}

/**
 * Opens a project, works with it, and closes it.
 * @param access `read` takes no lock and writes nothing: it works while the app has the project open, and while it opens it
 * @throws StudioError file-missing, project-locked, project-damaged, file-permission; cancelled when the work was
 */
export async function withProject<T>(
  target: string,
  access: 'read' | 'write',
  body: (project: Project) => T | Promise<T>,
): Promise<T> {
  const options = { dataFolder: dataFolder(), backupMinutes: 0, readOnly: access === 'read' };
  const project = Project.open(requireProject(target), options);
  try {
    if (access === 'write') requireWritable(project);
    return await body(project);
  } catch (error) {
    throw asCancelled(error);
  } finally {
    await project.close();
  }
}

function requireWritable({ readOnlyReason, holder, shownBackup }: Project): void {
  if (readOnlyReason === null) return;
  const code = shownBackup ? 'project-damaged' : holder ? 'project-locked' : 'file-permission';
  throw new StudioError(code, readOnlyReason);
}

/** A cancelled store call as the program's own error; everything else as it is. */
export function asCancelled(
  error: unknown,
  sentence = 'Stopped. Run the same command again to finish it; no label was lost.',
): unknown {
  const isCancelled = error instanceof StudioError && error.code === 'cancelled';
  if (!isCancelled && !(error instanceof Error && error.name === 'AbortError')) return error;
  return new StudioError('cancelled', sentence, error);
}

/** Reads the facts of image files under a project's root, in this process. */
export const factsUnder =
  (root: string): FactsOf =>
  (relative) =>
    factsOf(path.join(root, relative));

/** Who works on the command line, for the history. */
export function actorOf(author: AuthorKind, tool: string): Actor {
  return { author, who: userName(), tool };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return ''; // a system without user names
  }
}
