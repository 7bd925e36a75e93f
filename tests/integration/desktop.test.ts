// The built desktop program, in the stand-in for Electron or (npm run test:electron) in Electron itself: start, safety (numbers of Electron's checklist as in src/main/security.ts), menu, dialogs, crashes, one instance.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from '@playwright/test';
import { launchDesktop, patience, type Desktop } from '../support/electron/desktop.ts';
import { writePictures } from './contract/pictures.ts';

/** A busy machine may take its time; nothing here is about speed. */
const slow = { timeout: patience };

let folder: string;
let desktop: Desktop;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-desktop-'));
  await writePictures(path.join(folder, 'images'), 2);
  desktop = await launchDesktop({ dataFolder: path.join(folder, 'data') });
  page = await desktop.page();
});

afterAll(async () => {
  await desktop.quit();
  await rm(folder, { recursive: true, force: true });
});

describe('safety', () => {
  test('2, 3, 4, 6, 8, 9, 10, 11: windows are sandboxed, isolated, without Node, with web security', async () => {
    const [preferences] = (await desktop.state()).preferences;
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
    });
    expect(Object.keys(preferences!)).not.toContain('experimentalFeatures');
    expect(Object.keys(preferences!)).not.toContain('enableBlinkFeatures');
  });

  test('20: the page has neither Node nor Electron nor anything of the preload script', async () => {
    const names = await page.evaluate(() =>
      ['require', 'process', 'electron', 'ipcRenderer', '__standIn', 'module'].filter((name) => name in globalThis),
    );
    expect(names).toEqual([]);
  });

  test('5: every permission is refused', async () => {
    const permissions = await desktop.permissions();
    expect(permissions.length).toBeGreaterThan(5);
    expect(permissions.every((granted) => !granted)).toBe(true);
  });

  test('7: a content security policy without inline script, and it works', async () => {
    const policy = await page.evaluate(async () => (await fetch('/index.html')).headers.get('content-security-policy'));
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    const ran = await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'globalThis.inlineRan = true';
      document.head.append(script);
      'inlineRan' in globalThis`);
    expect(ran).toBe(false);
  });

  test('13: the page can not be navigated away', async () => {
    const before = page.url();
    await page.evaluate(`void (location.href = 'https://example.com/')`);
    await expect.poll(async () => (await desktop.state()).denied, slow).toContain('https://example.com/');
    expect(page.url()).toBe(before);
  });

  test('14: the page can open no other window', async () => {
    await desktop.ask({ ask: 'openWindowFromPage', url: 'https://example.com/pop' });
    await expect.poll(async () => (await desktop.state()).denied, slow).toContain('https://example.com/pop');
    expect((await desktop.state()).preferences).toHaveLength(1);
  });

  test('18: files outside the interface are not served, whatever the path says', async () => {
    const statuses = await page.evaluate(async () => {
      const tries = ['/..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/package.json', '/media/x/image/..%2f..%2fetc%2fpasswd'];
      return Promise.all(tries.map(async (address) => (await fetch(address)).status));
    });
    expect(statuses).toEqual([404, 404, 404]);
  });
});

test('the menu comes from the interface, shows its keys and leaves them to it; a chosen item reaches the page', async () => {
  const find = async () => {
    const { menu } = await desktop.state();
    const items = menu.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
    return items.find(({ accelerator }) => accelerator === 'CommandOrControl+Z');
  };
  await expect.poll(find, slow).toMatchObject({ registerAccelerator: false });
});

test('a dropped folder is allowed and offered to the page', async () => {
  await desktop.ask({ ask: 'drop', paths: [path.join(folder, 'images')] });
  await expect.poll(() => page.getByText(/images/).count(), slow).toBeGreaterThan(0);
});

test('a packaged program refuses to be looked into from outside', async () => {
  const dataFolder = path.join(folder, 'looked-into');
  const start = launchDesktop({ dataFolder, args: ['--remote-debugging-port=0'], env: { STAND_IN_PACKAGED: '1' } });
  await expect(start).rejects.toThrow(/--remote-debugging-port was given/);
});

test('a packaged program whose files outside the archive are strange does not start', async () => {
  const archive = path.join(folder, 'strange', 'app.asar');
  await mkdir(`${archive}.unpacked`, { recursive: true });
  await writeFile(path.join(`${archive}.unpacked`, 'planted.node'), 'x');
  const env = { STAND_IN_PACKAGED: '1', STAND_IN_APP: archive };
  const start = launchDesktop({ dataFolder: path.join(folder, 'strange', 'data'), env });
  await expect(start).rejects.toThrow(/not as they were made: planted\.node/);
});

test('a second start hands its folder to the first and ends', async () => {
  const second = launchDesktop({ dataFolder: path.join(folder, 'data'), args: [path.join(folder, 'images')] });
  await expect(second).rejects.toThrow(/The program ended/);
});

test('a crashed page comes back by itself', async () => {
  const { loads } = await desktop.state();
  await desktop.ask({ ask: 'crashPage' });
  await expect.poll(async () => (await desktop.state()).loads, slow).toBe(loads + 1);
  expect(desktop.output()).toContain("The page's process ended: crashed");
});

test('the window’s bounds are remembered when it closes', async () => {
  const other = await launchDesktop({ dataFolder: path.join(folder, 'other') });
  await other.page();
  await other.quit();
  const kept = JSON.parse(await readFile(path.join(folder, 'other', 'window.json'), 'utf8')) as object;
  expect(kept).toMatchObject({ width: 1440, height: 900, maximized: false });
});
