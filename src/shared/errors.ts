// Every failure a person can meet, as a closed list of codes with a message that names the thing and the remedy.

import { inEnglish, said as say, type Said, type SaidKey, type SaidValues } from './said.ts';

/** Closed list of failure codes. Code branches on these; nobody matches message text. */
export const errorCodes = [
  'argument-invalid', // a setting or argument is out of range
  'file-missing',
  'file-permission',
  'disk-full',
  'image-unreadable', // truncated, empty, not an image
  'image-too-large',
  'annotation-invalid', // an annotation file that can't be understood
  'dataset-empty',
  'dataset-format-unknown',
  'model-invalid', // not a model, damaged, or of another network
  'model-version', // written by a newer or incompatible version
  'graph-invalid', // the ONNX graph builder or verifier refuses a graph
  'gradient-missing', // an op on the gradient path has no rule
  'provider-unavailable', // an execution provider can't be used here
  'runtime-failed', // ONNX Runtime itself reported an error
  'training-diverged', // loss became NaN or infinite
  'run-invalid', // a run folder that can't be resumed or read
  'download-failed',
  'checksum-mismatch',
  'folder-in-use', // another program is writing a folder of results
  'project-locked',
  'project-damaged',
  'project-version',
  'connection-lost', // the interface lost its host; it reconnects by itself
  'not-allowed', // the host doesn't let the interface touch this
  'cancelled',
  'internal',
] as const;

/** One of {@link errorCodes}. */
export type ErrorCode = (typeof errorCodes)[number];

/** The one error class of the program: a code for machines, a sentence naming the thing and the remedy for people. */
export class StudioError extends Error {
  readonly code: ErrorCode;
  /** The message by key, for an interface in another language; `null` where there is only the message. */
  readonly said: Said | null;

  /**
   * @param code one of {@link errorCodes}
   * @param message has the value, what was valid, and what to do
   * @param cause the error that led here, kept for logs
   * @param said the message by key
   */
  constructor(code: ErrorCode, message: string, cause?: unknown, said: Said | null = null) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StudioError';
    this.code = code;
    this.said = said;
  }
}

/** A {@link StudioError} that says a sentence of the list; `code` as in {@link errorCodes}, `cause` is kept for logs. */
export function saying<K extends SaidKey>(
  code: ErrorCode,
  key: K,
  values: SaidValues<K>,
  cause?: unknown,
): StudioError {
  const sentence = say(key, values);
  return new StudioError(code, inEnglish(sentence), cause, sentence);
}

/** A sentence in English, and by key where there is one. */
export interface Told {
  message: string;
  said: Said | null;
}

/** What an error, whatever was thrown, tells a person. */
export function toldBy(error: unknown): Told {
  const message = error instanceof Error ? error.message : String(error);
  return { message, said: error instanceof StudioError ? error.said : null };
}

/** A sentence of the list as {@link Told}. */
export const telling = (sentence: Said): Told => ({ message: inEnglish(sentence), said: sentence });

/** What can stand for an error inside another sentence: by key where there is one. */
export const reasonIn = ({ message, said }: Told): Said | string => said ?? message;

type FileSentence = Extract<SaidKey, `file.${string}` | `disk.${string}`>;

const byErrno: Record<string, [ErrorCode, Exclude<FileSentence, 'file.isFile' | 'file.failed' | 'file.tooLarge'>]> = {
  ENOENT: ['file-missing', 'file.missing'],
  ENOTDIR: ['file-missing', 'file.notFolder'],
  EACCES: ['file-permission', 'file.denied'],
  EPERM: ['file-permission', 'file.denied'],
  EROFS: ['file-permission', 'file.readOnlyDisk'],
  EISDIR: ['file-permission', 'file.isFolder'],
  ENXIO: ['file-permission', 'file.notPlain'], // a socket
  ELOOP: ['file-missing', 'file.linkLoop'],
  ENOSPC: ['disk-full', 'disk.full'],
  EDQUOT: ['disk-full', 'disk.quota'],
};

/** Turns a Node file-system error about `file` into a {@link StudioError}; other errors become `internal` with their cause kept. */
export function fromFileError(error: unknown, file: string): StudioError {
  if (error instanceof StudioError) return error;
  const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = byErrno[errno];
  if (known) return saying(known[0], known[1], { file }, error);
  const detail = error instanceof Error ? error.message : String(error);
  return new StudioError('internal', `${file}: ${detail}`, error, say('file.failed', { file, detail }));
}
