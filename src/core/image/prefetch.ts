// Prepares items ahead of their use, so that decoding overlaps computing: ordered, bounded, cancellable.
import { StudioError } from '../../shared/errors.ts';

/** One item with what was prepared for it, or the error of preparing it: one bad picture doesn't end a batch of thousands. */
export type Prefetched<T, R> = { item: T; index: number } & ({ ok: true; value: R } | { ok: false; error: unknown });

/** Settings of {@link prefetch}. */
export interface PrefetchOptions {
  /** How many items may be in preparation or waiting at once, from 1. */
  ahead: number;
  /** Ends the iteration with a `cancelled` error. */
  signal?: AbortSignal;
}

/**
 * Yields every item in order with the result of `prepare`, keeping up to `ahead` preparations going while the caller works on one.
 * `prepare` gets a signal that aborts when the iteration is cancelled or left early; the iteration ends only when everything
 * it started has settled, so nothing goes on behind the caller's back.
 * @throws StudioError `cancelled` when `signal` aborts, `argument-invalid` for `ahead` below 1; an error of `items` itself is passed on
 */
export async function* prefetch<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  prepare: (item: T, signal: AbortSignal) => Promise<R>,
  { ahead, signal }: PrefetchOptions,
): AsyncGenerator<Prefetched<T, R>, void, undefined> {
  if (!Number.isInteger(ahead) || ahead < 1)
    throw new StudioError('argument-invalid', `${ahead} items ahead are not possible; use a whole number from 1.`);
  const inner = new AbortController();
  const abort = (): void => inner.abort();
  signal?.addEventListener('abort', abort, { once: true });
  const source = iterate(items);
  const queue: Promise<Prefetched<T, R>>[] = [];
  let index = 0;
  let more = true;
  try {
    while (true) {
      while (more && queue.length < ahead && !signal?.aborted) {
        const next = await source.next();
        if (next.done) more = false;
        else queue.push(settle(next.value, index++, prepare, inner.signal));
      }
      const first = await queue.shift();
      if (signal?.aborted) throw new StudioError('cancelled', 'Preparing images was cancelled.');
      if (first === undefined) return;
      yield first;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    inner.abort();
    await Promise.all(queue);
    await source.return?.();
  }
}

function iterate<T>(items: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

/** Preparing never rejects: the error travels with its item. */
async function settle<T, R>(
  item: T,
  index: number,
  prepare: (item: T, signal: AbortSignal) => Promise<R>,
  signal: AbortSignal,
): Promise<Prefetched<T, R>> {
  try {
    return { item, index, ok: true, value: await prepare(item, signal) };
  } catch (error) {
    return { item, index, ok: false, error };
  }
}
