// Binds the contract's names to handlers and serves them over ports: the same code answers a window's MessagePort and a browser's WebSocket.
import { onMessagePortClose, type SupportedMessagePort } from '@orpc/client/message-port';
import { implement, type AnyProcedure } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
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

/** Serves {@link Handlers} to any number of connections. */
export interface PortServer {
  /** Answers calls that come over `port` until it closes; returns the connection's number. */
  serve(port: SupportedMessagePort): number;
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
      rpc.upgrade(port, { context: { connection } });
      onMessagePortClose(port, () => watch.gone(connection));
      return connection;
    },
  };
}

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
