// Edits on their way to disk: sent one after another, kept through a lost connection, and never made twice.
import type { LabelChange, LabelObject } from '../../shared/contract/index.ts';
import { StudioError } from '../../shared/errors.ts';

/** The changes of one undoable step on one image. */
export interface Edit {
  image: string;
  action: string;
  changes: LabelChange[];
}

/** What an outbox needs of the host. */
export interface Post<R> {
  /** Saves an edit. */
  send(edit: Edit): Promise<R>;
  /** What is on an image now. */
  read(image: string): Promise<readonly LabelObject[]>;
  /** An edit is on disk; `waiting` is true when more edits of that image follow. */
  saved(edit: Edit, result: R, waiting: boolean): void;
  /** The host refused an edit. */
  refused(edit: Edit, error: unknown): void;
}

/** The part of an edit that isn't on disk yet, given what is. After a lost connection nobody knows whether the last edit arrived. */
export function stillToDo(changes: readonly LabelChange[], objects: readonly LabelObject[]): LabelChange[] {
  const there = new Map(objects.map((o) => [o.id, o]));
  return changes.filter((change) => {
    if (change.type === 'status') return true;
    const object = there.get(change.id);
    if (change.type === 'add') return !object;
    if (change.type === 'accept' || change.type === 'reject') return object?.state === 'suggested';
    return object !== undefined;
  });
}

/** Sends edits in order. */
export class Outbox<R> {
  readonly #post: Post<R>;
  readonly #queue: Edit[] = [];
  #running: Promise<void> | null = null;

  constructor(post: Post<R>) {
    this.#post = post;
  }

  /** Edits that aren't on disk yet. */
  get size(): number {
    return this.#queue.length;
  }

  /** Takes an edit; it is sent after those before it. */
  put(edit: Edit): void {
    this.#queue.push(edit);
    this.#running ??= this.#drain().finally(() => (this.#running = null));
  }

  /** Settles when everything taken so far is on disk or refused. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** True while edits of `image` wait. */
  waits(image: string): boolean {
    return this.#queue.some((edit) => edit.image === image);
  }

  async #drain(): Promise<void> {
    for (let edit = this.#queue[0]; edit; edit = this.#queue[0]) {
      try {
        const result = await this.#sendSurely(edit);
        this.#queue.shift();
        if (result !== null) this.#post.saved(edit, result, this.waits(edit.image));
      } catch (error) {
        this.#queue.shift();
        this.#post.refused(edit, error);
      }
    }
  }

  /** Sends an edit however often the connection breaks; null when it had arrived before. */
  async #sendSurely(edit: Edit): Promise<R | null> {
    let changes = edit.changes;
    for (;;) {
      try {
        return changes.length > 0 ? await this.#post.send({ ...edit, changes }) : null;
      } catch (error) {
        if (!(error instanceof StudioError && error.code === 'connection-lost')) throw error;
        changes = stillToDo(changes, await this.#readSurely(edit.image));
      }
    }
  }

  async #readSurely(image: string): Promise<readonly LabelObject[]> {
    for (;;) {
      try {
        return await this.#post.read(image);
      } catch (error) {
        if (!(error instanceof StudioError && error.code === 'connection-lost')) throw error;
      }
    }
  }
}
