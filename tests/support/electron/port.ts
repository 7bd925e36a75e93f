// Electron's MessagePortMain, its other end being a port inside a page's preload world.
import { EventEmitter } from 'node:events';

/** Says something into the page. */
export type IntoPage = (data: { text: string } | { bytes: string }) => void;

/** The part of Electron's MessagePortMain that the program uses. */
export class StandInPort
  extends EventEmitter
  implements Pick<Electron.MessagePortMain, 'postMessage' | 'start' | 'close'>
{
  readonly #into: IntoPage;
  readonly #closePage: () => void;
  #queue: unknown[] | null = [];
  #closed = false;

  constructor(into: IntoPage, closePage: () => void) {
    super();
    this.#into = into;
    this.#closePage = closePage;
  }

  postMessage(message: unknown): void {
    if (this.#closed) return;
    this.#into(
      typeof message === 'string'
        ? { text: message }
        : { bytes: Buffer.from(message as Uint8Array).toString('base64') },
    );
  }

  /** Messages wait until this is called, as in Electron. */
  start(): void {
    const waiting = this.#queue ?? [];
    this.#queue = null;
    for (const data of waiting) this.emit('message', { data, ports: [] });
  }

  close(): void {
    this.#closePage();
    this.gone();
  }

  /** The page said something. */
  hear(data: { text: string } | { bytes: string }): void {
    const value = 'text' in data ? data.text : Uint8Array.from(Buffer.from(data.bytes, 'base64'));
    if (this.#queue) this.#queue.push(value);
    else this.emit('message', { data: value, ports: [] });
  }

  /** The page's end is gone. */
  gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.emit('close');
  }
}
