// Custom schemes in a browser that doesn't know them: each `scheme://host` is served as `http://host.scheme.localhost:port` by the stand-in itself.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendResponse, toRequest } from '../../../src/server/http.ts';

type Handler = (request: Request) => Response | Promise<Response>;

const handlers = new Map<string, Handler>();
let port = 0;

/** The address under which Chromium loads a URL of a custom scheme. */
export function toReal(url: string): string {
  const { protocol, host, pathname, search, hash } = new URL(url);
  const scheme = protocol.slice(0, -1);
  return handlers.has(scheme) ? `http://${host}.${scheme}.localhost:${port}${pathname}${search}${hash}` : url;
}

/** The URL that Electron would show for an address of {@link toReal}. */
export function toShown(url: string): string {
  const match = /^http:\/\/([^./]+)\.([^./]+)\.localhost:\d+(\/.*)?$/.exec(url);
  return match ? `${match[2]!}://${match[1]!}${match[3] ?? '/'}` : url;
}

/** Registers the function that answers a scheme. */
export function handleScheme(scheme: string, handler: Handler): void {
  handlers.set(scheme, handler);
}

/** Starts serving; the browser resolves `*.localhost` to this machine by itself. */
export async function serveSchemes(): Promise<() => void> {
  const server = createServer((incoming, outgoing) => {
    const shown = toShown(`http://${incoming.headers.host ?? ''}${incoming.url ?? '/'}`);
    const handler = handlers.get(new URL(shown).protocol.slice(0, -1));
    const request = toRequest(incoming, new URL(shown), outgoing);
    void Promise.resolve(handler?.(request) ?? new Response(null, { status: 404 })).then((response) =>
      sendResponse(response, outgoing, incoming.method === 'HEAD'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  return () => {
    server.closeAllConnections();
    server.close();
  };
}
