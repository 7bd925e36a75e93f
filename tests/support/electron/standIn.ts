// A stand-in for the `electron` module: the part of its API that src/main uses, over a real Chromium, checked against Electron's own types below.
// Tests run the built main process with this in place of Electron, because Electron's binary can't be downloaded on every machine.
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { Chromium } from './cdp.ts';
import type { Ask, MenuEntry, State } from './desktop.ts';
import { commandLine, networkSeen, networkSession, noteSetting } from './network.ts';
import { lockFolder } from './oneInstance.ts';
import { Preparation } from './preparation.ts';
import { Preventable } from './preventable.ts';
import { handleScheme, serveSchemes } from './scheme.ts';
import { StandInContents, StandInWindow, type WindowHost } from './window.ts';

let chromium: Promise<Chromium> | null = null;
let stopServing: () => void = () => undefined;
const ipcEmitter = new EventEmitter();
const appEmitter = new EventEmitter();
const paths = new Map<string, string>();
let ready = false;

const started = new Preparation(async () => {
  stopServing = await serveSchemes();
  await (chromium ??= Chromium.launch());
  ready = true;
});

const host: WindowHost = {
  browser: () => (chromium ??= Chromium.launch()),
  ipc: (channel, event, args) => ipcEmitter.emit(channel, event, ...args),
  contentsCreated: (contents) => appEmitter.emit('web-contents-created', {}, contents),
  windowClosed: () => {
    if (StandInWindow.all.length === 0) appEmitter.emit('window-all-closed');
  },
};
StandInWindow.host = host;

/** Listeners are typed by Electron; emitting is our own affair. */
const listen = (emitter: EventEmitter) => (event: string, listener: (...args: never[]) => void) => {
  emitter.on(event, listener as (...args: unknown[]) => void);
  return app;
};

async function leave(code: number): Promise<never> {
  stopServing();
  try {
    (await chromium)?.close();
  } finally {
    process.exit(code); // also when the dead browser's folder can't be removed yet: the program outlives errors, this is its end
  }
}

/** Dialog answers that a test has put down beforehand, by kind. */
const answers = new Map<string, unknown[]>();
const asked: { kind: string; options: unknown }[] = [];

function answer<T>(kind: string, args: unknown[], otherwise: T): Promise<T> {
  asked.push({ kind, options: args.at(-1) });
  return Promise.resolve((answers.get(kind)?.shift() as T | undefined) ?? otherwise);
}

let applicationMenu: Electron.MenuItemConstructorOptions[] = [];
const permissionAnswers: boolean[] = [];
const revealed: string[] = [];
const recent: string[] = [];
const children: { pid: number | undefined; kill: () => void }[] = [];

/** Electron's `app`. */
export const app = {
  isPackaged: process.env['STAND_IN_PACKAGED'] === '1',
  commandLine: commandLine(() => ready),
  configureHostResolver: (how) => noteSetting(`secure DNS ${how.secureDnsMode ?? ''}`),
  getAppPath: () => process.env['STAND_IN_APP'] ?? process.cwd(),
  getVersion: () => '0.0.0-test',
  getLocale: () => process.env['STAND_IN_LOCALE'] ?? 'en-US',
  addRecentDocument: (file: string) => void recent.push(file),
  on: listen(appEmitter) as unknown as Electron.App['on'],
  whenReady: () => started.begin(),
  isReady: () => ready,
  requestSingleInstanceLock: () =>
    lockFolder(paths.get('userData') ?? '.', (argv, cwd) => appEmitter.emit('second-instance', {}, argv, cwd, null)),
  setPath: (name: string, value: string) => void paths.set(name, value),
  exit: (code = 0) => void leave(code),
  quit: () => {
    const event = new Preventable();
    appEmitter.emit('before-quit', event);
    if (event.prevented) return;
    for (const window of StandInWindow.getAllWindows()) window.close();
    void leave(0);
  },
} satisfies Pick<Electron.App, AppUse>;
type AppUse =
  | 'getAppPath'
  | 'isPackaged'
  | 'commandLine'
  | 'configureHostResolver'
  | 'getVersion'
  | 'getLocale'
  | 'addRecentDocument'
  | 'on'
  | 'whenReady'
  | 'isReady'
  | 'requestSingleInstanceLock'
  | 'setPath'
  | 'exit'
  | 'quit';

export { StandInWindow as BrowserWindow };

/** Electron's `ipcMain`. */
export const ipcMain: Pick<Electron.IpcMain, 'on'> = {
  on: (channel, listener) => {
    ipcEmitter.on(channel, listener as (...args: unknown[]) => void);
    return ipcMain as Electron.IpcMain;
  },
};

/** Electron's `dialog`: answers that the test put down, else "cancelled". */
export const dialog = {
  showMessageBox: (...args: unknown[]) => answer('message', args, { response: 0, checkboxChecked: false }),
  showOpenDialog: (...args: unknown[]) =>
    answer<Electron.OpenDialogReturnValue>('open', args, { canceled: true, filePaths: [] }),
  showSaveDialog: (...args: unknown[]) =>
    answer<Electron.SaveDialogReturnValue>('save', args, { canceled: true, filePath: '' }),
  showErrorBox: (title: string, content: string) => {
    asked.push({ kind: 'error', options: { title, content } });
    console.error(`${title}: ${content}`);
  },
} satisfies Pick<Electron.Dialog, 'showMessageBox' | 'showOpenDialog' | 'showSaveDialog' | 'showErrorBox'>;

/** Electron's `Menu`: templates are kept as they are. */
export const Menu = {
  buildFromTemplate: (template: Electron.MenuItemConstructorOptions[]) => template as unknown as Electron.Menu,
  setApplicationMenu: (menu: Electron.Menu | null) => {
    applicationMenu = (menu ?? []) as unknown as Electron.MenuItemConstructorOptions[];
  },
} satisfies Pick<typeof Electron.Menu, 'buildFromTemplate' | 'setApplicationMenu'>;

/** Electron's `nativeTheme`. */
export const nativeTheme = { shouldUseDarkColors: false } satisfies Pick<Electron.NativeTheme, 'shouldUseDarkColors'>;

/** Electron's `protocol`. */
export const protocol = {
  registerSchemesAsPrivileged: (schemes: Electron.CustomScheme[]) => {
    if (ready) throw new Error('protocol.registerSchemesAsPrivileged must be called before the app is ready');
    for (const { scheme, privileges } of schemes)
      if (!privileges?.standard || !privileges.secure) throw new Error(`${scheme} has no secure origin`);
  },
  handle: (scheme: string, handler: (request: Request) => Response | Promise<Response>) =>
    handleScheme(scheme, handler),
} satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle'>;

/** Electron's `screen`: one display of 1920 x 1080. */
export const screen = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } } as Electron.Display],
} satisfies Pick<Electron.Screen, 'getAllDisplays'>;

/** Electron's `session`: permission handlers are asked at once, so that a test can see their answers. */
export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: Parameters<Electron.Session['setPermissionRequestHandler']>[0]) => {
      for (const permission of ['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read'] as const)
        handler?.(null as never, permission, (granted) => permissionAnswers.push(granted), null as never);
    },
    setPermissionCheckHandler: (handler: Parameters<Electron.Session['setPermissionCheckHandler']>[0]) => {
      permissionAnswers.push(handler?.(null, 'media', '', null as never) ?? true);
    },
    setDevicePermissionHandler: (handler: Parameters<Electron.Session['setDevicePermissionHandler']>[0]) => {
      permissionAnswers.push(handler?.(null as never) ?? true);
    },
    ...networkSession,
  },
} satisfies { defaultSession: Pick<Electron.Session, SessionUse> };
type SessionUse =
  | 'setPermissionRequestHandler'
  | 'setPermissionCheckHandler'
  | 'setDevicePermissionHandler'
  | keyof typeof networkSession;

/** Electron's `shell`. */
export const shell = {
  showItemInFolder: (file: string) => void revealed.push(file),
} satisfies Pick<Electron.Shell, 'showItemInFolder'>;

/** Electron's `utilityProcess`: plain Node processes. */
export const utilityProcess = {
  fork: (file: string, args: string[] = [], { env }: { env?: object } = {}) => {
    const given = { ...(env === undefined ? {} : { env: env as NodeJS.ProcessEnv }) };
    const child = fork(file, args, {
      serialization: 'advanced',
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: [],
      ...given,
    });
    children.push({ pid: child.pid, kill: () => child.kill('SIGKILL') });
    const emitter = new EventEmitter();
    child.on('message', (message) => emitter.emit('message', message));
    child.on('exit', (code, signal) => emitter.emit('exit', code ?? (signal ? 139 : 0)));
    const process = {
      pid: child.pid,
      postMessage: (message: unknown) => child.connected && child.send(message as object),
      kill: () => child.kill('SIGKILL'),
      on: (event: string, listener: (...values: unknown[]) => void) => emitter.on(event, listener),
    };
    return process as unknown as Electron.UtilityProcess;
  },
} satisfies Pick<typeof Electron.utilityProcess, 'fork'>;

/** What the stand-in knows beyond what real Electron can be asked. */
export interface StandInState extends State {
  /** Where Chromium's own protocol is spoken. */
  endpoint: string;
  /** What the program's handlers answered to permissions. */
  permissions: boolean[];
}

async function obey(message: Ask): Promise<unknown> {
  const window = StandInWindow.getFocusedWindow();
  switch (message.ask) {
    case 'state':
      return stateOf();
    case 'menu':
      clickMenu(message.command);
      return null;
    case 'drop':
      return window?.webContents.drop(message.paths);
    case 'answer':
      answers.set(message.kind, [...(answers.get(message.kind) ?? []), message.value]);
      return null;
    case 'crashPage':
      window?.webContents.tell('Page.crash');
      return null;
    case 'killChildren':
      children.splice(0).forEach((child) => child.kill());
      return null;
    case 'openWindowFromPage':
      return window?.webContents.send('Runtime.evaluate', {
        expression: `void window.open(${JSON.stringify(message.url)})`,
        userGesture: true,
      });
    case 'close':
      window?.close();
      return null;
  }
}

function clickMenu(command: string): void {
  for (const { submenu } of applicationMenu)
    for (const item of Array.isArray(submenu) ? submenu : [])
      if (item.id === command) item.click?.(null as never, undefined, null as never);
}

async function stateOf(): Promise<StandInState> {
  await started.done;
  const windows = StandInWindow.getAllWindows();
  return {
    network: networkSeen(windows.flatMap(({ webContents }) => webContents.webRtc)),
    endpoint: (await host.browser()).endpoint,
    preferences: windows.map(({ options }) => ({ ...options.webPreferences })),
    bounds: windows.map((window) => ({ ...window.getNormalBounds(), maximized: window.isMaximized() })),
    denied: windows.flatMap(({ webContents }) => webContents.denied),
    loads: windows.reduce((sum, { webContents }) => sum + webContents.loads, 0),
    menu: applicationMenu as MenuEntry[],
    permissions: permissionAnswers,
    revealed,
    recent,
    asked,
    children: children.length,
  };
}

process.on('message', (message: Ask & { number: number }) => {
  obey(message).then(
    (value) => process.send?.({ number: message.number, value: JSON.parse(JSON.stringify(value ?? null)) as unknown }),
    (error: unknown) => process.send?.({ number: message.number, error: String(error) }),
  );
});
process.on('disconnect', () => void leave(0)); // the test is gone

export { StandInContents };
