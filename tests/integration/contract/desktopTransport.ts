// The desktop window as the contract suite uses it: the built main and preload in the stand-in, with the client speaking over ports of the real page.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { createConnection } from '../../../src/shared/client/connection.ts';
import { portAnswer, portRequest, type Wire } from '../../../src/shared/client/wire.ts';
import { launchDesktop, type DesktopOptions } from '../../support/electron/desktop.ts';
import type { Transport } from './transport.ts';

type Listener = (event: { data?: unknown }) => void;

/** What the page's relay keeps; typed here because this file's code runs on both sides. */
interface RelayWindow {
  relayPorts?: Map<number, { postMessage(data: unknown): void; close(): void }>;
  relayHear(id: number, kind: 'message' | 'close', data: string | number[] | null): Promise<void>;
}

/** Opens ports of the page, as its own code does, and carries their messages to this process. */
class Relay {
  readonly #page: Page;
  readonly #listeners = new Map<number, { message: Listener[]; close: Listener[] }>();
  #next = 1;

  constructor(page: Page) {
    this.#page = page;
  }

  async start(): Promise<void> {
    await this.#page.exposeFunction(
      'relayHear',
      (id: number, kind: 'message' | 'close', data: string | number[] | null) => {
        const value = Array.isArray(data) ? Uint8Array.from(data) : data;
        for (const listener of this.#listeners.get(id)?.[kind] ?? []) listener({ data: value });
      },
    );
  }

  /** Loses every wire, as a page does that is suspended or whose port fails. */
  async break(): Promise<void> {
    await this.#page.evaluate(closeInPage);
    const lost = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const { close } of lost) for (const listener of close) listener({});
  }

  open = async (): Promise<Wire> => {
    const id = this.#next++;
    const listeners = { message: [] as Listener[], close: [] as Listener[] };
    this.#listeners.set(id, listeners);
    await this.#page.evaluate(openInPage, { id, ask: portRequest, answer: portAnswer });
    const post = (data: unknown) => {
      const plain = typeof data === 'string' ? data : Array.from(data as Uint8Array);
      this.#page.evaluate(postInPage, { id, data: plain }).catch(() => undefined); // the page may be gone at the end
    };
    return {
      postMessage: post,
      addEventListener: (type, listener) => void listeners[type].push(listener),
      close: () => undefined,
    };
  };
}

/** Chromium tells nobody when the other end of a port closes, so the page's end is closed and the loss is told by the relay. */
function closeInPage(): void {
  const page = globalThis as unknown as RelayWindow;
  for (const port of page.relayPorts?.values() ?? []) port.close();
  page.relayPorts?.clear();
}

function openInPage({ id, ask, answer }: { id: number; ask: string; answer: string }): Promise<void> {
  const page = globalThis as unknown as RelayWindow & {
    addEventListener(type: string, listener: (event: { data: unknown; ports: PagePort[] }) => void): void;
    removeEventListener(type: string, listener: unknown): void;
    postMessage(data: unknown, origin: string): void;
  };
  interface PagePort {
    onmessage: ((event: { data: string | ArrayBuffer }) => void) | null;
    addEventListener(type: string, listener: () => void): void;
    postMessage(data: unknown): void;
    close(): void;
  }
  const ports = (page.relayPorts ??= new Map());
  return new Promise((resolve) => {
    const take = (event: { data: unknown; ports: PagePort[] }): void => {
      const [port] = event.ports;
      if (event.data !== `${answer} ${id}` || !port) return;
      page.removeEventListener('message', take);
      ports.set(id, port);
      port.onmessage = ({ data }) =>
        void page.relayHear(id, 'message', typeof data === 'string' ? data : Array.from(new Uint8Array(data)));
      port.addEventListener('close', () => void page.relayHear(id, 'close', null));
      resolve();
    };
    page.addEventListener('message', take);
    page.postMessage(`${ask} ${id}`, '*');
  });
}

function postInPage({ id, data }: { id: number; data: string | number[] }): void {
  const page = globalThis as unknown as RelayWindow;
  page.relayPorts?.get(id)?.postMessage(typeof data === 'string' ? data : Uint8Array.from(data));
}

async function fetchInPage(address: string): Promise<{ status: number; headers: [string, string][]; body: number[] }> {
  const answer = await fetch(address);
  const body = Array.from(new Uint8Array(await answer.arrayBuffer()));
  return { status: answer.status, headers: [...answer.headers], body };
}

/** Starts the built program in its window, and a client over ports of the window's page. */
export async function connectDesktop(dataFolder: string, options: Omit<DesktopOptions, 'dataFolder'> = {}) {
  const desktop = await launchDesktop({ ...options, dataFolder });
  const page = await desktop.page();
  const relay = new Relay(page);
  await relay.start();
  return { desktop, page, relay, connection: createConnection(relay.open) };
}

/** The window over a temporary folder. */
export async function desktopTransport(): Promise<Transport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-contract-'));
  const { desktop, page, relay, connection } = await connectDesktop(path.join(folder, 'data'));
  const second = createConnection(relay.open);
  return {
    root: path.join(folder, 'images'),
    connection,
    second,
    allow: async (chosen) => {
      await desktop.ask({ ask: 'drop', paths: [chosen] });
    },
    media: async (address) => {
      const { status, headers, body } = await page.evaluate(fetchInPage, address);
      return new Response(status === 304 ? null : Uint8Array.from(body), { status, headers });
    },
    breakWire: () => relay.break(),
    killChildren: async () => {
      await desktop.ask({ ask: 'killChildren' });
    },
    get errors() {
      return desktop.output().match(/^\[[^\]]+\] .*$/gm) ?? []; // the program's own log; graphics libraries chatter too
    },
    close: async () => {
      connection.close();
      second.close();
      await desktop.quit();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
