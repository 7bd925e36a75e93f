// Where the window's specs run: in the stand-in unless asked otherwise, and on real Electron only where its binary and a display are there.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findElectron, noDisplay } from '../../../bin/electronBinary.mjs';
import { plan, type Machine } from '../../../bin/testElectron.mjs';
import { implementation } from '../../support/electron/desktop.ts';

let root: string;
const electron = (...parts: string[]) => path.join(root, 'node_modules', 'electron', ...parts);
beforeAll(async () => (root = await mkdtemp(path.join(tmpdir(), 'ttfnet-electron-'))));
afterAll(() => rm(root, { recursive: true, force: true }));

describe('the binary', () => {
  test('is found step by step, each missing one said with its remedy', async () => {
    expect(findElectron(root, {})).toMatchObject({ why: expect.stringContaining('npm install') as string });
    await mkdir(electron('dist'), { recursive: true });
    await writeFile(electron('package.json'), '{}');
    expect(findElectron(root, {})).toMatchObject({ why: expect.stringContaining('install.js') as string });
    await writeFile(electron('path.txt'), 'electron\n');
    expect(findElectron(root, {})).toMatchObject({ why: expect.stringContaining('install.js') as string });
    await writeFile(electron('dist', 'electron'), '');
    expect(findElectron(root, {})).toEqual({ binary: electron('dist', 'electron') });
  });

  test('may lie in another folder, which is named when it holds none', async () => {
    const elsewhere = path.join(root, 'elsewhere');
    const env = { ELECTRON_OVERRIDE_DIST_PATH: elsewhere };
    expect(findElectron(root, env)).toMatchObject({ why: expect.stringContaining(elsewhere) as string });
    await mkdir(elsewhere);
    await writeFile(path.join(elsewhere, 'electron'), '');
    expect(findElectron(root, env)).toEqual({ binary: path.join(elsewhere, 'electron') });
  });
});

test('a display is only asked for on Linux', () => {
  expect(noDisplay('linux', {})).toContain('DISPLAY');
  expect(noDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBeNull();
  expect(noDisplay('darwin', {})).toBeNull();
});

describe('npm run test:electron', () => {
  const all: Machine = { electron: { binary: '/e' }, display: null, virtualDisplay: false, built: true };

  test('runs the specs of the window', () => {
    expect(plan(all).command).toEqual(expect.arrayContaining(['run', 'tests/integration/desktop.test.ts']));
    const virtual = plan({ ...all, display: 'there is no display', virtualDisplay: true });
    expect(virtual.command?.slice(0, 2)).toEqual(['xvfb-run', '-a']);
  });

  test.each([
    [{ built: false }, 'npm run build'],
    [{ electron: { why: 'Electron itself is not installed' } }, 'not installed'],
    [{ display: 'there is no display' }, 'xvfb'],
  ])('says what is missing: %j', (lack, word) => {
    expect(plan({ ...all, ...lack }).why).toContain(word);
  });
});

test('the specs use the stand-in unless told otherwise; a misspelt name is refused', () => {
  expect(implementation({})).toBe('stand-in');
  expect(implementation({ TTFNET_DESKTOP: 'electron' })).toBe('electron');
  expect(() => implementation({ TTFNET_DESKTOP: 'elektron' })).toThrow(/stand-in/);
});
