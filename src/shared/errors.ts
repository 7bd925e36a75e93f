// Every failure a person can meet, as a closed list of codes with a message that names the thing and the remedy.

import { said as say, type Said, type SaidKey } from './said.ts';

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

type FileSentence = Extract<SaidKey, `file.${string}` | `disk.${string}`>;

const byErrno: Record<string, [ErrorCode, string, FileSentence]> = {
  ENOENT: ['file-missing', 'does not exist. Check the path', 'file.missing'],
  ENOTDIR: ['file-missing', 'is not inside a folder. Check the path', 'file.notFolder'],
  EACCES: ['file-permission', 'may not be accessed. Change its permissions or choose another place', 'file.denied'],
  EPERM: ['file-permission', 'may not be accessed. Change its permissions or choose another place', 'file.denied'],
  EROFS: ['file-permission', 'is on a read-only disk. Choose another place', 'file.readOnlyDisk'],
  EISDIR: ['file-permission', 'is a folder where a file was expected', 'file.isFolder'],
  ENOSPC: [
    'disk-full',
    'could not be written: the disk is full. Free some space and try again; nothing already written was changed',
    'disk.full',
  ],
  EDQUOT: ['disk-full', 'could not be written: the disk quota is used up. Free some space and try again', 'disk.quota'],
};

/** Turns a Node file-system error about `file` into a {@link StudioError}; other errors become `internal` with their cause kept. */
export function fromFileError(error: unknown, file: string): StudioError {
  if (error instanceof StudioError) return error;
  const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = byErrno[errno];
  if (known) return new StudioError(known[0], `${file} ${known[1]}.`, error, say(known[2], { file }));
  return new StudioError('internal', `${file}: ${error instanceof Error ? error.message : String(error)}`, error);
}
