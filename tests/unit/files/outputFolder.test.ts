// Folders of results: whole or empty, never mixed with what was there, and usable again after a kill.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { fillFolder, requireEmpty } from '../../../src/core/files/outputFolder.ts';
import { outputKindOf, outputMarker } from '../../../src/core/files/outputMarker.ts';

let folder: string;
beforeEach(async () => {
  const made = await mkdtemp(path.join(tmpdir(), 'ttfnet-output-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  folder = path.join(made, 'out');
});

/** Writes `a.txt` and `sub/b.txt`. */
async function fill(inside: string): Promise<string> {
  await writeFile(path.join(inside, 'a.txt'), 'a');
  await mkdir(path.join(inside, 'sub'));
  await writeFile(path.join(inside, 'sub', 'b.txt'), 'b');
  return 'done';
}

const names = async () => (await readdir(folder)).sort();
/** A number that no process has: above the largest that Linux gives. */
const deadPid = 4_194_305;

describe('fillFolder', () => {
  it('makes the folder, fills it and marks it', async () => {
    expect(await fillFolder(folder, 'labels', fill)).toBe('done');
    expect(await names()).toEqual([outputMarker, 'a.txt', 'sub']);
    expect(await readFile(path.join(folder, 'sub', 'b.txt'), 'utf8')).toBe('b');
    expect(await outputKindOf(folder)).toBe('labels');
  });

  it('refuses a folder that holds anything, and changes nothing in it', async () => {
    await fillFolder(folder, 'labels', fill);
    await writeFile(path.join(folder, 'a.txt'), 'mine');
    await expect(fillFolder(folder, 'labels', fill)).rejects.toMatchObject({
      code: 'argument-invalid',
      message: `${folder} is not empty: what is written would be mixed with the 2 files and folders there. Choose a new or empty folder.`,
    });
    expect(await readFile(path.join(folder, 'a.txt'), 'utf8')).toBe('mine');
  });

  it("takes an empty folder, also one with the system's own files", async () => {
    await mkdir(folder);
    await writeFile(path.join(folder, '.DS_Store'), '');
    await fillFolder(folder, 'labels', fill);
    expect(await names()).toEqual(['.DS_Store', outputMarker, 'a.txt', 'sub']);
  });

  it('leaves nothing behind when the filling fails: a new folder is gone, an old one is empty', async () => {
    const failing = async (inside: string) => {
      await fill(inside);
      throw new Error('no');
    };
    await expect(fillFolder(folder, 'labels', failing)).rejects.toThrow('no');
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(folder);
    await expect(fillFolder(folder, 'labels', failing)).rejects.toThrow('no');
    expect(await names()).toEqual([]);
  });

  it('clears what a killed call left while it was filling', async () => {
    const left = path.join(folder, `.ttfnet-unfinished-${deadPid}`);
    await mkdir(path.join(left, 'labels'), { recursive: true });
    await writeFile(path.join(left, 'labels', 'old.txt'), '');
    await fillFolder(folder, 'labels', fill);
    expect(await names()).toEqual([outputMarker, 'a.txt', 'sub']);
  });

  it('clears what a killed call left while it was moving, and only that', async () => {
    const left = path.join(folder, `.ttfnet-unfinished-${deadPid}`);
    await mkdir(left, { recursive: true });
    await writeFile(path.join(left, '.moved'), 'old.txt\nlabels\n../precious.txt\n..\n');
    await mkdir(path.join(folder, 'labels'));
    await writeFile(path.join(folder, 'old.txt'), '');
    const precious = path.join(folder, '..', 'precious.txt');
    await writeFile(precious, 'mine');
    await fillFolder(folder, 'labels', fill);
    expect(await names()).toEqual([outputMarker, 'a.txt', 'sub']);
    expect(await readFile(precious, 'utf8')).toBe('mine');
  });

  it("keeps somebody's files that came to the leftovers", async () => {
    await mkdir(path.join(folder, `.ttfnet-unfinished-${deadPid}`), { recursive: true });
    await writeFile(path.join(folder, 'notes.txt'), 'mine');
    await expect(fillFolder(folder, 'labels', fill)).rejects.toMatchObject({ code: 'argument-invalid' });
    expect(await readFile(path.join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('refuses a folder that is being filled: by this process or by another', async () => {
    let inner: unknown;
    await fillFolder(folder, 'labels', async (inside) => {
      inner = await fillFolder(folder, 'labels', fill).catch((error: unknown) => error);
      return fill(inside);
    });
    expect(inner).toMatchObject({
      code: 'argument-invalid',
      message: expect.stringContaining('is writing into') as string,
    });
    const other = path.join(folder, '..', 'other');
    await mkdir(path.join(other, `.ttfnet-unfinished-${process.ppid}`), { recursive: true });
    await expect(requireEmpty(other)).rejects.toMatchObject({ said: { key: 'folder.inUse' } });
  });

  it('refuses a file in the place of the folder', async () => {
    await writeFile(folder, '');
    await expect(fillFolder(folder, 'labels', fill)).rejects.toMatchObject({ code: 'file-permission' });
  });
});
