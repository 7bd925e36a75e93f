// Finds the browser that tests of the interface run in: Chromium, Chrome or Edge wherever this machine keeps one.
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';

/** What the search looks at. */
export interface Places {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  home: string;
  /** Where Playwright keeps a browser of its own. */
  own: string;
  exists: (file: string) => boolean;
}

const names = ['chromium', 'google-chrome-stable', 'google-chrome', 'microsoft-edge-stable', 'microsoft-edge'];
const linux = ['/opt/google/chrome/chrome', '/opt/microsoft/msedge/msedge', '/snap/bin/chromium'];
const apps = ['Chromium', 'Google Chrome', 'Microsoft Edge'];
const windows = [
  ['Chromium', 'Application', 'chrome.exe'],
  ['Google', 'Chrome', 'Application', 'chrome.exe'],
  ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
];

const thisMachine = (): Places => ({
  platform: process.platform,
  env: process.env,
  home: os.homedir(),
  own: chromium.executablePath(),
  exists: existsSync,
});

/** The file of a browser, or null where this machine has none or `TTFNET_BROWSER` is "none". Error: it names one that isn't there. */
export function findBrowser(places: Places = thisMachine()): string | null {
  const named = places.env['TTFNET_BROWSER'];
  if (named === undefined) return candidates(places).find(places.exists) ?? null;
  if (named === 'none') return null;
  if (places.exists(named)) return named;
  throw new Error(`TTFNET_BROWSER is "${named}", and there is no such file.`);
}

function candidates({ platform, env, home, own }: Places): string[] {
  if (platform === 'win32') {
    const roots = ['LOCALAPPDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)'].flatMap((name) => env[name] ?? []);
    return [...windows.flatMap((parts) => roots.map((root) => path.win32.join(root, ...parts))), own];
  }
  if (platform === 'darwin') {
    const roots = ['/Applications', path.posix.join(home, 'Applications')];
    const inside = apps.map((app) => path.posix.join(`${app}.app`, 'Contents', 'MacOS', app));
    return [...inside.flatMap((file) => roots.map((root) => path.posix.join(root, file))), own];
  }
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  return [...names.flatMap((name) => folders.map((folder) => path.posix.join(folder, name))), ...linux, own];
}

/** The one command that installs a browser here. `system` is the text of `/etc/os-release`, empty where there is none. */
export function installCommand(system: string = osRelease()): string {
  return /^ID=debian$/m.test(system) ? 'sudo apt-get install chromium' : 'npx playwright install chromium';
}

const osRelease = (): string => (existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '');

/** Why tests in a browser can't run here, with the remedy; null where they can. */
export function noBrowser(): string | null {
  if (findBrowser() !== null) return null;
  return `there is no Chromium, Chrome or Edge ("${installCommand()}" installs one, TTFNET_BROWSER names one elsewhere)`;
}

/** The file of a browser. Error: there is none. */
export function browserFile(): string {
  const found = findBrowser();
  if (found === null) throw new Error(`No browser: ${noBrowser()!}.`);
  return found;
}
