// What a transport looks like to the client: something that posts messages, hears them, and can close. A MessagePort is one already.

/** One open transport. Messages are strings, or bytes when something binary is in them. */
export interface Wire {
  postMessage(data: unknown): void;
  addEventListener(type: 'message' | 'close', listener: (event: { data?: unknown }) => void): void;
  /** A MessagePort delivers nothing until it is started. */
  start?(): void;
  close(): void;
}

/** The used part of a browser's WebSocket. */
export interface SocketLike {
  binaryType: string;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data?: unknown }) => void): void;
  close(): void;
}

/** Waits until a socket is open and makes a {@link Wire} of it; rejects when it closes before. */
export function socketWire(socket: SocketLike): Promise<Wire> {
  socket.binaryType = 'arraybuffer';
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(wireOf(socket)));
    socket.addEventListener('error', () => undefined); // "close" follows; without a listener Node would end the process
    socket.addEventListener('close', () => reject(new Error('The connection was closed before it opened.')));
  });
}

function wireOf(socket: SocketLike): Wire {
  return {
    postMessage: (data) => socket.send(data as string | Uint8Array<ArrayBuffer>),
    addEventListener: (type, listener) =>
      type === 'message'
        ? socket.addEventListener('message', listener)
        : socket.addEventListener('close', () => listener({})),
    close: () => socket.close(),
  };
}

/** The window message by which a desktop page asks its preload script for a port: this, a space, and a word of its own. */
export const portRequest = 'ttfnet:connect';
/** The window message that answers with the port, `event.ports[0]`: this, a space, and the asker's word. */
export const portAnswer = 'ttfnet:port';

/** The used part of a page's `window`. */
export interface PageLike {
  addEventListener(type: 'message', listener: (event: PageMessage) => void): void;
  removeEventListener(type: 'message', listener: (event: PageMessage) => void): void;
  postMessage(message: string, targetOrigin: string): void;
  origin: string;
}
/** The used part of a message event. */
export interface PageMessage {
  data: unknown;
  ports: readonly unknown[];
}

/** Asks the preload script of a desktop page for a port. The word ties the answer to this request: two askers never share a port. */
export function portWire(page: PageLike): Promise<Wire> {
  const word = Math.random().toString(36).slice(2);
  return new Promise((resolve) => {
    const take = (event: PageMessage): void => {
      if (event.data !== `${portAnswer} ${word}`) return;
      page.removeEventListener('message', take);
      resolve(event.ports[0] as Wire);
    };
    page.addEventListener('message', take);
    page.postMessage(`${portRequest} ${word}`, page.origin);
  });
}

/** True for a page in the desktop window; its address says so (`?shell=desktop`), whatever scheme it is served under. */
export function isDesktopPage(location: { search: string }): boolean {
  return new URLSearchParams(location.search).get('shell') === 'desktop';
}
