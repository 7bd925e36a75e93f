// Entry of the Electron app: one instance, our scheme, windows, menu, files opened from outside, an orderly end.
import path from 'node:path';
import { app, BrowserWindow, dialog, ipcMain, session } from 'electron';
import { toldBy } from '../shared/errors.ts';
import { said } from '../shared/said.ts';
import { createAssets } from '../app/media/assets.ts';
import { Access } from '../app/host/access.ts';
import { builtFiles, dataFolder } from '../app/host/folders.ts';
import { JsonFile, personOnly } from '../app/host/jsonFile.ts';
import type { LogError } from '../app/host/wireErrors.ts';
import { outliveExceptions, outliveRejections } from '../app/strayErrors.ts';
import { openStudio, type Studio } from '../app/studio.ts';
import { channels } from '../preload/channels.ts';
import { firstBounds, windowBounds } from './bounds.ts';
import { desktopShell } from './desktopShell.ts';
import { applyMenu } from './menu.ts';
import { hideAddresses, keepOffline, quieten, withoutDebugging } from './offline.ts';
import { registerScheme, serveScheme } from './protocol.ts';
import { fromOurPage, guardContents, refusePermissions } from './security.ts';
import { utilityChild } from './utilityChild.ts';
import { Windows } from './windows.ts';
import { wordsIn } from './words.ts';

const log: LogError = (where, error) => console.error(`[${where}]`, error);
const folder = dataFolder();

/** Paths among a command line's arguments: what is neither a flag (Chromium puts its own anywhere), nor the binary, nor the app's own folder. */
function pathsOf(argv: readonly string[], cwd: string): string[] {
  const words = argv.slice(1).filter((word) => !word.startsWith('-'));
  return words.slice(app.isPackaged ? 0 : 1).map((word) => path.resolve(cwd, word));
}

async function start(early: readonly string[]): Promise<void> {
  const files = builtFiles();
  const bounds = await JsonFile.open(path.join(folder, 'window.json'), windowBounds, firstBounds, personOnly);
  const holder: { studio: Studio | null } = { studio: null };
  const words = () => wordsIn(holder.studio?.language ?? 'system', app.getLocale());
  const windows = new Windows({ preload: files.preload, bounds, log, words });
  const onCommand = (command: string) =>
    holder.studio?.events.offer({ type: 'menu', command }, windows.focusedConnection());
  const studio = await openStudio({
    version: app.getVersion(),
    dataFolder: folder,
    access: new Access(),
    shell: desktopShell(windows, onCommand, words),
    spawn: (env, execArgv) => utilityChild(files.worker, 'TTFNet Studio worker', env, execArgv),
    log,
  });
  holder.studio = studio;
  serveScheme(createAssets(files.renderer), studio.media);
  studio.expectPage();
  refusePermissions(session.defaultSession);
  await keepOffline(app, session.defaultSession);
  listen(studio, windows);
  applyMenu([], onCommand, words());
  if (early.length > 0) studio.offerPaths(early, null);
  await windows.open();
}

function listen(studio: Studio, windows: Windows): void {
  // (17) the sender of every message is checked
  ipcMain.on(channels.connect, (event) => {
    const [port] = event.ports;
    const window = BrowserWindow.fromWebContents(event.sender);
    if (!port || !window || !fromOurPage(event.senderFrame)) return;
    if (!windows.hasRoom(window)) {
      port.close();
      return;
    }
    const connection = studio.ports.serve(port);
    windows.connected(connection, window);
    port.on('close', () => windows.gone(connection));
    port.start();
  });
  ipcMain.on(channels.dropped, (event, paths: unknown) => {
    if (!fromOurPage(event.senderFrame) || !Array.isArray(paths)) return;
    const known = paths.filter((p): p is string => typeof p === 'string' && path.isAbsolute(p));
    const window = BrowserWindow.fromWebContents(event.sender);
    if (window) studio.offerPaths(known, windows.connectionOf(window));
  });
  app.on('second-instance', (_event, argv, cwd) => {
    const paths = pathsOf(argv, cwd);
    if (paths.length > 0) studio.offerPaths(paths, windows.focusedConnection());
    windows.focus().catch((error: unknown) => log('focus', error));
  });
  app.on('open-file', (event, file) => {
    event.preventDefault();
    studio.offerPaths([file], windows.focusedConnection());
  });
  app.on('activate', () => void windows.focus());
  app.on('window-all-closed', () => app.quit());
  endOrderly(studio, windows);
}

/** Asks before quitting interrupts a training or detection; closes the program before the process ends. */
function endOrderly(studio: Studio, windows: Windows): void {
  let closed = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void mayQuit(studio).then(async (yes) => {
      if (!yes) return;
      // What can't be closed is logged and holds nobody up: errors end nothing here, so a failing end would never come.
      await Promise.all([studio.close(), windows.saved()]).catch((error: unknown) => log('closing', error));
      closed = true;
      app.quit();
    });
  });
}

async function mayQuit(studio: Studio): Promise<boolean> {
  if (studio.busy === null) return true;
  const { say, word } = wordsIn(studio.language, app.getLocale());
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: say(studio.busy),
    detail: word('desktop.quitText'),
    buttons: [word('desktop.keepRunning'), word('desktop.quit')],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1;
}

/** A packaged program that somebody would look into from outside doesn't start: whoever gets in can read and write a person's files. */
function refuseDebugging(): boolean {
  const found = app.isPackaged ? withoutDebugging(app.commandLine) : [];
  if (found.length === 0) return false;
  const { say, word } = wordsIn('system', app.getLocale());
  dialog.showErrorBox(word('desktop.notStarted'), say(said('desktop.noDebugging', { switch: `--${found[0]!}` })));
  app.exit(1);
  return true;
}

function begin(): void {
  if (refuseDebugging()) return;
  if (!app.requestSingleInstanceLock()) {
    app.quit(); // the first instance got our arguments
    return;
  }
  quieten(app.commandLine);
  registerScheme();
  guardContents(app);
  app.on('web-contents-created', (_event, contents) => hideAddresses(contents));
  const early = pathsOf(process.argv, process.cwd());
  app.on('will-finish-launching', () =>
    app.on('open-file', (event, file) => {
      event.preventDefault();
      if (!app.isReady()) early.push(file);
    }),
  );
  app
    .whenReady()
    .then(() => start(early))
    .catch((error: unknown) => {
      log('start', error);
      const { say, word } = wordsIn('system', app.getLocale());
      const { message, said } = toldBy(error);
      dialog.showErrorBox(word('desktop.notStarted'), said ? say(said) : message);
      app.exit(1);
    });
}

outliveRejections(log);
outliveExceptions(log);
app.setPath('userData', path.join(folder, 'window'));
begin();
