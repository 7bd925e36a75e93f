// What the shell tells the interface: to one window (menu commands), to all (settings), or to the first that listens (a folder the program was started with).
import type { SystemEvent } from '../../shared/contract/system.ts';
import { Topic } from './topic.ts';

interface Addressed {
  /** The one connection that shall hear it; `null` for all. */
  to: number | null;
  event: SystemEvent;
}

/** Delivers {@link SystemEvent}s. */
export class SystemEvents {
  readonly #topic = new Topic<Addressed>();
  #waiting: SystemEvent[] = [];

  /** Tells one connection, or all. */
  tell(event: SystemEvent, to: number | null = null): void {
    this.#topic.publish({ to, event });
  }

  /** Tells a connection if one is named, else everybody who listens, else whoever listens first. */
  offer(event: SystemEvent, to: number | null = null): void {
    if (this.#topic.size === 0) this.#waiting.push(event);
    else this.tell(event, to);
  }

  /** The events for one connection. */
  async *read(connection: number, signal: AbortSignal): AsyncGenerator<SystemEvent, void> {
    const first = this.#waiting.map((event): Addressed => ({ to: null, event }));
    this.#waiting = [];
    for await (const { to, event } of this.#topic.subscribe(signal, first))
      if (to === null || to === connection) yield event;
  }

  end(): void {
    this.#topic.end();
  }
}
