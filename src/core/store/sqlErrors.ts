// SQLite's error codes as the program's own: what happened to which file, and what to do.
import { StudioError, type ErrorCode } from '../../shared/errors.ts';
import { inEnglish, said, type SaidKey } from '../../shared/said.ts';

type FileTrouble = Extract<
  SaidKey,
  'project.full' | 'project.failing' | 'project.busy' | 'project.damaged' | 'project.denied' | 'project.unopened'
>;

const rules: [RegExp, ErrorCode, FileTrouble][] = [
  [/^SQLITE_FULL/, 'disk-full', 'project.full'],
  [/^SQLITE_IOERR_(SHMSIZE|SHMOPEN|SHMMAP|WRITE|FSYNC|TRUNCATE)/, 'disk-full', 'project.failing'],
  [/^SQLITE_(BUSY|LOCKED)/, 'project-locked', 'project.busy'],
  [/^SQLITE_(CORRUPT|NOTADB)/, 'project-damaged', 'project.damaged'],
  [/^SQLITE_(READONLY|PERM|AUTH)/, 'file-permission', 'project.denied'],
  [/^SQLITE_CANTOPEN/, 'file-permission', 'project.unopened'],
];

/** The SQLite code of an error that the binding threw; '' for other errors. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  // SQLite has only its general code for these.
  if (/unsupported file format|malformed JSON/.test(error.message)) return 'SQLITE_CORRUPT';
  if ('code' in error && typeof error.code === 'string' && error.code) return error.code;
  return error.message.startsWith('ConnectionFailed') ? 'SQLITE_CANTOPEN' : '';
}

/** Turns what the binding threw about `file` into a StudioError; StudioErrors pass through. */
export function fromSqlError(error: unknown, file: string): StudioError {
  if (error instanceof StudioError) return error;
  const code = codeOf(error);
  const rule = rules.find(([pattern]) => pattern.test(code));
  const detail = error instanceof Error ? error.message : String(error);
  if (rule) {
    const sentence = said(rule[2], { file });
    return new StudioError(rule[1], `${inEnglish(sentence)} (SQLite: ${detail})`, error, sentence);
  }
  return new StudioError('internal', `${file}: ${detail}`, error, said('file.failed', { file, detail }));
}
