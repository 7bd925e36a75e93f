// Connections of which nobody knows yet whose they are: a few at a time, so that a flood of them takes neither memory nor file numbers from the rest.
import type { Socket } from 'node:net';

/** The newest connections that have shown no cookie yet. */
export class Strangers {
  readonly #most: number;
  readonly #sockets = new Set<Socket>();

  /** @param most how many there may be; one more ends the oldest */
  constructor(most: number) {
    this.#most = most;
  }

  /** A connection was made. */
  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const [oldest] = this.#sockets;
    if (this.#sockets.size > this.#most) oldest?.destroy();
  }

  /** A request over it was allowed. */
  welcome(socket: Socket): void {
    this.#sockets.delete(socket);
  }
}
