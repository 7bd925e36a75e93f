// Every failure a person can meet, as a closed list of codes with a message that names the thing and the remedy.

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

  /**
   * @param code one of {@link errorCodes}
   * @param message has the value, what was valid, and what to do
   * @param cause the error that led here, kept for logs
   */
  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StudioError';
    this.code = code;
  }
}

const byErrno: Record<string, [ErrorCode, string]> = {
  ENOENT: ['file-missing', 'does not exist. Check the path'],
  ENOTDIR: ['file-missing', 'is not inside a folder. Check the path'],
  EACCES: ['file-permission', 'may not be accessed. Change its permissions or choose another place'],
  EPERM: ['file-permission', 'may not be accessed. Change its permissions or choose another place'],
  EROFS: ['file-permission', 'is on a read-only disk. Choose another place'],
  EISDIR: ['file-permission', 'is a folder where a file was expected'],
  ENOSPC: [
    'disk-full',
    'could not be written: the disk is full. Free some space and try again; nothing already written was changed',
  ],
  EDQUOT: ['disk-full', 'could not be written: the disk quota is used up. Free some space and try again'],
};

/** Turns a Node file-system error about `file` into a {@link StudioError}; other errors become `internal` with their cause kept. */
export function fromFileError(error: unknown, file: string): StudioError {
  if (error instanceof StudioError) return error;
  const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = byErrno[errno];
  if (known) return new StudioError(known[0], `${file} ${known[1]}.`, error);
  return new StudioError('internal', `${file}: ${error instanceof Error ? error.message : String(error)}`, error);
}
