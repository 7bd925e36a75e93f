// A real Chromium driven by its DevTools protocol: what the stand-in for Electron shows its windows in.
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import { browserFile } from '../browser.ts';

/** Parameters and results of the protocol are not typed here: each use reads the few fields it needs. */
type Json = Record<string, unknown>;

interface Pending {
  sessionId: string | undefined;
  resolve(result: Json): void;
  reject(error: Error): void;
}

/** One connection to a browser; sessions of its pages share it. Emits `<sessionId>:<method>` and `:<method>` for the browser itself. */
export class Chromium extends EventEmitter {
  readonly endpoint: string;
  readonly #process: ChildProcess;
  readonly #socket: WebSocket;
  readonly #folder: string;
  readonly #pending = new Map<number, Pending>();
  #next = 1;

  private constructor(process: ChildProcess, socket: WebSocket, endpoint: string, folder: string) {
    super();
    this.setMaxListeners(0);
    this.#process = process;
    this.#socket = socket;
    this.#folder = folder;
    this.endpoint = endpoint;
    socket.on('message', (data) => this.#hear(JSON.parse((data as Buffer).toString()) as Json));
    socket.on('close', () => this.#fail('Chromium is gone', () => true));
    socket.on('error', () => undefined); // "close" follows
  }

  /** Starts a headless browser. Error: this machine has none. */
  static async launch(): Promise<Chromium> {
    const folder = mkdtempSync(path.join(tmpdir(), 'ttfnet-chromium-'));
    const flags = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
      '--disable-popup-blocking',
      // A starved machine is slow, not broken: without these a page's process that isn't heard for 15 seconds ends itself, and the one
      // that draws is killed; after some of those Chromium gives up altogether.
      '--ipc-connection-timeout=600',
      '--disable-gpu-watchdog',
      '--disable-hang-monitor',
      '--window-size=1440,900',
      '--remote-debugging-port=0',
      `--user-data-dir=${folder}`,
      'about:blank',
    ];
    const child = spawn(browserFile(), flags, { stdio: ['ignore', 'ignore', 'pipe'] });
    const endpoint = await endpointOf(child);
    const socket = new WebSocket(endpoint, { maxPayload: 0 });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return new Chromium(child, socket, endpoint, folder);
  }

  /** Sends a command to the browser, or to a page's session. Rejects when either goes away before it answers. */
  send(method: string, params: Json = {}, sessionId?: string): Promise<Json> {
    const id = this.#next++;
    const done = new Promise<Json>((resolve, reject) => this.#pending.set(id, { sessionId, resolve, reject }));
    if (this.#socket.readyState !== WebSocket.OPEN) {
      this.#fail('Chromium is gone', () => true);
      return done;
    }
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    return done;
  }

  close(): void {
    this.#socket.terminate();
    this.#process.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #hear(message: Json): void {
    const { id, result, error, method, params, sessionId } = message as {
      id?: number;
      result?: Json;
      error?: { message: string };
      method?: string;
      params?: Json;
      sessionId?: string;
    };
    if (id === undefined) {
      if (method === 'Inspector.targetCrashed') this.#fail('The page crashed', (mine) => mine === sessionId);
      if (method === 'Target.detachedFromTarget')
        this.#fail('The page is gone', (mine) => mine !== undefined && mine === params?.['sessionId']);
      this.emit(`${sessionId ?? ''}:${method ?? ''}`, params ?? {});
      return;
    }
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) pending?.reject(new Error(error.message));
    else pending?.resolve(result ?? {});
  }

  /** Commands that nobody will answer any more. */
  #fail(why: string, concerned: (sessionId: string | undefined) => boolean): void {
    for (const [id, pending] of this.#pending) {
      if (!concerned(pending.sessionId)) continue;
      this.#pending.delete(id);
      pending.reject(new Error(why));
    }
  }
}

function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr!.on('data', (data: Buffer) => {
      text += data.toString();
      const found = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
      if (found) resolve(found);
    });
    child.on('exit', () => reject(new Error(`Chromium did not start: ${text}`)));
  });
}
