// The interface's own files (built renderer) as `Request -> Response`, with the headers that keep a page to itself. Both shells serve them this way.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Content security policy of the interface: nothing from outside, no inline script, no eval, no frames. Inline styles are allowed because
 * components place menus and boxes by style attributes; they can't run code. `connect` adds the WebSocket address of browser mode.
 */
export function contentSecurityPolicy(connect: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}

/** Headers on everything that either shell serves: no sniffing, no referrer, no embedding or opening from other pages. */
export const safeHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** A plain-text answer with {@link safeHeaders}. */
export function textResponse(status: number, text: string): Response {
  return new Response(text, { status, headers: { 'Content-Type': types['.txt']!, ...safeHeaders } });
}

/** Serves the files below `folder`; `/` is `index.html`. Hashed names under `/assets/` may be kept forever, the rest is asked for again. */
export function createAssets(folder: string, connect: readonly string[] = []): (request: Request) => Promise<Response> {
  const policy = contentSecurityPolicy(connect);
  return async (request) => {
    const file = fileOf(folder, new URL(request.url).pathname);
    const type = file === null ? undefined : types[path.extname(file)];
    if (file === null || type === undefined || !(await isFile(file))) return textResponse(404, 'Not found.');
    const headers = {
      'Content-Type': type,
      'Content-Security-Policy': policy,
      'Cache-Control': file.includes(`${path.sep}assets${path.sep}`)
        ? 'public, max-age=31536000, immutable'
        : 'no-cache',
      ...safeHeaders,
    };
    return new Response(request.method === 'HEAD' ? null : await readFile(file), { headers });
  };
}

function fileOf(folder: string, pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null; // a malformed escape names no file of ours
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return null;
  const file = path.join(folder, decoded === '/' ? 'index.html' : decoded);
  return file.startsWith(path.join(folder, path.sep)) ? file : null;
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null))?.isFile() ?? false;
}
