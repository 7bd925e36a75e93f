// Work behind the contract, read to its end.

/** Reads a stream of work to its end: its result and how many progress events came. */
export async function finish<T>(
  stream: Promise<AsyncIterable<{ type: 'progress' } | { type: 'done'; result: T }>>,
): Promise<{ result: T; progress: number }> {
  let progress = 0;
  for await (const event of await stream) {
    if (event.type === 'done') return { result: event.result, progress };
    progress += 1;
  }
  throw new Error('the stream ended without a result');
}
