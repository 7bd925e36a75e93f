// Chromium's own ways out, at their one place: switches, the session, WebRTC, debugging from outside, connections of one page.
import { EventEmitter } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import {
  keepOffline,
  hideAddresses,
  quieten,
  quietSwitches,
  staysInside,
  withoutDebugging,
} from '../../../src/main/offline.ts';
import { wordsIn } from '../../../src/main/words.ts';

vi.mock('electron', () => ({}));
const { Windows } = await import('../../../src/main/windows.ts');

class Words {
  readonly given: Map<string, string>;
  constructor(given: Record<string, string> = {}) {
    this.given = new Map(Object.entries(given));
  }
  hasSwitch = (name: string) => this.given.has(name);
  removeSwitch = (name: string) => void this.given.delete(name);
  appendSwitch = (name: string, value = '') => void this.given.set(name, value);
}

test('every switch is set, whatever was given for it', () => {
  const words = new Words({ 'host-resolver-rules': 'MAP * 192.0.2.1', 'no-sandbox': '' });
  quieten(words as never);
  expect(Object.fromEntries(words.given)).toEqual({ ...quietSwitches, 'no-sandbox': '' });
});

test('debugging switches are found, and gone', () => {
  const words = new Words({ 'remote-debugging-port': '9222', 'inspect-brk': '', lang: 'en' });
  expect(withoutDebugging(words as never)).toEqual(['remote-debugging-port', 'inspect-brk']);
  expect([...words.given.keys()]).toEqual(['lang']);
  expect(withoutDebugging(words as never)).toEqual([]);
});

test('only our own scheme and what a page made itself stays inside', () => {
  const inside = [
    'ttfnet://app/index.html',
    'ttfnet://app/media/1',
    'blob:ttfnet://app/1-2',
    'data:image/png;base64,AA',
  ];
  expect(inside.filter((url) => !staysInside(url))).toEqual([]);
  const outside = [
    'ttfnet://app.evil/',
    'ttfnet://other/',
    'blob:https://a/1',
    'file:///etc/passwd',
    'about:blank',
    '',
  ];
  const network = ['http:', 'https:', 'ws:', 'wss:', 'ftp:'].map((protocol) => `${protocol}//127.0.0.1:1/`);
  expect([...outside, ...network].filter(staysInside)).toEqual([]);
});

test('the session cancels what would leave, spells nothing, looks for no proxy and no other resolver', async () => {
  const done: unknown[] = [];
  type Listener = (details: { url: string }, answer: (response: unknown) => void) => void;
  const session = {
    webRequest: {
      onBeforeRequest: (listener: Listener) => {
        listener({ url: 'https://example.com/' }, (response) => done.push(response));
        listener({ url: 'ttfnet://app/' }, (response) => done.push(response));
      },
    },
    setSpellCheckerEnabled: (on: boolean) => done.push(on),
    setSpellCheckerDictionaryDownloadURL: (url: string) => done.push(url),
    setProxy: (config: unknown) => Promise.resolve(done.push(config)),
  };
  await keepOffline({ configureHostResolver: (config: unknown) => done.push(config) } as never, session as never);
  const dictionaries = 'ttfnet://app/no-dictionaries/';
  expect(done).toEqual([
    { cancel: true },
    { cancel: false },
    false,
    dictionaries,
    { secureDnsMode: 'off' },
    { mode: 'direct' },
  ]);
  hideAddresses({ setWebRTCIPHandlingPolicy: (policy: string) => done.push(policy) } as never);
  expect(done.at(-1)).toBe('disable_non_proxied_udp');
});

test('no code of ours reports crashes, looks for updates, or asks the network from the shell', () => {
  const folder = path.resolve(import.meta.dirname, '../../../src/main');
  const text = readdirSync(folder)
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n');
  expect(text).not.toMatch(/crashReporter|autoUpdater|electron-updater|\bnet\.(fetch|request)|fetch\(/);
});

test('a page gets a connection while it has few, and again when some are closed', () => {
  const logged: unknown[] = [];
  const log = (_where: string, error: unknown) => logged.push(error);
  const windows = new Windows({ preload: '', bounds: null as never, log, words: () => wordsIn('en', 'en') });
  const [page, other] = [new EventEmitter(), new EventEmitter()] as never[];
  let connection = 0;
  while (windows.hasRoom(page!) && connection < 1000) windows.connected(++connection, page!);
  expect(connection).toBe(32);
  expect(String(logged)).toContain('32 connections');
  expect(windows.hasRoom(other!)).toBe(true);
  windows.gone(7);
  expect(windows.hasRoom(page!)).toBe(true);
});
