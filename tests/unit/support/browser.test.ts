// Where the tests look for a browser, on each system, and what they say where there is none.
import { describe, expect, it } from 'vitest';
import { findBrowser, installCommand, type Places } from '../../support/browser.ts';

/** A machine that has these files. */
const machine = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv, ...files: string[]): Places => ({
  ...{ platform, env, home: '/Users/ann', own: '/own/chrome' },
  exists: (file) => files.includes(file),
});

const local = String.raw`C:\Users\Ann\AppData\Local`;
const found: [string, Places, string][] = [
  ['Linux', machine('linux', { PATH: '/usr/local/bin:/usr/bin' }, '/usr/bin/chromium'), '/usr/bin/chromium'],
  ['Linux', machine('linux', { PATH: '/usr/bin' }, '/usr/bin/microsoft-edge'), '/usr/bin/microsoft-edge'],
  ['Linux', machine('linux', {}, '/opt/google/chrome/chrome'), '/opt/google/chrome/chrome'],
  ...['Chromium', 'Google Chrome', 'Microsoft Edge'].flatMap((app) =>
    ['/Applications', '/Users/ann/Applications'].map((folder): [string, Places, string] => {
      const file = `${folder}/${app}.app/Contents/MacOS/${app}`;
      return ['macOS', machine('darwin', {}, file), file];
    }),
  ),
  ...[String.raw`Google\Chrome\Application\chrome.exe`, String.raw`Microsoft\Edge\Application\msedge.exe`].map(
    (inside): [string, Places, string] => {
      const file = `${local}\\${inside}`;
      return ['Windows', machine('win32', { LOCALAPPDATA: local }, file), file];
    },
  ),
];

describe('a browser', () => {
  it.each(found)('is found on %s where it is installed', (_, places, file) => expect(findBrowser(places)).toBe(file));

  it.each(['linux', 'darwin', 'win32'] as const)('may be the one that Playwright keeps: %s', (platform) => {
    expect(findBrowser(machine(platform, {}, '/own/chrome'))).toBe('/own/chrome');
    expect(findBrowser(machine(platform, {}))).toBeNull();
  });

  it('is the one that TTFNET_BROWSER names, which has to be there; "none" leaves the tests out', () => {
    const named = (file: string) =>
      machine('linux', { TTFNET_BROWSER: file, PATH: '/usr/bin' }, '/usr/bin/chromium', '/my/browser');
    expect(findBrowser(named('/my/browser'))).toBe('/my/browser');
    expect(findBrowser(named('none'))).toBeNull();
    expect(() => findBrowser(named('/elsewhere'))).toThrow('TTFNET_BROWSER is "/elsewhere"');
  });
});

it('one command installs a browser', () => {
  expect(installCommand('NAME="Debian"\nID=debian\n')).toBe('sudo apt-get install chromium');
  for (const other of ['', 'ID=ubuntu\nID_LIKE=debian\n'])
    expect(installCommand(other)).toBe('npx playwright install chromium');
});
