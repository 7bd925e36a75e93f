// What the program and its child processes say to each other: numbered requests, events, one answer each, heartbeats. Values are structured clones.
import { errorCodes, StudioError, type ErrorCode } from '../../shared/errors.ts';
import type { Said } from '../../shared/said.ts';

/** To the child. `tell` reaches a request that is running (pause, resume, stop). */
export type ToWorker =
  | { type: 'call'; id: number; method: string; input: unknown }
  | { type: 'tell'; id: number; message: string }
  | { type: 'cancel'; id: number };

/** From the child. */
export type FromWorker =
  | { type: 'ready' }
  | { type: 'beat'; rss: number }
  | { type: 'event'; id: number; event: unknown }
  | { type: 'done'; id: number; result: unknown }
  | { type: 'failed'; id: number; error: SerialError };

/**
 * Milliseconds between heartbeats, after how many without one a child counts as hung, and after how many between two looks the looking process
 * itself stood still: the machine slept, or was stopped, and the child with it.
 */
export const heartbeat = { every: 1000, lostAfter: 60_000, lateAfter: 5000 };

/** An error that can cross between processes. */
export interface SerialError {
  code: ErrorCode;
  message: string;
  stack: string;
  said: Said | null;
}

/** Any thrown value as a {@link SerialError}; unexpected ones become `internal`. */
export function serialise(error: unknown): SerialError {
  if (error instanceof StudioError) {
    const { code, message, stack = '', said } = error;
    return { code, message, stack, said };
  }
  if (error instanceof Error) {
    const code = error.name === 'AbortError' ? 'cancelled' : 'internal';
    return { code, message: error.message, stack: error.stack ?? '', said: null };
  }
  return { code: 'internal', message: String(error), stack: '', said: null };
}

/** The {@link StudioError} of a {@link SerialError}; the child's stack is kept as the cause. */
export function revive(error: SerialError): StudioError {
  const code = errorCodes.includes(error.code) ? error.code : 'internal';
  return new StudioError(code, error.message, error.stack, error.said);
}

/** Names and types of what a kind of child process can do. */
export type MethodTable = Record<string, { input: unknown; event: unknown; result: unknown }>;

/** What a method in the child gets beside its input. */
export interface WorkerCall<E> {
  /** Aborts on cancel. */
  signal: AbortSignal;
  /** Sends an event to the caller. */
  emit: (event: E) => void;
  /** Hears `tell`. */
  onTell: (listener: (message: string) => void) => void;
}

/** The functions of a child process. */
export type WorkerMethods<M extends MethodTable> = {
  [K in keyof M]: (input: M[K]['input'], call: WorkerCall<M[K]['event']>) => Promise<M[K]['result']>;
};
