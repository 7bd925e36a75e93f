// Temporary copies of project files: to look into one that may not be written, without touching it.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromFileError, StudioError } from '../../shared/errors.ts';

/** A copy in a folder of its own. */
export interface TemporaryCopy {
  file: string;
  remove: () => void;
}

/** What SQLite keeps beside a file that was not closed: the log of changes, or the journal of a change that was cut off. */
export const companions = ['-wal', '-journal'] as const;

/**
 * Copies a project file, with its log or journal when there is one, into a temporary folder.
 * Never for a file that this process has open: closing the copy's reader would drop SQLite's locks on it.
 */
export function copyAside(file: string, withLog = true): TemporaryCopy {
  const folder = mkdtempSync(path.join(tmpdir(), 'ttfnet-studio-'));
  const copy = path.join(folder, path.basename(file));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    copyFileSync(file, copy);
    for (const suffix of withLog ? companions : [])
      if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
  } catch (error) {
    remove();
    throw fromFileError(error, file);
  }
  return { file: copy, remove };
}

/** An error about a copy as one about the file that it was made of. */
export function ofOriginal(error: unknown, copy: string, file: string): unknown {
  if (!(error instanceof StudioError)) return error;
  const { code, message, said } = error;
  const values = Object.entries(said?.values ?? {}).map(([place, value]) => [place, value === copy ? file : value]);
  const about = said && { ...said, values: Object.fromEntries(values) as typeof said.values };
  return new StudioError(code, message.replaceAll(copy, file), error, about);
}
