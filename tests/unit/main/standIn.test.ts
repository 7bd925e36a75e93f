// The stand-in for Electron can't fall behind the program: all of Electron that the program uses is in it. (That it is what Electron has, the compiler checks.)
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { preloadApi } from '../../support/electron/preloadWorld.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const textOf = (folder: string) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(path.join(root, folder, name), 'utf8'))
    .join('\n');

/** `name.member` for everything that a folder's files import from Electron and use; types left out. */
function used(folder: string): Map<string, Set<string>> {
  const text = textOf(folder);
  const names = [...text.matchAll(/^import \{([^}]*)\} from 'electron';$/gm)]
    .flatMap(([, list]) => list!.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '));
  return new Map(
    names.map((name) => [
      name,
      new Set([...text.matchAll(new RegExp(`(?<![\\w.])${name}\\.(\\w+)`, 'g'))].map(([, member]) => member!)),
    ]),
  );
}

test('all that the main process uses', () => {
  const standIn = textOf('tests/support/electron');
  const uses = used('src/main');
  expect([...uses.keys()]).toEqual(
    expect.arrayContaining(['app', 'BrowserWindow', 'ipcMain', 'protocol', 'utilityProcess']),
  );
  const classes: Record<string, string> = { BrowserWindow: 'StandInWindow as BrowserWindow' };
  for (const [name, members] of uses) {
    const value = name[0] === name[0]!.toLowerCase() || name === 'Menu';
    expect(standIn, name).toMatch(value ? new RegExp(`export const ${name}\\b`) : new RegExp(classes[name] ?? name));
    for (const member of members) expect(standIn, `${name}.${member}`).toMatch(new RegExp(`\\b${member}\\b`));
  }
});

test('all that the preload script uses, and no more', () => {
  const uses = Object.fromEntries([...used('src/preload')].map(([name, members]) => [name, [...members].sort()]));
  const offered = Object.fromEntries(Object.entries(preloadApi).map(([name, members]) => [name, [...members].sort()]));
  expect(offered).toEqual(uses);
});
