// Errors as they cross the contract: StudioErrors keep their code and sentence, a refused input says which field and why, anything else is logged here and told as `internal`.
import { mapEventIterator, ORPCError } from '@orpc/client';
import { ValidationError } from '@orpc/contract';
import { StudioError } from '../../shared/errors.ts';
import { inEnglish, said } from '../../shared/said.ts';

/** Writes an unexpected error where the shell keeps its log. */
export type LogError = (where: string, error: unknown) => void;

/** The error as it is sent; `where` is the call, such as `labels.edit`. */
export function toWireError(error: unknown, where: string, log: LogError): ORPCError<string, unknown> {
  if (error instanceof StudioError) {
    if (error.code === 'internal') log(where, error);
    return new ORPCError(error.code, { message: error.message, status: 422, data: error.said ?? undefined });
  }
  if (error instanceof ORPCError && error.cause instanceof ValidationError && error.code === 'BAD_REQUEST')
    return new ORPCError('argument-invalid', { message: `${where}: ${issuesOf(error.cause)}`, status: 400 });
  if (error instanceof Error && error.name === 'AbortError')
    return new ORPCError('cancelled', { message: 'Cancelled.', status: 499 });
  log(where, error);
  const detail = error instanceof Error ? error.message : String(error);
  const by = said('program.failed', { where, detail });
  return new ORPCError('internal', { message: inEnglish(by), status: 500, data: by });
}

function issuesOf(error: ValidationError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => {
      const at = (issue.path ?? [])
        .map((part) => (typeof part === 'object' ? String(part.key) : String(part)))
        .join('.');
      return at === '' ? issue.message : `"${at}": ${issue.message}`;
    })
    .join('; ');
}

interface Intercepted {
  path: readonly string[];
  next: () => Promise<unknown>;
}

/** Wraps every call (schema checks included) so that what it throws, now or while it streams, is a wire error. */
export function wireErrors(log: LogError) {
  return async ({ path, next }: Intercepted): Promise<unknown> => {
    const where = path.join('.');
    try {
      const output = await next();
      return isIterator(output) ? guarded(output, where, log) : output;
    } catch (error) {
      throw toWireError(error, where, log);
    }
  };
}

function guarded(iterator: AsyncIterator<unknown>, where: string, log: LogError): AsyncIterator<unknown> {
  return mapEventIterator(iterator, {
    value: (value) => Promise.resolve(value),
    error: (error) => Promise.resolve(toWireError(error, where, log)),
  });
}

function isIterator(value: unknown): value is AsyncIterator<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
