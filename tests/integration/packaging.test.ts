// Packaging with electron-builder as configured, over a folder that only looks like Electron: what is packed, what lies outside the archive, the fuses,
// the icons; and the packed program does its work from where it was packed to, under Node, away from this repository.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeIcons } from '../../bin/makeIcons.mjs';
import { strangeFiles, unpackedList } from '../../src/main/unpacked.ts';
import { extractArchive, listArchive, pack, productionPackages, type Packed } from '../support/packaging.ts';
import { writePictures } from './contract/pictures.ts';

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
let folder: string;
beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-packed-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Packages that the built files load at run time. */
async function externals(): Promise<Set<string>> {
  const files = (await readdir(path.join(root, 'out'), { recursive: true })).filter((name) =>
    /^(main|preload).*\.c?js$/.test(name),
  );
  const names = new Set<string>();
  for (const file of files) {
    const text = await readFile(path.join(root, 'out', file), 'utf8');
    for (const [, name] of text.matchAll(
      /(?:\bfrom|\bimport|\bimport\(|\brequire\(|\bcreateRequire\(import\.meta\.url\)\(|\bresolve\()\s*["']([\w@][\w@/.:-]*)["']/g,
    )) {
      const [first, second] = name!.split('/');
      names.add(name!.startsWith('@') ? `${first!}/${second!}` : first!);
    }
  }
  for (const own of ['electron', ...builtinModules, ...[...names].filter((name) => name.startsWith('node:'))])
    names.delete(own);
  return names;
}

test('everything that the built program loads is a dependency that is installed with it', async () => {
  const { dependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const loaded = await externals();
  expect(loaded.size).toBeGreaterThan(10);
  expect([...loaded].filter((name) => !(name in dependencies))).toEqual([]);
});

describe('packed', () => {
  let packed: string;
  let files: Packed[];
  const names = () => files.map(({ name }) => name);
  const outside = () => files.filter(({ at }) => at === null).map(({ name }) => name);

  beforeAll(async () => {
    packed = await pack(folder);
    files = await listArchive(path.join(packed, 'resources/app.asar'));
  });

  test('every production package is there, and of our own only what runs', async () => {
    const wanted = (await productionPackages()).filter((name) => !/musl/.test(name));
    const there = new Set(names().filter((name) => name.endsWith('/package.json')));
    expect(wanted.filter((name) => !there.has(`${name}/package.json`))).toEqual([]);
    const own = names().filter(
      (name) => !name.startsWith('node_modules/') && !/^out\/(main|preload|renderer)\//.test(name),
    );
    expect(own.sort()).toEqual(['LICENSE', 'NOTICE.md', 'package.json', 'resources/models.json']);
    expect(names().filter((name) => name.endsWith('.map'))).toEqual([]);
  });

  test('native libraries and the weights lie outside the archive, and only those of this system', () => {
    const native = names().filter((name) => /\.(node|dylib|dll)$|\.so(\.|$)/.test(name));
    expect(native.filter((name) => !outside().includes(name))).toEqual([]);
    for (const part of [
      'onnxruntime_binding.node',
      'libonnxruntime.so',
      'sharp-linux-x64',
      'libvips-cpp.so',
      'linux-x64-gnu/index.node',
      'centernet.bin',
    ])
      expect(
        outside().some((name) => name.includes(part)),
        part,
      ).toBe(true);
    expect(native.filter((name) => /darwin|win32|arm64|musl/.test(name))).toEqual([]);
  });

  test('19: the fuses are set', async () => {
    const wire = await getCurrentFuseWire(path.join(packed, 'ttfnet-studio'));
    const on = (fuse: FuseV1Options) => String.fromCharCode(wire[fuse]!) === '1';
    expect(on(FuseV1Options.RunAsNode)).toBe(false);
    expect(on(FuseV1Options.EnableNodeOptionsEnvironmentVariable)).toBe(false);
    expect(on(FuseV1Options.EnableNodeCliInspectArguments)).toBe(false);
    expect(on(FuseV1Options.GrantFileProtocolExtraPrivileges)).toBe(false);
    expect(on(FuseV1Options.EnableCookieEncryption)).toBe(true);
    expect(on(FuseV1Options.EnableEmbeddedAsarIntegrityValidation)).toBe(true);
    expect(on(FuseV1Options.OnlyLoadAppFromAsar)).toBe(true);
  });

  test('what lies outside the archive is listed inside it with its hashes, and a changed or added file is found', async () => {
    const app = path.join(folder, 'looked-at');
    await extractArchive(path.join(packed, 'resources/app.asar'), app);
    const archive = path.join(packed, 'resources/app.asar');
    const list = path.join(app, unpackedList);
    expect(strangeFiles(archive, list)).toEqual([]);
    const weights = outside().find((name) => name.endsWith('centernet.bin'))!;
    const file = path.join(`${archive}.unpacked`, weights);
    const bytes = await readFile(file);
    await rm(file); // it may share its bytes with the installed one
    await writeFile(file, Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes.at(-1)! ^ 1)]));
    await writeFile(path.join(`${archive}.unpacked`, 'added.node'), 'x');
    expect(strangeFiles(archive, list)).toEqual(['added.node', weights]);
    expect(strangeFiles(archive, list, 'darwin')).toEqual([weights]); // native code is signed there
    expect(strangeFiles(archive, path.join(folder, 'no-list.json'))).toHaveLength(outside().length + 1);
    await rm(path.join(`${archive}.unpacked`, 'added.node'));
    await writeFile(file, bytes);
    expect(strangeFiles(archive, list)).toEqual([]);
  });

  test('the packed program opens projects, decodes pictures and detects, away from this repository', async () => {
    const app = path.join(folder, 'extracted');
    await extractArchive(path.join(packed, 'resources/app.asar'), app);
    const images = path.join(folder, 'images');
    await writePictures(images, 1);
    await rm(path.join(images, 'broken.jpg'));
    const env = { ...process.env, TTFNET_STUDIO_DATA: path.join(folder, 'data') };
    const cli = (...words: string[]) =>
      run(process.execPath, [path.join(app, 'out/main/cli.js'), ...words], { env, cwd: folder });
    expect((await cli('models')).stdout).toContain('ttfnet-53'); // from resources/models.json
    await cli('project', 'create', images);
    const to = path.join(folder, 'found');
    await cli('detect', images, '--model', 'coco-mobilenetv3', '--out', to);
    expect((await readdir(to)).length).toBeGreaterThan(0);
  });
});

test('icons of every system and size are drawn from one picture', async () => {
  const to = path.join(folder, 'icons');
  await makeIcons(path.join(root, 'resources/icon.svg'), to);
  for (const side of [16, 32, 48, 64, 128, 256, 512, 1024]) {
    const { width, height, hasAlpha } = await sharp(path.join(to, 'png', `${side}x${side}.png`)).metadata();
    expect([width, height, hasAlpha]).toEqual([side, side, true]);
  }
  const ico = await readFile(path.join(to, 'icon.ico'));
  const count = ico.readUInt16LE(4);
  expect(count).toBe(7);
  for (let i = 0; i < count; i++) {
    const [size, offset] = [ico.readUInt32LE(6 + 16 * i + 8), ico.readUInt32LE(6 + 16 * i + 12)];
    const { width } = await sharp(ico.subarray(offset, offset + size)).metadata();
    expect(width).toBe(ico[6 + 16 * i] || 256);
  }
  const icns = await readFile(path.join(to, 'icon.icns'));
  expect([icns.toString('latin1', 0, 4), icns.readUInt32BE(4)]).toEqual(['icns', icns.length]);
  const sides: number[] = [];
  for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
    const { width } = await sharp(icns.subarray(at + 8, at + icns.readUInt32BE(at + 4))).metadata();
    sides.push(width);
  }
  expect(new Set(sides)).toEqual(new Set([32, 64, 128, 256, 512, 1024]));
  for (const name of ['icon.ico', 'icon.icns']) expect((await stat(path.join(to, name))).size).toBeLessThan(5_000_000);
});
