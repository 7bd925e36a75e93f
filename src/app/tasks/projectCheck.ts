// Whether a project is whole: the database itself, and the pictures that it is about.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../shared/errors.ts';
import { contentHash } from '../../core/dataset/splits.ts';
import { mapLimit } from '../../core/dataset/folderFiles.ts';
import type { Project } from '../../core/store/project.ts';
import { withProject, type ProjectTaskOptions } from './projectAccess.ts';

/** What a check found. */
export interface CheckOutcome {
  file: string;
  /** Null when the database is whole; else what is wrong with it, as a sentence. */
  damage: string | null;
  /** Other things about the opening, as sentences. */
  notices: string[];
  images: number;
  /** Paths of images whose file isn't there. */
  missing: string[];
  /** Paths of images whose file has other content than when it was read; only found with `content`. */
  changed: string[];
  backups: number;
}

interface Finding {
  path: string;
  state: 'there' | 'missing' | 'changed';
}

/**
 * Checks without changing anything.
 * @param content also read every picture and compare its content
 * @throws StudioError file-missing, project-version; project-damaged only when there is no good backup to show either
 */
export function checkTask(target: string, content: boolean, options: ProjectTaskOptions = {}): Promise<CheckOutcome> {
  return withProject(target, 'read', async (project) => {
    const { file, notices, shownBackup } = project;
    const damage = shownBackup ? notices.join(' ') : damageOf(project);
    const found = await findings(project, content, options);
    const of = (state: Finding['state']): string[] => found.filter((f) => f.state === state).map((f) => f.path);
    return {
      ...{ file, damage, images: found.length, missing: of('missing'), changed: of('changed') },
      notices: shownBackup ? [] : [...notices],
      backups: project.backups().length,
    };
  });
}

function damageOf(project: Project): string | null {
  try {
    project.check();
    return null;
  } catch (error) {
    if (error instanceof StudioError && error.code === 'project-damaged') return error.message;
    throw error;
  }
}

const atOnce = 2000;

async function findings(
  project: Project,
  content: boolean,
  { signal, onProgress }: ProjectTaskOptions,
): Promise<Finding[]> {
  const ids = project.find.ids();
  const found: Finding[] = [];
  for (let start = 0; start < ids.length; start += atOnce) {
    const rows = project.images([...ids.subarray(start, start + atOnce)]);
    const part = await mapLimit(rows, 8, async (row): Promise<Finding> => {
      signal?.throwIfAborted();
      return { path: row.path, state: await stateOf(path.join(project.root, row.path), content ? row.hash : '') };
    });
    found.push(...part);
    onProgress?.('pictures', found.length, ids.length);
  }
  return found;
}

async function stateOf(file: string, hash: string): Promise<Finding['state']> {
  const info = await stat(file).catch(() => null); // one that may not be looked at is as good as missing
  if (!info) return 'missing';
  if (hash === '') return 'there';
  const now = await contentHash(file).catch(() => null);
  return now === hash ? 'there' : 'changed';
}
