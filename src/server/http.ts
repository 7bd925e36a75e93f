// Between Node's HTTP objects and the web's Request and Response, which the media function and the assets speak.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The web Request of an incoming GET or HEAD; its signal aborts when the client goes away. */
export function toRequest(incoming: IncomingMessage, response: ServerResponse): Request {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (typeof value === 'string' && !name.startsWith(':')) headers.set(name, value);
  return new Request(new URL(incoming.url ?? '/', 'http://localhost'), {
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
    return;
  }
  await pipeline(Readable.fromWeb(response.body), to).catch(() => to.destroy());
}
