// The built desktop program in real Electron, driven by Playwright: windows as pages, the main process looked into from outside, as the specs ask.
// Nothing of the program is replaced but what a test can't operate: the system's dialogs, the file manager, the list of recent documents.
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import {
  answerPut,
  bounds,
  clickMenu,
  closeWindow,
  crashPage,
  killWorkers,
  noteDenied,
  observe,
  seen,
} from './realProgram.ts';
import { patience, usable, type Ask, type Desktop, type DesktopOptions, type State } from './desktop.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Starts it. Playwright's own loader holds the program back until it is attached, so that nothing is missed. */
export async function launchReal({ dataFolder, args = [], env = {} }: DesktopOptions): Promise<Desktop> {
  let text = '';
  const app = await start({ args, env: { ...env, TTFNET_STUDIO_DATA: dataFolder } });
  const child = app.process();
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (text += data.toString()));
  const exited = new Promise<void>((resolve) => app.once('close', () => resolve()));
  await app.evaluate(observe);
  const page = async () => usable(app.windows().at(-1) ?? (await app.firstWindow({ timeout: patience })));
  return {
    pid: child.pid!,
    page,
    ask: (message) => obey(app, page, message),
    state: () => stateOf(app),
    permissions: async () => (await page()).evaluate(askInPage, permissionNames),
    output: () => text,
    quit: async () => {
      await app.evaluate(closeWindow).catch(() => undefined); // it may be gone before it answers
      await exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function start({ args, env }: { args: readonly string[]; env: NodeJS.ProcessEnv }): Promise<ElectronApplication> {
  const all = Object.entries({ ...process.env, ...env }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  try {
    return await _electron.launch({
      args: ['.', ...args],
      cwd: root,
      env: Object.fromEntries(all),
      chromiumSandbox: process.getuid?.() !== 0, // Chromium refuses its sandbox to the superuser; everybody else keeps it
      colorScheme: null,
      timeout: patience,
    });
  } catch (error) {
    throw new Error(`The program ended: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function stateOf(app: ElectronApplication): Promise<State> {
  const [rest, places] = await Promise.all([app.evaluate(seen), app.evaluate(bounds)]);
  return { ...rest, bounds: places };
}

async function obey(app: ElectronApplication, page: () => Promise<Page>, message: Ask): Promise<unknown> {
  switch (message.ask) {
    case 'state':
      return stateOf(app);
    case 'menu':
      return app.evaluate(clickMenu, message.command);
    case 'drop':
      return drop(await page(), message.paths);
    case 'answer':
      return app.evaluate(answerPut, { kind: message.kind, value: message.value });
    case 'crashPage':
      return app.evaluate(crashPage);
    case 'killChildren':
      return app.evaluate(killWorkers);
    case 'openWindowFromPage':
      return openFromPage(app, await page(), message.url);
    case 'close':
      return app.evaluate(closeWindow);
  }
}

async function openFromPage(app: ElectronApplication, page: Page, url: string): Promise<void> {
  const opened = await page.evaluate(opens, url);
  if (!opened) await app.evaluate(noteDenied, url);
}

/** Drops files as the system does: only then the preload script gets their paths. */
async function drop(page: Page, files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
  await session.detach();
}

/** The used part of a page's globals; this file is checked without a page's types. */
interface PageWorld {
  open(url: string): unknown;
  navigator: {
    permissions: { query(what: { name: string }): Promise<{ state: string }> };
    mediaDevices: { getUserMedia(what: { audio: boolean }): Promise<unknown> };
  };
  Notification: { requestPermission(): Promise<string> };
}

function opens(url: string): boolean {
  return (globalThis as unknown as PageWorld).open(url) !== null;
}

const permissionNames = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi'];

/** Asks for permissions as a page would; each answer is "granted". */
async function askInPage(names: string[]): Promise<boolean[]> {
  const { navigator, Notification } = globalThis as unknown as PageWorld;
  const granted = (promise: Promise<boolean>) => promise.catch(() => false);
  const states = names.map((name) =>
    granted(navigator.permissions.query({ name }).then(({ state }) => state === 'granted')),
  );
  const media = granted(navigator.mediaDevices.getUserMedia({ audio: true }).then(() => true));
  const notified = granted(Notification.requestPermission().then((answer) => answer === 'granted'));
  return Promise.all([...states, media, notified]);
}
