// Between Node's HTTP objects and the web's Request and Response, which the media function and the assets speak.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The address that a request names, below a made-up origin; `null` when it names none. `//a/b` is a path here, never another host. */
export function addressOf({ url = '/' }: IncomingMessage): URL | null {
  const address = `http://localhost${url}`;
  return url.startsWith('/') && URL.canParse(address) ? new URL(address) : null;
}

/** The web Request of an incoming GET or HEAD on `address`; its signal aborts when the client goes away. */
export function toRequest(incoming: IncomingMessage, address: URL, response: ServerResponse): Request {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (typeof value === 'string' && !name.startsWith(':')) headers.set(name, value);
  return new Request(address, {
    method: incoming.method ?? 'GET',
    headers,
    signal: gone.signal,
  });
}

/** Sends a web Response, streaming its body; a client that leaves in the middle is no error. */
export async function sendResponse(response: Response, to: ServerResponse, head: boolean): Promise<void> {
  to.writeHead(response.status, Object.fromEntries(response.headers));
  if (head || response.body === null) {
    to.end();
    await response.body?.cancel(); // closes the file that it would have come from
    return;
  }
  await pipeline(Readable.fromWeb(response.body), to).catch(() => to.destroy());
}
