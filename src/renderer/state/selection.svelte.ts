// Which objects of the image are selected, in the order they were taken, and which one lies under the pointer.

import { plainSet } from './plain.ts';

/** The selection. Ids may be gone from the image: whoever reads it looks them up. */
export class Selection {
  #ids = $state.raw<readonly string[]>([]);
  #hovered = $state<string | null>(null);
  readonly #set = $derived(plainSet(this.#ids));

  get ids(): readonly string[] {
    return this.#ids;
  }
  /** The one taken last; null when nothing is selected. */
  get last(): string | null {
    return this.#ids.at(-1) ?? null;
  }
  get hovered(): string | null {
    return this.#hovered;
  }
  has(id: string): boolean {
    return this.#set.has(id);
  }

  /** Selects one object alone, or nothing. */
  only(id: string | null): void {
    this.#ids = id === null ? [] : [id];
  }
  /** Selects these alone. */
  all(ids: readonly string[]): void {
    this.#ids = [...plainSet(ids)];
  }
  /** Takes more in. */
  add(ids: readonly string[]): void {
    this.all([...this.#ids.filter((id) => !ids.includes(id)), ...ids]);
  }
  /** Takes one in, or out again. */
  toggle(id: string): void {
    this.#ids = this.has(id) ? this.#ids.filter((other) => other !== id) : [...this.#ids, id];
  }
  hover(id: string | null): void {
    this.#hovered = id;
  }
  clear(): void {
    this.#ids = [];
    this.#hovered = null;
  }
}
