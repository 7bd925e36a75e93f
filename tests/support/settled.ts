// When a page has nothing left to do: every call to its host answered, every picture there, nothing in motion. Tests wait for this, not for a time.
import type { Page, Request, WebSocket } from '@playwright/test';

/** What a page has asked for and not got yet: requests, and calls by the number of their socket and their own. */
type Waiting = Set<Request | string>;

const pages = new WeakMap<Page, Waiting>();

/** Keeps count of what the page asks for, from now on: before it is loaded. */
export function watchRequests(page: Page): void {
  const waiting: Waiting = new Set();
  pages.set(page, waiting);
  page.on('request', (request) => {
    // A whole picture may be held back; the page says itself that it loads.
    if (!/\/media\/[^/]+\/image\//.test(request.url())) waiting.add(request);
  });
  page.on('requestfinished', (request) => waiting.delete(request));
  page.on('requestfailed', (request) => waiting.delete(request));
  let sockets = 0;
  page.on('websocket', (socket) => watchCalls(socket, waiting, `call ${++sockets}:`));
}

function watchCalls(socket: WebSocket, waiting: Waiting, prefix: string): void {
  socket.on('framesent', ({ payload }) => {
    const { id, kind } = read(payload);
    if (kind === 'call') waiting.add(prefix + id);
    if (kind === 'abort') waiting.delete(prefix + id);
  });
  socket.on('framereceived', ({ payload }) => {
    const { id, kind } = read(payload);
    if (kind === 'call') waiting.delete(prefix + id); // streams are answered once too, before their events
  });
  socket.on('close', () => {
    for (const one of waiting) if (typeof one === 'string' && one.startsWith(prefix)) waiting.delete(one);
  });
}

/** How a message of the contract's wire begins: the call's number and, unless it is the call itself or its answer, the kind. */
function read(payload: string | Buffer): { id: string; kind: 'call' | 'event' | 'abort' } {
  const [, id = '', kind] = /^\{"i":"([^"]*)"(?:,"t":(\d))?/.exec(payload.toString()) ?? [];
  return { id, kind: kind === undefined ? 'call' : kind === '4' ? 'abort' : 'event' };
}

/** Resolves when the page is at rest. Rejects, with what is still waited for, after `patience` milliseconds. */
export async function settled(page: Page, patience = 30_000): Promise<void> {
  const waiting = pages.get(page);
  if (!waiting) throw new Error('Nobody watches what this page asks for: openPage does.');
  for (const end = Date.now() + patience; ;) {
    await page.evaluate(atRest);
    if (waiting.size === 0) return;
    if (Date.now() < end) continue;
    const left = [...waiting].map((one) => (typeof one === 'string' ? one : one.url()));
    throw new Error(`The page still waits for ${left.join(', ')}.`);
  }
}

/** Two frames: what was changed is on the screen, whatever else is still to come. */
export const drawn = (page: Page): Promise<void> => page.evaluate(twoFrames);

/** The used part of a page's globals; this file is checked without a page's types. */
interface PageWorld {
  requestAnimationFrame(callback: () => void): void;
  document: {
    getAnimations(): { playState: string; effect: { getComputedTiming(): { endTime: number } } | null }[];
    images: Iterable<{ complete: boolean }>;
  };
}

async function twoFrames(): Promise<void> {
  const page = globalThis as unknown as PageWorld;
  for (let i = 0; i < 2; i++) await new Promise<void>((resolve) => page.requestAnimationFrame(resolve));
}

/** Two frames without an animation that will end or a picture on its way. */
async function atRest(): Promise<void> {
  const page = globalThis as unknown as PageWorld;
  const ends = (animation: ReturnType<PageWorld['document']['getAnimations']>[number]) =>
    animation.playState === 'running' && animation.effect?.getComputedTiming().endTime !== Infinity;
  const busy = () => page.document.getAnimations().some(ends) || [...page.document.images].some((i) => !i.complete);
  for (let quiet = 0; quiet < 2; quiet = busy() ? 0 : quiet + 1)
    await new Promise<void>((resolve) => page.requestAnimationFrame(resolve));
}
