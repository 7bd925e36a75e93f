// Who may talk to browser mode: only pages that came from the secret link, under a Host name that is ours, from our own origin.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { addressOf } from './http.ts';

/** What a request is allowed to do: `enter` turns the secret link into a cookie. */
export type Verdict =
  | { allow: true; address: URL }
  | { allow: false; enter: true }
  | { allow: false; enter: false; status: number; why: string };

/** The address that the server listens on, and the secret of its link. */
export interface GuardOptions {
  host: string;
  port: number;
  secret: string;
}

const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** Decides about every request and every WebSocket upgrade. */
export class Guard {
  readonly cookieName: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #secret: Buffer;

  constructor({ host, port, secret }: GuardOptions) {
    this.cookieName = `ttfnet_${port}`; // cookies ignore ports: two servers on one machine must not log each other out
    const names = loopback.includes(host) || host === '::1' ? loopback : [...loopback, host, ...ownAddresses()];
    this.#hosts = new Set(names.map((name) => `${name}:${port}`));
    this.#secret = Buffer.from(secret);
  }

  /** Value of the `Set-Cookie` header that a page gets for the secret link: no script reads it, no other site sends it. */
  get cookie(): string {
    return `${this.cookieName}=${this.#secret.toString()}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** Checks the address, Host (against DNS rebinding), Origin and fetch metadata (against other sites), method, and the secret. */
  judge(request: IncomingMessage, upgrade = false): Verdict {
    const link = addressOf(request);
    if (link === null) return refuse(400, 'This is no address of this server.');
    const host = (request.headers.host ?? '').toLowerCase();
    if (!this.#hosts.has(host)) return refuse(403, `This server does not answer to the name "${host}".`);
    const { origin } = request.headers;
    if (origin !== undefined ? origin !== `http://${host}` : upgrade)
      return refuse(403, 'Requests from other sites are refused.');
    const site = request.headers['sec-fetch-site'];
    const entering = link.pathname === '/' && link.searchParams.has('key');
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !entering && link.pathname !== '/')
      return refuse(403, 'Requests from other sites are refused.');
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'Only GET and HEAD are answered.');
    if (entering) return this.#matches(link.searchParams.get('key') ?? '') ? { allow: false, enter: true } : stranger();
    return this.#matches(cookieValue(request, this.cookieName)) ? { allow: true, address: link } : stranger();
  }

  #matches(given: string): boolean {
    const bytes = Buffer.from(given);
    return bytes.length === this.#secret.length && timingSafeEqual(bytes, this.#secret);
  }
}

const refuse = (status: number, why: string): Verdict => ({ allow: false, enter: false, status, why });
const stranger = () =>
  refuse(401, 'Open the link that "ttfnet-studio serve" printed: it holds the key to this server.');

function cookieValue(request: IncomingMessage, name: string): string {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=');
    if (key === name) return value ?? '';
  }
  return '';
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address, family }) => (family === 'IPv6' ? `[${address.replace(/%.*/, '')}]` : address));
}
