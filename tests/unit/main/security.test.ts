// Electron's security checklist at its one place, src/main/security.ts, item by item; the window's own specs prove the rest in a running program.
import { EventEmitter } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  appPage,
  fromOurPage,
  guardContents,
  keepToApp,
  refusePermissions,
  safePreferences,
} from '../../../src/main/security.ts';
import { contentSecurityPolicy } from '../../../src/app/media/assets.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** The text of all sources below some folders, without comments. */
function sources(...folders: string[]): string {
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|svelte|html)$/.test(name))
      .map((name) => path.join(root, folder, name)),
  );
  return files.map((file) => readFileSync(file, 'utf8').replace(/^\s*\/\/.*$/gm, '')).join('\n');
}

/** Electron's WebContents as far as the guards use it. */
class Contents extends EventEmitter {
  open: ((details: { url: string }) => { action: string }) | null = null;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.open = handler;
  }
  /** Emits an event about an address; true when it was prevented. */
  prevented(event: string, url: string): boolean {
    let prevented = false;
    this.emit(event, { url, preventDefault: () => (prevented = true) });
    return prevented;
  }
}

test('2, 3, 4, 6, 8, 9, 10, 11: the preferences of every window', () => {
  expect(safePreferences('/preload.cjs')).toEqual({
    preload: '/preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  });
});

test('5: permissions are refused, asked for or checked, devices too', () => {
  const answers: unknown[] = [];
  type Handler = (...args: unknown[]) => unknown;
  const session = {
    setPermissionRequestHandler: (handler: Handler) =>
      handler(null, 'media', (granted: boolean) => answers.push(granted)),
    setPermissionCheckHandler: (handler: Handler) => answers.push(handler(null, 'geolocation', '', {})),
    setDevicePermissionHandler: (handler: Handler) => answers.push(handler({})),
  };
  refusePermissions(session as never);
  expect(answers).toEqual([false, false, false]);
});

test('7: the content security policy lets no script in but our own files', () => {
  const policy = new Map(
    contentSecurityPolicy()
      .split('; ')
      .map((part) => [part.split(' ')[0], part.split(' ').slice(1)]),
  );
  expect(policy.get('default-src')).toEqual(["'none'"]);
  expect(policy.get('script-src')).toEqual(["'self'"]);
  expect(policy.get('object-src')).toEqual(["'none'"]);
  expect(policy.get('base-uri')).toEqual(["'none'"]);
  expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
});

describe('11, 13, 14: a page', () => {
  const contents = new Contents();
  keepToApp(contents as never);

  test.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])('goes nowhere else: %s', (event) => {
    for (const url of [
      'https://example.com/',
      'file:///etc/passwd',
      'ttfnet://app.evil/index.html',
      `${appPage}&x=1`,
      'javascript:0',
    ])
      expect(contents.prevented(event, url), url).toBe(true);
    expect(contents.prevented(event, appPage)).toBe(false);
  });

  test('opens no window and no <webview>', () => {
    expect(contents.open?.({ url: appPage })).toEqual({ action: 'deny' });
    expect(contents.prevented('will-attach-webview', '')).toBe(true);
  });

  test('is guarded whoever made it', () => {
    const app = new EventEmitter();
    guardContents(app as never);
    const other = new Contents();
    app.emit('web-contents-created', {}, other);
    expect(other.prevented('will-navigate', 'https://example.com/')).toBe(true);
  });
});

test('17: messages count only from the top frame of our own page', () => {
  const top = { url: appPage, parent: null };
  expect(fromOurPage(top as never)).toBe(true);
  expect(fromOurPage(null)).toBe(false);
  expect(fromOurPage({ url: appPage, parent: top } as never)).toBe(false);
  for (const url of ['https://example.com/', 'ttfnet://app.evil/', 'ttfnet://application/', 'about:blank', ''])
    expect(fromOurPage({ url, parent: null } as never), url).toBe(false);
});

test('17: every message that main hears checks its sender first', () => {
  const main = readFileSync(path.join(root, 'src/main/main.ts'), 'utf8');
  const listeners = main.split(/ipcMain\.(?:on|handle|once)\(/).slice(1);
  expect(listeners).toHaveLength(2);
  for (const listener of listeners)
    expect(listener.split('\n').slice(0, 4).join('\n')).toContain('fromOurPage(event.senderFrame)');
  expect(sources('src/main')).not.toMatch(/ipcMain\.handle/);
});

test('1, 9, 10, 12, 15, 18: what would be needed to break the rest is nowhere used', () => {
  const main = sources('src/main', 'src/preload');
  for (const word of [
    'openExternal',
    'experimentalFeatures',
    'enableBlinkFeatures',
    'loadFile',
    'file://',
    'http://',
    'https://',
  ])
    expect(main, word).not.toContain(word);
  expect(sources('src/renderer')).not.toMatch(/<webview|eval\(|new Function\(/);
});

test('16: Electron has a fixed version', () => {
  const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  expect(devDependencies['electron']).toMatch(/^\d+\.\d+\.\d+$/);
});

test('20: the preload script exposes nothing', () => {
  expect(sources('src/preload')).not.toMatch(/contextBridge|exposeInMainWorld|ipcRenderer\.(on|invoke|sendSync)/);
});
