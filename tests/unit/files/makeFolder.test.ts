// Folders that can't be made say why, at once; what writes that were killed left is cleared away, and nothing else.
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clearTemporary } from '../../../src/core/files/atomicWrite.ts';
import { makeFolder } from '../../../src/core/files/makeFolder.ts';

let work: string;
beforeAll(async () => (work = await mkdtemp(path.join(tmpdir(), 'ttfnet-folders-'))));
afterAll(() => rm(work, { recursive: true, force: true }));

it('makes what is missing above, and is content with what is there', async () => {
  const folder = path.join(work, 'a/b/c');
  await Promise.all([makeFolder(folder), makeFolder(folder), makeFolder(path.join(work, 'a/b/d'))]);
  await makeFolder(folder);
  expect((await stat(folder)).isDirectory()).toBe(true);
});

it('names the file that is in the way, also further up', async () => {
  await writeFile(path.join(work, 'file'), '');
  for (const folder of ['file', 'file/x', 'file/x/y'])
    await expect(makeFolder(path.join(work, folder))).rejects.toThrow(`${path.join(work, 'file')} is a file`);
});

it.skipIf(process.platform !== 'linux')('ends where nothing can be made (only on Linux)', async () => {
  await expect(makeFolder('/proc/x/y')).rejects.toMatchObject({ code: 'file-permission' });
});

it('clears temporary files of ended processes only', async () => {
  const folder = path.join(work, 'left');
  await makeFolder(folder);
  const hex = '0123456789abcdef';
  const old = [
    `.ttfnet-${hex}.tmp`,
    `.ttfnet-999999999-${hex}.tmp`,
    `.ttfnet-${process.pid}-${hex}.tmp`,
    '.ttfnet-x.tmp',
  ];
  const fresh = `.ttfnet-999999998-${hex}.tmp`;
  for (const name of [...old, fresh]) await writeFile(path.join(folder, name), '');
  for (const name of old) await utimes(path.join(folder, name), 1, 1);
  await clearTemporary(folder);
  expect((await readdir(folder)).sort()).toEqual([fresh, `.ttfnet-${process.pid}-${hex}.tmp`, '.ttfnet-x.tmp'].sort());
});
