// Electron's BrowserWindow and webContents over a page of a real Chromium: preload in an isolated world, navigation and pop-ups asked about first.
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Chromium } from './cdp.ts';
import { StandInPort } from './port.ts';
import { Preventable } from './preventable.ts';
import { bindingName, preloadScript, worldName, type FromWorld } from './preloadWorld.ts';
import { toReal, toShown } from './scheme.ts';

type Params = Record<string, unknown>;
type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

/** What the stand-in as a whole gives to its windows. */
export interface WindowHost {
  browser(): Promise<Chromium>;
  ipc(channel: string, event: unknown, args: unknown[]): void;
  contentsCreated(contents: StandInContents): void;
  windowClosed(window: StandInWindow): void;
}

/** The used part of Electron's WebContents. */
export class StandInContents
  extends EventEmitter
  implements Pick<Electron.WebContents, 'reload' | 'setWindowOpenHandler' | 'setWebRTCIPHandlingPolicy' | 'id'>
{
  static #ids = 0;
  readonly id = ++StandInContents.#ids;
  session = '';
  target = '';
  readonly denied: string[] = [];
  readonly webRtc: string[] = [];
  /** How often a page has finished loading. */
  loads = 0;
  #openHandler: OpenHandler = () => ({ action: 'allow' });
  readonly #host: WindowHost;
  readonly #ports = new Map<number, StandInPort>();
  #world: number | null = null;
  #expected: string | null = null;
  #url = 'about:blank';

  constructor(host: WindowHost) {
    super();
    this.#host = host;
  }

  reload(): void {
    this.#expected = this.#url;
    this.tell('Page.reload');
  }

  setWebRTCIPHandlingPolicy(policy: string): void {
    this.webRtc.push(`WebRTC ${policy}`);
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }

  async send(method: string, params: Params = {}): Promise<Params> {
    return (await this.#host.browser()).send(method, params, this.session);
  }

  /** Sends what nobody waits for; a page that is crashing or going answers nothing, and that is no failure of the program. */
  tell(method: string, params: Params = {}): void {
    this.send(method, params).catch(() => undefined);
  }

  /** Attaches to a new page and prepares it; nothing of ours has been loaded yet. */
  async attach(preload: string | undefined): Promise<void> {
    const browser = await this.#host.browser();
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
    this.target = String(targetId);
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    this.session = String(sessionId);
    const on = (method: string, listener: (params: Params) => void) =>
      browser.on(`${this.session}:${method}`, listener);
    on('Runtime.bindingCalled', (p) => this.#hear(JSON.parse(String(p['payload'])) as FromWorld));
    on('Runtime.executionContextCreated', (p) => {
      const context = p['context'] as { id: number; name: string };
      if (context.name === worldName) this.#world = context.id;
    });
    on('Runtime.executionContextsCleared', () => this.#pageGone());
    on('Inspector.targetCrashed', () => {
      this.#pageGone();
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 139 });
    });
    on('Page.loadEventFired', () => (this.loads += 1));
    on('Fetch.requestPaused', (p) => this.#navigation(p));
    on('Page.windowOpen', (p) => this.#open(String(p['url'])));
    browser.on(':Target.targetCreated', (p: Params) => {
      const info = p['targetInfo'] as { openerId?: string; targetId: string; type: string };
      if (info.openerId === this.target) void closePopup(browser, info.targetId);
    });
    await browser.send('Target.setDiscoverTargets', { discover: true });
    await this.send('Page.enable');
    await this.send('Inspector.enable');
    await this.send('Runtime.addBinding', { name: bindingName, executionContextName: worldName });
    await this.send('Runtime.enable');
    await this.send('Fetch.enable', { patterns: [{ urlPattern: '*', resourceType: 'Document' }] });
    if (preload !== undefined)
      await this.send('Page.addScriptToEvaluateOnNewDocument', {
        source: preloadScript(readFileSync(preload, 'utf8')),
        worldName,
      });
  }

  async load(url: string): Promise<void> {
    const real = toReal(url);
    this.#expected = real;
    this.#url = real;
    const loaded = this.#loaded(url);
    loaded.catch(() => undefined); // told below, unless the navigation itself fails first
    const { errorText } = await this.send('Page.navigate', { url: real });
    if (errorText !== undefined) throw new Error(`${url} could not be loaded: ${JSON.stringify(errorText)}`);
    await loaded;
  }

  /** Puts files into the preload's hands as if the system had dropped them, and drops them. */
  async drop(paths: readonly string[]): Promise<void> {
    const known = Object.fromEntries(paths.map((p) => [p.split('/').at(-1) ?? p, p]));
    await this.inWorld(`globalThis.__paths = ${JSON.stringify(known)}`);
    const names = JSON.stringify(Object.keys(known));
    await this.send('Runtime.evaluate', {
      expression: `(() => {
        const data = new DataTransfer();
        for (const name of ${names}) data.items.add(new File(['x'], name));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
      })()`,
    });
  }

  /** Evaluates in the preload's world. */
  async inWorld(expression: string): Promise<void> {
    if (this.#world === null) return;
    // The page may crash or go before it answers: then nobody is there to hear it.
    await this.send('Runtime.evaluate', { expression, contextId: this.#world }).catch(() => undefined);
  }

  /** Settles with the page's load event; rejects when the page crashes first, as Electron's `loadURL` does. */
  async #loaded(url: string): Promise<void> {
    const browser = await this.#host.browser();
    await new Promise((resolve, reject) => {
      browser.once(`${this.session}:Page.loadEventFired`, resolve);
      browser.once(`${this.session}:Inspector.targetCrashed`, () =>
        reject(new Error(`ERR_FAILED (-2) loading '${url}'`)),
      );
    });
  }

  #pageGone(): void {
    this.#world = null;
    for (const port of this.#ports.values()) port.gone();
    this.#ports.clear();
  }

  #hear(message: FromWorld): void {
    if ('port' in message) {
      this.#ports.get(message.port)?.hear(message.data);
      return;
    }
    const ports = message.ports.map((id) => {
      const port = new StandInPort(
        (data) => void this.inWorld(`__fromMain(${id}, ${JSON.stringify(data)})`),
        () => void this.inWorld(`__closePort(${id})`),
      );
      this.#ports.set(id, port);
      return port;
    });
    const senderFrame = { url: toShown(this.#url), parent: null };
    this.#host.ipc(message.channel, { sender: this, senderFrame, ports }, message.args);
  }

  #navigation(params: Params): void {
    const { requestId } = params;
    const url = (params['request'] as { url: string }).url;
    if (url === this.#expected) {
      this.#expected = null;
      this.tell('Fetch.continueRequest', { requestId });
      return;
    }
    const event = Object.assign(new Preventable(), { url: toShown(url) });
    this.emit('will-navigate', event);
    if (event.prevented) this.denied.push(url);
    else this.#url = url;
    if (event.prevented) this.tell('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
    else this.tell('Fetch.continueRequest', { requestId });
  }

  #open(url: string): void {
    const details = {
      url,
      frameName: '',
      features: '',
      disposition: 'new-window',
      referrer: { url: '', policy: 'default' },
    };
    const { action } = this.#openHandler(details as Electron.HandlerDetails);
    if (action === 'deny') this.denied.push(url);
  }
}

/**
 * Closes a window that a page has opened; Electron refuses before there is one. A test's own client lets new pages wait for it: closed in
 * that wait, the page would hold up its opener, which lives in the same process, for ever. So it is let run first.
 */
async function closePopup(browser: Chromium, targetId: string): Promise<void> {
  try {
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    await browser.send('Runtime.runIfWaitingForDebugger', {}, String(sessionId));
  } catch {
    // gone already
  }
  closeTarget(browser, targetId);
}

function closeTarget(browser: Chromium, targetId: string): void {
  browser.send('Target.closeTarget', { targetId }).catch(() => undefined); // gone already
}

type WindowApi = Pick<
  Electron.BrowserWindow,
  'maximize' | 'isMaximized' | 'show' | 'loadURL' | 'isMinimized' | 'restore' | 'focus' | 'getNormalBounds' | 'close'
>;

/** The used part of Electron's BrowserWindow. */
export class StandInWindow extends EventEmitter implements WindowApi {
  static readonly all: StandInWindow[] = [];
  static host: WindowHost;
  readonly options: Electron.BrowserWindowConstructorOptions;
  readonly webContents: StandInContents;
  #maximized = false;
  #closed = false;
  readonly #ready: Promise<void>;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    this.options = options;
    this.webContents = new StandInContents(StandInWindow.host);
    StandInWindow.all.unshift(this);
    StandInWindow.host.contentsCreated(this.webContents);
    this.#ready = this.webContents.attach(options.webPreferences?.preload);
  }

  static getAllWindows(): StandInWindow[] {
    return [...StandInWindow.all];
  }
  static getFocusedWindow(): StandInWindow | null {
    return StandInWindow.all[0] ?? null;
  }
  static fromWebContents(contents: StandInContents): StandInWindow | null {
    return StandInWindow.all.find((window) => window.webContents === contents) ?? null;
  }

  maximize(): void {
    this.#maximized = true;
  }
  isMaximized(): boolean {
    return this.#maximized;
  }
  show(): void {
    this.emit('show');
  }
  isMinimized(): boolean {
    return false;
  }
  restore(): void {
    this.emit('restore');
  }
  focus(): void {
    StandInWindow.all.splice(StandInWindow.all.indexOf(this), 1);
    StandInWindow.all.unshift(this);
  }
  getNormalBounds(): Electron.Rectangle {
    const { x = 0, y = 0, width = 800, height = 600 } = this.options;
    return { x, y, width, height };
  }

  async loadURL(url: string): Promise<void> {
    await this.#ready;
    await this.webContents.load(url);
    this.emit('ready-to-show');
  }

  close(): void {
    if (this.#closed) return;
    const event = new Preventable();
    this.emit('close', event);
    if (event.prevented) return;
    this.#closed = true;
    StandInWindow.all.splice(StandInWindow.all.indexOf(this), 1);
    const { target } = this.webContents;
    void StandInWindow.host.browser().then((browser) => closeTarget(browser, target));
    this.emit('closed');
    StandInWindow.host.windowClosed(this);
  }
}
