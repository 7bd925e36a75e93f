// Streams for a host in memory: values pushed from anywhere, read as an async iterator that ends with its caller.

/** An async iterator fed by `subscribe`, which hands over a push function and returns how to stop. */
export async function* stream<T>(
  signal: AbortSignal,
  subscribe: (push: (value: T) => void, end: () => void) => () => void,
): AsyncGenerator<T> {
  const waiting: T[] = [];
  const state = { over: false };
  let wake: () => void = () => undefined;
  const stop = subscribe(
    (value) => {
      waiting.push(value);
      wake();
    },
    () => {
      state.over = true;
      wake();
    },
  );
  signal.addEventListener('abort', () => wake());
  try {
    while (!signal.aborted) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (state.over) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stop();
  }
}

/** Progress up to `total` in steps of some milliseconds, then the result. */
export async function* worked<T>(signal: AbortSignal, phase: string, total: number, milliseconds: number, result: T) {
  for (let done = 0; done < total && !signal.aborted; done++) {
    yield {
      type: 'progress' as const,
      phase,
      done,
      total,
      rate: 1000 / milliseconds,
      secondsLeft: ((total - done) * milliseconds) / 1000,
    };
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
  yield { type: 'done' as const, result };
}
