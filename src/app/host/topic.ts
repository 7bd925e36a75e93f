// Events to many listeners, each read as an async iterator that ends by itself when its reader goes away.

/** Publishes values to every current subscriber; a subscriber that reads slowly keeps its own queue. */
export class Topic<T> {
  readonly #queues = new Set<Queue<T>>();

  /** Number of current subscribers. */
  get size(): number {
    return this.#queues.size;
  }

  publish(value: T): void {
    for (const queue of this.#queues) queue.push(value);
  }

  /** Ends all subscriptions after what they still have queued. */
  end(): void {
    for (const queue of this.#queues) queue.end();
  }

  /** Values from now on (the subscription starts at the call, not at the first read), until `signal` aborts or the topic ends. */
  subscribe(signal: AbortSignal | undefined, first: readonly T[] = []): AsyncGenerator<T, void> {
    const queue = new Queue<T>();
    for (const value of first) queue.push(value);
    this.#queues.add(queue);
    signal?.addEventListener('abort', () => queue.stop(), { once: true });
    if (signal?.aborted) queue.stop();
    return this.#read(queue);
  }

  async *#read(queue: Queue<T>): AsyncGenerator<T, void> {
    try {
      for (;;) {
        const next = await queue.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      this.#queues.delete(queue);
    }
  }
}

/** A queue with one reader. */
export class Queue<T> {
  #values: T[] = [];
  #ended = false;
  #wake: (() => void) | null = null;

  push(value: T): void {
    if (!this.#ended) this.#values.push(value);
    this.#wake?.();
  }

  /** No more values; those queued are still read. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Ends at once and forgets what is queued. */
  stop(): void {
    this.#values = [];
    this.end();
  }

  async next(): Promise<{ done: false; value: T } | { done: true }> {
    while (this.#values.length === 0) {
      if (this.#ended) return { done: true };
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return { done: false, value: this.#values.shift() as T };
  }
}
