// What runs inside real Electron's main process on behalf of the specs. Playwright carries each function over by its text, so none may use anything outside itself.
import type * as Electron from 'electron';
import type { MenuEntry, State } from './desktop.ts';

type Module = typeof Electron;

/** Kept in the main process: what happened there, and the answers that a test has put down for dialogs. */
interface Observed extends Pick<State, 'denied' | 'loads' | 'revealed' | 'recent' | 'asked'> {
  answers: Record<string, unknown[]>;
}

interface Observing {
  ttfnetObserved?: Observed;
}

/** Begins to watch: refused navigations, loads, dialogs, the file manager. */
export function observe({ app, dialog, shell, webContents }: Module): void {
  const observed: Observed = { denied: [], loads: 0, revealed: [], recent: [], asked: [], answers: {} };
  (globalThis as Observing).ttfnetObserved = observed;
  const follow = (contents: Electron.WebContents): void => {
    contents.on('did-finish-load', () => (observed.loads += 1));
    // Registered after the program's own listeners, so it sees what they decided.
    contents.on('will-navigate', (event) => {
      if (event.defaultPrevented) observed.denied.push(event.url);
    });
  };
  app.on('web-contents-created', (_event, contents) => follow(contents));
  for (const contents of webContents.getAllWebContents()) follow(contents);
  const put = (kind: string, otherwise: unknown) =>
    ((...args: unknown[]) => {
      observed.asked.push({ kind, options: JSON.parse(JSON.stringify(args.at(-1) ?? null)) as unknown });
      return Promise.resolve(observed.answers[kind]?.shift() ?? otherwise);
    }) as never;
  dialog.showMessageBox = put('message', { response: 0, checkboxChecked: false });
  dialog.showOpenDialog = put('open', { canceled: true, filePaths: [] });
  dialog.showSaveDialog = put('save', { canceled: true, filePath: '' });
  shell.showItemInFolder = (file) => void observed.revealed.push(file);
  app.addRecentDocument = (file) => void observed.recent.push(file);
}

/** What was seen since {@link observe}, and the menu and child processes as they are. */
export function seen({ app, BrowserWindow, Menu }: Module): Omit<State, 'bounds'> {
  const { denied, loads, revealed, recent, asked } = (globalThis as Observing).ttfnetObserved!;
  const entry = (item: Electron.MenuItem): MenuEntry => ({
    id: item.id,
    label: item.label,
    registerAccelerator: item.registerAccelerator,
    ...(item.accelerator ? { accelerator: item.accelerator } : {}),
    ...(item.submenu ? { submenu: item.submenu.items.map(entry) } : {}),
  });
  const workers = app.getAppMetrics().filter(({ type, name }) => type === 'Utility' && name === 'TTFNet Studio worker');
  // Not in Electron's type definitions, but there since version 1: what a page's process was really given.
  type Preferred = Electron.WebContents & { getLastWebPreferences?(): Record<string, unknown> | null };
  const preferences = BrowserWindow.getAllWindows().map(
    ({ webContents }) => (webContents as Preferred).getLastWebPreferences?.() ?? {},
  );
  return {
    ...{ denied, loads, revealed, recent, asked, preferences, children: workers.length },
    menu: Menu.getApplicationMenu()?.items.map(entry) ?? [],
  };
}

/** Where the windows are. */
export function bounds({ BrowserWindow }: Module): State['bounds'] {
  return BrowserWindow.getAllWindows().map((window) => ({
    ...window.getNormalBounds(),
    maximized: window.isMaximized(),
  }));
}

/** Chooses a menu item. */
export function clickMenu({ Menu }: Module, command: string): void {
  Menu.getApplicationMenu()?.getMenuItemById(command)?.click();
}

/** Puts an answer down for the next dialog of a kind. */
export function answerPut(_module: Module, { kind, value }: { kind: string; value: unknown }): void {
  const { answers } = (globalThis as Observing).ttfnetObserved!;
  answers[kind] = [...(answers[kind] ?? []), value];
}

/** Notes a window that the page could not open. */
export function noteDenied(_module: Module, url: string): void {
  (globalThis as Observing).ttfnetObserved!.denied.push(url);
}

/** Ends the newest window's page as a crash would. */
export function crashPage({ BrowserWindow }: Module): void {
  BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer();
}

/** Kills the program's child processes. */
export function killWorkers({ app }: Module): void {
  for (const { type, name, pid } of app.getAppMetrics())
    if (type === 'Utility' && name === 'TTFNet Studio worker') process.kill(pid, 'SIGKILL');
}

/** Closes the newest window, as a person does. */
export function closeWindow({ BrowserWindow }: Module): void {
  (BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0])?.close();
}
