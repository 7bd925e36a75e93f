// Keys that came while the next image was being opened: kept in their order, and answered once it is there.

/** A line of keys waiting for an image. */
export class KeyQueue {
  readonly #opening: () => Promise<unknown> | null;
  #waiting: (() => void)[] = [];
  #draining = false;

  /** `opening` settles when the image that was asked for is there (it never fails); null while none is on its way. */
  constructor(opening: () => Promise<unknown> | null) {
    this.#opening = opening;
  }

  /** True while keys wait: one that comes now has to stand in line. */
  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  /** True while an image is on its way. */
  get opening(): boolean {
    return this.#opening() !== null;
  }

  /** Answers a key once every key before it was answered and the image that they lead to is there. */
  put(act: () => void): void {
    this.#waiting.push(act);
    if (!this.#draining) void this.#drain();
  }

  /** Forgets the keys that wait. */
  clear(): void {
    this.#waiting = [];
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    try {
      for (;;) {
        await this.#opening();
        if (this.opening) continue; // another one was asked for meanwhile
        const act = this.#waiting.shift();
        if (!act) return;
        act();
      }
    } finally {
      this.#draining = false;
    }
  }
}
