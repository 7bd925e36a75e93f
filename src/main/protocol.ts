// Our scheme: `ttfnet://app/` serves the interface's files and, under `/media/`, pixels; no page ever touches file:// or the network.
import { protocol } from 'electron';
import { textResponse } from '../app/media/assets.ts';
import { appOrigin, scheme } from './security.ts';

/** Must run before the app is ready: makes the scheme a secure origin that can fetch and stream. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } },
  ]);
}

/** Answers the scheme's requests; other hosts than `app` and other methods than GET and HEAD get nothing. */
export function serveScheme(
  assets: (request: Request) => Promise<Response>,
  media: (request: Request) => Promise<Response>,
): void {
  protocol.handle(scheme, (request) => {
    const url = new URL(request.url);
    if (`${url.protocol}//${url.host}` !== appOrigin) return textResponse(404, 'Not found.');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return textResponse(405, 'Only GET and HEAD are answered.');
    return url.pathname.startsWith('/media/') ? media(request) : assets(request);
  });
}
