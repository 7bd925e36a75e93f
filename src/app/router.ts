// Binds the contract's names to handlers and serves them over ports: the same code answers a window's MessagePort and a browser's WebSocket.
import { implement, type AnyProcedure } from '@orpc/server';
import { RPCHandler } from '@orpc/server/bun-ws'; // of all its kinds the one whose messages can be awaited, and so their failures caught
import { contract } from '../shared/contract/index.ts';
import type { Call, Handlers } from './host/call.ts';
import { wireErrors, type LogError } from './host/wireErrors.ts';

interface ConnectionContext extends Record<PropertyKey, unknown> {
  connection: number;
}

interface Implementer {
  handler(
    run: (options: { input: unknown; context: ConnectionContext; signal?: AbortSignal }) => unknown,
  ): AnyProcedure;
}

/** What is sent over a connection. */
type Sent = string | ArrayBufferLike | Uint8Array;

/** A connection as the program sees it: a window's MessagePort, or a browser's WebSocket made to look like one. */
export interface ServedPort {
  on(event: 'message', listener: (message: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(data: Sent): void;
  /** Ends a connection over which something came that is no call. */
  close(): void;
}

/** Serves {@link Handlers} to any number of connections. */
export interface PortServer {
  /** Answers calls that come over `port` until it closes, and closes it at the first message that is none; returns the connection's number. */
  serve(port: ServedPort): number;
}

/** What is told about connections. */
export interface ConnectionWatch {
  /** A call with a checked input came over it. */
  called(connection: number, input: unknown): void;
  /** It is closed. */
  gone(connection: number): void;
}

/** Makes the server of all handlers; every input and output is checked against the contract's schemas. */
export function createPortServer(handlers: Handlers, log: LogError, watch: ConnectionWatch): PortServer {
  const router = routerOf(handlers, watch);
  const rpc = new RPCHandler<ConnectionContext>(router, { clientInterceptors: [wireErrors(log)] });
  let connections = 0;
  return {
    serve: (port) => {
      const connection = ++connections;
      const peer = {
        send: (message: Sent) => {
          port.postMessage(message);
          return 0; // the count of bytes that its own kind of socket would tell; nobody reads it
        },
      };
      port.on('message', ({ data }) => {
        rpc.message(peer, encoded(data), { context: { connection } }).catch((error: unknown) => {
          log('connection', error);
          port.close();
        });
      });
      port.on('close', () => {
        rpc.close(peer);
        watch.gone(connection);
      });
      return connection;
    },
  };
}

/** A message as oRPC decodes it. Anything else a port can carry becomes one that it refuses. */
const encoded = (data: unknown): string | Uint8Array =>
  typeof data === 'string' || data instanceof Uint8Array
    ? data
    : data instanceof ArrayBuffer
      ? new Uint8Array(data)
      : '';

/** The router that oRPC serves. Typed loosely inside: {@link Handlers} has already held every handler against the contract. */
export function routerOf(handlers: Handlers, watch?: ConnectionWatch): Record<string, Record<string, AnyProcedure>> {
  const implementers = implement(contract).$context<ConnectionContext>() as unknown as Record<
    string,
    Record<string, Implementer>
  >;
  const table = handlers as unknown as Record<string, Record<string, (input: unknown, call: Call) => unknown>>;
  const bind = (domain: string, name: string) =>
    implementers[domain]![name]!.handler(({ input, context, signal }) => {
      const { connection } = context;
      watch?.called(connection, input);
      return table[domain]![name]!(input, { connection, signal: signal ?? new AbortController().signal });
    });
  return Object.fromEntries(
    Object.entries(contract).map(([domain, calls]) => [
      domain,
      Object.fromEntries(Object.keys(calls).map((name) => [name, bind(domain, name)])),
    ]),
  );
}
