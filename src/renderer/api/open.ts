// How this page reaches its host: a message port from the preload script in the desktop window, a WebSocket to its own origin in a browser.
import { createConnection, type Connection } from '../../shared/client/connection.ts';
import { isDesktopPage, portWire, socketWire, type Wire } from '../../shared/client/wire.ts';

/** The connection of this page; it mends itself. */
export function openConnection(): Connection {
  return createConnection(isDesktopPage(location) ? () => portWire(window) : openSocket);
}

function openSocket(): Promise<Wire> {
  return socketWire(new WebSocket(`${location.origin.replace(/^http/, 'ws')}/rpc`));
}
