// What keeps a process at work when an error has no owner: a promise that nobody awaits, an event that nobody listens for. Node would end the process.
import type { LogError } from './host/wireErrors.ts';

/** Logs rejections that nobody caught and goes on: a forgotten promise ends neither labelling nor training. */
export function outliveRejections(log: LogError): void {
  process.on('unhandledRejection', (error) => log('uncaught rejection', error));
}

/**
 * Logs exceptions that nobody caught and goes on: for the process that people work with (the window's, `serve`). A child process doesn't use
 * this: what was cut off in the middle there might never answer, so it ends as Node would end it, and its parent starts another.
 */
export function outliveExceptions(log: LogError): void {
  process.on('uncaughtException', (error) => log('uncaught exception', error));
  process.stderr.on('error', () => undefined); // whoever read the log is gone: logging that would fail again, for ever
}
