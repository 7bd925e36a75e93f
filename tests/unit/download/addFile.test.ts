// Importing weight files from disk: only readable ones get in, under their own name, once.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addFile } from '../../../src/core/download/addFile.ts';
import type { ModelEntry } from '../../../src/core/download/modelIndex.ts';
import { writeSafetensors } from '../../../src/core/weights/safetensorsWriter.ts';
import { mountSmallDisk } from '../../support/smallDisk.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'add-'));
});
afterAll(() => rm(root, { recursive: true }));

async function weights(name: string, value: number): Promise<string> {
  const file = path.join(root, name);
  await writeSafetensors(file, [{ name: 'w', dtype: 'float32', shape: [1], data: Float32Array.of(value) }]);
  return file;
}

it('copies a readable file, recognises published ones, and adds it once', async () => {
  const folder = path.join(root, 'models');
  const file = await weights('mine.safetensors', 1);
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 8);
  const entry = { name: 'known', sha256 } as ModelEntry;
  const added = await addFile(file, folder, [{ ...entry, sha256: '000000' }, entry]);
  expect(added).toEqual({ file: path.join(folder, 'mine.safetensors'), kind: 'safetensors', tensors: 1, entry });
  expect(await readFile(added.file)).toEqual(await readFile(file));
  expect((await addFile(file, folder)).entry).toBeNull();
  expect((await addFile(added.file, folder)).file).toBe(added.file);
  expect(await readdir(folder)).toEqual(['mine.safetensors']);
  await weights('mine.safetensors', 2);
  await expect(addFile(file, folder)).rejects.toMatchObject({ code: 'argument-invalid' });
  expect(await readdir(folder)).toEqual(['mine.safetensors']);
});

it('refuses what cannot be read, and makes no folder for it', async () => {
  const folder = path.join(root, 'none');
  const text = path.join(root, 'text.pth');
  await writeFile(text, 'hello');
  await expect(addFile(text, folder)).rejects.toMatchObject({ code: 'model-invalid' });
  await expect(addFile(path.join(root, 'absent'), folder)).rejects.toMatchObject({ code: 'file-missing' });
  const json = path.join(root, 'model.json');
  await writeFile(json, '{"modelTopology":{}}');
  await expect(addFile(json, folder)).rejects.toThrow(/several files/);
  expect(await readdir(root)).not.toContain('none');
});

it('names the models folder when it cannot be made', async () => {
  const file = await weights('ok.safetensors', 1);
  await writeFile(path.join(root, 'file'), '');
  await expect(addFile(file, path.join(root, 'file', 'models'))).rejects.toThrow(path.join(root, 'file', 'models'));
});

const disk = mountSmallDisk('64k');
describe.skipIf(disk === null)(
  `a full disk${disk ? '' : ' (skipped: this machine does not let tests mount one)'}`,
  () => {
    afterAll(() => disk!.unmount());

    it('is named, and nothing of the file is left', async () => {
      const file = path.join(root, 'large.safetensors');
      const data = new Float32Array(50_000);
      await writeSafetensors(file, [{ name: 'w', dtype: 'float32', shape: [50_000], data }]);
      const attempt = addFile(file, disk!.folder);
      await expect(attempt).rejects.toMatchObject({ code: 'disk-full' });
      await expect(attempt).rejects.toThrow(path.join(disk!.folder, 'large.safetensors'));
      expect(await readdir(disk!.folder)).toEqual([]);
    });
  },
);
