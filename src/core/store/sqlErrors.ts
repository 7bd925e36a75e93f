// SQLite's error codes as the program's own: what happened to which file, and what to do.
import { StudioError } from '../../shared/errors.ts';
import type { ErrorCode } from '../../shared/errors.ts';

const rules: [RegExp, ErrorCode, string][] = [
  [
    /^SQLITE_FULL/,
    'disk-full',
    'could not be written: the disk is full. Free some space; nothing saved before was lost',
  ],
  [
    /^SQLITE_IOERR_(SHMSIZE|SHMOPEN|SHMMAP|WRITE|FSYNC|TRUNCATE)/,
    'disk-full',
    'could not be written: the disk is full or failing. Free some space or use another disk; nothing saved before was lost',
  ],
  [/^SQLITE_(BUSY|LOCKED)/, 'project-locked', 'is being written by another program. Close it there, or try again'],
  [
    /^SQLITE_(CORRUPT|NOTADB)/,
    'project-damaged',
    'is damaged or is not a project. Open it again: the newest good backup will be shown',
  ],
  [/^SQLITE_(READONLY|PERM|AUTH)/, 'file-permission', 'may not be written. Change its permissions or use a copy'],
  [/^SQLITE_CANTOPEN/, 'file-permission', 'could not be opened. Check that the folder exists and may be written'],
];

/** The SQLite code of an error that the binding threw; '' for other errors. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string' && error.code) return error.code;
  return error.message.startsWith('ConnectionFailed') ? 'SQLITE_CANTOPEN' : '';
}

/** Turns what the binding threw about `file` into a StudioError; StudioErrors pass through. */
export function fromSqlError(error: unknown, file: string): StudioError {
  if (error instanceof StudioError) return error;
  const code = codeOf(error);
  const rule = rules.find(([pattern]) => pattern.test(code));
  const detail = error instanceof Error ? error.message : String(error);
  if (rule) return new StudioError(rule[1], `${file} ${rule[2]}. (SQLite: ${detail})`, error);
  return new StudioError('internal', `${file}: ${detail}`, error);
}
