// A server that cuts a connection, but only when the client has stored what was sent: a cut may swallow bytes on their way.
import { existsSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';

/** Destroys the connection of `response` once `file` has `size` bytes, or after ten seconds. */
export function cutWhenStored(response: ServerResponse, file: string, size: number): void {
  const until = performance.now() + 10_000;
  const poll = setInterval(() => {
    const stored = existsSync(file) && statSync(file).size >= size;
    if (!stored && performance.now() < until) return;
    clearInterval(poll);
    response.destroy();
  }, 5);
}
