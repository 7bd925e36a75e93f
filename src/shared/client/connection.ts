// The typed client over a wire that may break: calls wait for the wire, broken ones fail with `connection-lost`, streams can be followed across reconnects.
import {
  createORPCClient,
  mapEventIterator,
  ORPCError,
  type ClientContext,
  type ClientLink,
  type ClientOptions,
} from '@orpc/client';
import { RPCLink, type SupportedMessagePort } from '@orpc/client/message-port';
import { errorCodes, StudioError, type ErrorCode } from '../errors.ts';
import type { StudioClient } from '../contract/index.ts';
import { said, toSaid } from '../said.ts';
import type { Wire } from './wire.ts';

/** `lost` while it tries again; `closed` for good after {@link Connection.close}. */
export type ConnectionStatus = 'connecting' | 'open' | 'lost' | 'closed';

/** A client and the state of its wire. Errors of all calls and streams are {@link StudioError}s. */
export interface Connection {
  readonly client: StudioClient;
  readonly status: ConnectionStatus;
  /** Hears every change of status; returns the function that ends it. After `lost`, `open` means: re-read what you show. */
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /**
   * Reads a stream for as long as the view lives: opens it, hands on its events, and opens it again after a reconnect.
   * Ends when the host ends it, on an error other than a lost connection (`onError`), or by the returned function.
   */
  follow<T>(
    open: (client: StudioClient, signal: AbortSignal) => Promise<AsyncIterable<T>>,
    onEvent: (event: T) => void,
    onError?: (error: StudioError) => void,
  ): () => void;
  close(): void;
}

interface Live {
  link: RPCLink<ClientContext>;
  /** Aborts when the wire closes. */
  gone: AbortController;
}

const lost = () =>
  new StudioError(
    'connection-lost',
    'The connection to the program was lost. It reconnects by itself; repeat what you did last.',
    undefined,
    said('connection.lost', {}),
  );

/** Any error of the transport as a {@link StudioError}. */
function toStudioError(error: unknown, gone: AbortSignal, asked: AbortSignal | undefined): StudioError {
  if (error instanceof StudioError) return error;
  if (asked?.aborted) return new StudioError('cancelled', 'Cancelled.', error);
  if (gone.aborted) return lost();
  if (error instanceof ORPCError) {
    const { code, data } = error as ORPCError<string, unknown>;
    const known: ErrorCode = (errorCodes as readonly string[]).includes(code) ? (code as ErrorCode) : 'internal';
    return new StudioError(known, error.message, error, toSaid(data));
  }
  return new StudioError('internal', error instanceof Error ? error.message : String(error), error);
}

class Reconnecting implements ClientLink<ClientContext> {
  status: ConnectionStatus = 'connecting';
  readonly listeners = new Set<(status: ConnectionStatus) => void>();
  #open: () => Promise<Wire>;
  #live: Promise<Live>;
  #wire: Wire | null = null;
  #stop = new AbortController();

  constructor(open: () => Promise<Wire>) {
    this.#open = open;
    this.#live = this.#connect();
  }

  async call(path: readonly string[], input: unknown, options: ClientOptions<ClientContext>): Promise<unknown> {
    const { link, gone } = await this.#live;
    try {
      const output = await link.call(path, input, options);
      return isIterator(output) ? this.#guard(output, gone.signal, options.signal) : output;
    } catch (error) {
      throw toStudioError(error, gone.signal, options.signal);
    }
  }

  close(): void {
    this.#stop.abort();
    this.#wire?.close();
    this.#set('closed');
  }

  #guard(
    iterator: AsyncIterator<unknown>,
    gone: AbortSignal,
    asked: AbortSignal | undefined,
  ): AsyncIterableIterator<unknown> {
    return mapEventIterator(iterator, {
      value: (value) => Promise.resolve(value),
      error: (error) => Promise.resolve(toStudioError(error, gone, asked)),
    });
  }

  async #connect(): Promise<Live> {
    for (let wait = 100; ; wait = Math.min(wait * 2, 3000)) {
      if (this.#stop.signal.aborted) throw lost();
      try {
        return this.#use(await this.#open());
      } catch {
        this.#set('lost'); // the host may be restarting: tried again for as long as the window is there
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  #use(wire: Wire): Live {
    this.#wire = wire;
    const gone = new AbortController();
    // Registered before the link's own listener, so that the calls it fails are known to have lost their wire.
    wire.addEventListener('close', () => this.#lost(gone));
    const live: Live = { link: new RPCLink({ port: wire as SupportedMessagePort }), gone };
    wire.start?.();
    this.#set('open');
    return live;
  }

  #lost(gone: AbortController): void {
    gone.abort();
    if (this.status === 'closed') return;
    this.#set('lost');
    this.#live = this.#connect();
    this.#live.catch(() => undefined); // only rejects after close(); callers see it
  }

  #set(status: ConnectionStatus): void {
    if (this.status === status || this.status === 'closed') return;
    this.status = status;
    for (const listener of this.listeners) listener(status);
  }
}

function isIterator(value: unknown): value is AsyncIterator<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Opens a connection and keeps it open: `open` is called again whenever the wire closes. */
export function createConnection(open: () => Promise<Wire>): Connection {
  const link = new Reconnecting(open);
  const client = createORPCClient<StudioClient>(link);
  return {
    client,
    get status() {
      return link.status;
    },
    onStatus: (listener) => {
      link.listeners.add(listener);
      return () => link.listeners.delete(listener);
    },
    follow: (openStream, onEvent, onError) => {
      const stop = new AbortController();
      void follow({ link, client, open: openStream, onEvent, onError, signal: stop.signal });
      return () => stop.abort();
    },
    close: () => link.close(),
  };
}

interface Follow<T> {
  link: Reconnecting;
  client: StudioClient;
  open: (client: StudioClient, signal: AbortSignal) => Promise<AsyncIterable<T>>;
  onEvent: (event: T) => void;
  onError: ((error: StudioError) => void) | undefined;
  signal: AbortSignal;
}

const ended = (f: Pick<Follow<unknown>, 'signal' | 'link'>) => f.signal.aborted || f.link.status === 'closed';

async function follow<T>(f: Follow<T>): Promise<void> {
  for (;;) {
    const error = await readOnce(f);
    if (error === null || ended(f)) return;
    if (error.code !== 'connection-lost') return f.onError?.(error);
  }
}

/** Reads the stream until it ends (`null`) or fails. */
async function readOnce<T>(f: Follow<T>): Promise<StudioError | null> {
  try {
    for await (const event of await f.open(f.client, f.signal)) {
      if (ended(f)) return null;
      f.onEvent(event);
    }
    return null;
  } catch (error) {
    return error instanceof StudioError ? error : new StudioError('internal', String(error), error);
  }
}
