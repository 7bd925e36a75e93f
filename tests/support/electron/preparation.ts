// Something that is made at the first wish for it, while others may wait for it without causing it.

/** A second instance of the program never asks to be ready: it must start no Chromium, even when a test asks it for its state. */
export class Preparation {
  /** Settles when it has been begun by somebody and is done. */
  readonly done: Promise<void>;
  readonly #make: () => Promise<void>;
  #settle!: (made: Promise<void>) => void;
  #begun = false;

  constructor(make: () => Promise<void>) {
    this.#make = make;
    this.done = new Promise((resolve) => (this.#settle = resolve));
  }

  begin(): Promise<void> {
    if (!this.#begun) this.#settle(this.#make());
    this.#begun = true;
    return this.done;
  }
}
