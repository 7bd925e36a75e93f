// Windows: made with safe preferences and remembered bounds, brought back after a crash of their page, and known by the connection that their page opened.
import { BrowserWindow, dialog, nativeTheme, screen, type RenderProcessGoneDetails } from 'electron';
import type { JsonFile } from '../app/host/jsonFile.ts';
import type { LogError } from '../app/host/wireErrors.ts';
import { said } from '../shared/said.ts';
import { fitBounds, minimumSize, type WindowBounds } from './bounds.ts';
import { appPage, safePreferences } from './security.ts';
import type { Words } from './words.ts';

const crashWindow = 60_000;
const crashesAllowed = 3;
/** A page uses one connection, and a moment of two when it opens one anew. */
const mostConnections = 32;

/** What the windows need from the program. */
export interface WindowsOptions {
  preload: string;
  bounds: JsonFile<WindowBounds>;
  log: LogError;
  /** The shell's words in the language of now. */
  words: () => Words;
}

/** All windows of the program. */
export class Windows {
  readonly #options: WindowsOptions;
  readonly #connections = new Map<number, Electron.BrowserWindow>();
  #saving: Promise<void> = Promise.resolve();

  constructor(options: WindowsOptions) {
    this.#options = options;
  }

  /** Opens a window on the interface; a further one stands a little beside the last. */
  async open(): Promise<Electron.BrowserWindow> {
    const { preload, bounds } = this.#options;
    const { maximized, ...place } = fitBounds(
      bounds.value,
      screen.getAllDisplays().map((display) => display.workArea),
    );
    const beside = BrowserWindow.getAllWindows().length > 0 ? { x: (place.x ?? 0) + 40, y: (place.y ?? 0) + 40 } : {};
    const window = new BrowserWindow({
      ...place,
      ...beside,
      minWidth: minimumSize.width,
      minHeight: minimumSize.height,
      show: false,
      title: 'TTFNet Studio',
      backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181d' : '#f7f8fa', // no white flash before the page paints
      webPreferences: safePreferences(preload),
    });
    if (maximized) window.maximize();
    window.once('closed', () =>
      [...this.#connections].filter(([, own]) => own === window).forEach(([c]) => this.gone(c)),
    );
    window.once('ready-to-show', () => window.show());
    this.#rememberBounds(window);
    this.#recoverFromCrash(window);
    // A page that crashes while it loads is brought back like any other; the program itself goes on.
    await window.loadURL(appPage).catch((error: unknown) => this.#options.log('page', error));
    return window;
  }

  /** Settles when the bounds of closed windows are on disk. */
  saved(): Promise<void> {
    return this.#saving;
  }

  /** Remembers which window's page speaks over a connection. */
  connected(connection: number, window: Electron.BrowserWindow): void {
    this.#connections.set(connection, window);
  }

  /** Forgets a connection that is closed. */
  gone(connection: number): void {
    this.#connections.delete(connection);
  }

  /** False when a window's page holds so many connections that a further one is no honest wish. */
  hasRoom(window: Electron.BrowserWindow): boolean {
    const room = [...this.#connections.values()].filter((other) => other === window).length < mostConnections;
    if (!room) this.#options.log('page', new Error(`The page asked for more than ${mostConnections} connections.`));
    return room;
  }

  /** The window of a connection, else the focused one. */
  of(connection: number): Electron.BrowserWindow | null {
    const own = this.#connections.get(connection);
    return own === undefined ? BrowserWindow.getFocusedWindow() : own;
  }

  /** The newest connection of a window's page; `null` before it has one. */
  connectionOf(window: Electron.BrowserWindow): number | null {
    const own = [...this.#connections].filter(([, other]) => other === window).map(([connection]) => connection);
    return own.length > 0 ? Math.max(...own) : null;
  }

  /** The connection of the focused window (or of any): where menu commands go. */
  focusedConnection(): number | null {
    const focused = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
    return focused === undefined ? null : this.connectionOf(focused);
  }

  /** Brings the program to the front. */
  async focus(): Promise<void> {
    const window = BrowserWindow.getAllWindows()[0] ?? (await this.open());
    if (window.isMinimized()) window.restore();
    window.focus();
  }

  #rememberBounds(window: Electron.BrowserWindow): void {
    window.on('close', () => {
      const value = { ...window.getNormalBounds(), maximized: window.isMaximized() };
      this.#saving = this.#options.bounds
        .set(value)
        .catch((error: unknown) => this.#options.log('window bounds', error));
    });
  }

  #recoverFromCrash(window: Electron.BrowserWindow): void {
    let crashes: number[] = [];
    window.webContents.on('render-process-gone', (_event, details) => {
      if (details.reason === 'clean-exit') return;
      this.#options.log('page', new Error(`The page's process ended: ${details.reason} (${details.exitCode}).`));
      const now = performance.now();
      crashes = [...crashes.filter((at) => now - at < crashWindow), now];
      if (crashes.length <= crashesAllowed) window.webContents.reload();
      else void this.#offerReload(window, details);
    });
    window.on('unresponsive', () => this.#options.log('page', new Error('The page does not respond.')));
  }

  async #offerReload(window: Electron.BrowserWindow, details: RenderProcessGoneDetails): Promise<void> {
    const { say, word } = this.#options.words();
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      message: word('desktop.crashed'),
      detail: say(said('desktop.crashedText', { reason: details.reason })),
      buttons: [word('desktop.again'), word('desktop.quit')],
      defaultId: 0,
      cancelId: 1,
    });
    if (response === 0) window.webContents.reload();
    else window.close();
  }
}
