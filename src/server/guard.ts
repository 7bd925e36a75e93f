// Who may talk to browser mode: only pages that came from the secret link, under a Host name that is ours, from our own origin.
import type { IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { addressOf } from './http.ts';
import type { Keys } from './keys.ts';

/** What a request is allowed to do: `enter` turns the key of the link into a cookie. */
export type Verdict =
  | { allow: true; address: URL }
  | { allow: false; enter: true }
  | { allow: false; enter: false; status: number; why: string };

/** The address that the server listens on, and its secrets. */
export interface GuardOptions {
  host: string;
  port: number;
  keys: Keys;
}

const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** Decides about every request and every WebSocket upgrade. */
export class Guard {
  readonly cookieName: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #port: number;
  readonly #keys: Keys;

  constructor({ host, port, keys }: GuardOptions) {
    this.cookieName = `ttfnet_${port}`; // cookies ignore ports: two servers on one machine must not log each other out
    const names = loopback.includes(host) || host === '::1' ? loopback : [...loopback, host, ...ownAddresses()];
    this.#hosts = new Set(names.map((name) => `${name}:${port}`));
    this.#port = port;
    this.#keys = keys;
  }

  /** A `Set-Cookie` header's value for a browser that came by the link: no script reads it, no other site sends it. */
  newCookie(): string {
    return `${this.cookieName}=${this.#keys.cookie(this.#port)}; HttpOnly; SameSite=Strict; Path=/`;
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
    const known = this.#keys.knows(cookieValue(request, this.cookieName), this.#port);
    if (!entering || upgrade) return known ? { allow: true, address: link } : stranger();
    if (isForetaste(request)) return refuse(503, 'The link lets one browser in, when it is opened.');
    return known || this.#keys.enter(link.searchParams.get('key') ?? '') ? { allow: false, enter: true } : stranger();
  }
}

/** A browser or a messenger looks ahead at what a link leads to: that must not use it up. */
const isForetaste = ({ method, headers }: IncomingMessage): boolean =>
  method === 'HEAD' || /prefetch|preview/i.test(String(headers['sec-purpose'] ?? headers['purpose'] ?? ''));

const refuse = (status: number, why: string): Verdict => ({ allow: false, enter: false, status, why });
const stranger = () => refuse(401, 'Open the link that "ttfnet-studio serve" printed last: each lets one browser in.');

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
