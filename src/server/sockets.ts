// The contract over WebSockets: upgrades that the guard allows become ports for the same server of handlers that the window uses.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { PortServer } from '../app/router.ts';
import type { LogError } from '../app/host/wireErrors.ts';
import type { Guard } from './guard.ts';

const pingEvery = 20_000;
/** Bytes of one message; the largest call is a big set of label changes. */
const maxPayload = 64 * 1024 * 1024;
/** Bytes that may wait for a page to read them. One answer is always sent, however large. */
const mostWaiting = 64 * 1024 * 1024;

/** Path of the WebSocket. */
export const socketPath = '/rpc';

/** Serves WebSockets; `upgrade` goes on the HTTP server's "upgrade" event. */
export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

/** What {@link createSockets} needs. */
export interface SocketsOptions {
  ports: PortServer;
  guard: Guard;
  /** Hears of connections whose upgrade is allowed. */
  welcome: (socket: Socket) => void;
  log: LogError;
}

/** Makes the WebSocket side of browser mode. */
export function createSockets({ ports, guard, welcome, log }: SocketsOptions): Sockets {
  const server = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
  server.on('connection', (socket) => serveSocket(ports, socket, log));
  return {
    upgrade: (request, socket, head) => {
      socket.on('error', () => socket.destroy()); // it was reset: Node hands upgrades over without a listener, and would end the process
      const verdict = guard.judge(request, true);
      if (verdict.allow) welcome(request.socket);
      if (!verdict.allow || verdict.address.pathname !== socketPath) {
        const status = verdict.allow || verdict.enter ? 404 : verdict.status;
        socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      server.handleUpgrade(request, socket, head, (ws) => server.emit('connection', ws, request));
    },
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

function serveSocket(ports: PortServer, socket: WebSocket, log: LogError): void {
  let alive = true;
  const timer = setInterval(() => {
    if (!alive) {
      socket.terminate();
      return;
    } // a sleeping laptop: it reconnects when it wakes
    alive = false;
    socket.ping();
  }, pingEvery);
  socket.on('pong', () => (alive = true));
  socket.on('close', () => clearInterval(timer));
  socket.on('error', () => socket.terminate());
  ports.serve({
    on: (event: 'message' | 'close', listener: (message: { data: unknown }) => void) => {
      if (event === 'close') socket.on('close', () => listener({ data: null }));
      else socket.on('message', (data, binary) => listener({ data: binary ? data : textOf(data) }));
    },
    postMessage: (data) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount <= mostWaiting) socket.send(data);
      else {
        log(
          'connection',
          new Error(`A page doesn't read its answers: ${mostWaiting} bytes of them wait. It is disconnected.`),
        );
        socket.terminate(); // a farewell would wait behind the rest; the page connects again by itself
      }
    },
    close: () => socket.close(1007, 'This message is no call.'),
  });
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString();
}
