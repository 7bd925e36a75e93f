// How this page reaches its host: a message port from the preload script in the desktop window, a WebSocket to its own origin in a browser.
import { createConnection, type Connection } from '../../shared/client/connection.ts';
import { isDesktopPage, portAnswer, portRequest, socketWire, type Wire } from '../../shared/client/wire.ts';

/** The connection of this page; it mends itself. */
export function openConnection(): Connection {
  return createConnection(isDesktopPage(location) ? openPort : openSocket);
}

function openSocket(): Promise<Wire> {
  return socketWire(new WebSocket(`${location.origin.replace(/^http/, 'ws')}/rpc`));
}

function openPort(): Promise<Wire> {
  return new Promise((resolve) => {
    const take = (event: MessageEvent<unknown>): void => {
      const port = event.ports[0];
      if (event.source !== window || event.data !== portAnswer || !port) return;
      window.removeEventListener('message', take);
      resolve(port as Wire);
    };
    window.addEventListener('message', take);
    window.postMessage(portRequest, '*');
  });
}
