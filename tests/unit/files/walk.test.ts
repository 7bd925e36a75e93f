// The one walk through a folder: order, links, what is left out and said.
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { markOutput, outputKindOf, requireInput } from '../../../src/core/files/outputMarker.ts';
import { walkFolder } from '../../../src/core/files/walk.ts';
import { isImageName } from '../../../src/shared/imageFiles.ts';

let work: string;
beforeEach(async () => {
  work = await mkdtemp(path.join(os.tmpdir(), 'walk-'));
});
afterEach(async () => {
  await rm(work, { recursive: true, force: true });
});

async function touch(...files: string[]): Promise<void> {
  for (const file of files) {
    await mkdir(path.dirname(path.join(work, file)), { recursive: true });
    await writeFile(path.join(work, file), '');
  }
}

async function walked(recursive = true): Promise<{ files: string[]; left: string[] }> {
  const { files, passedOver } = await walkFolder(work, { recursive });
  return { files: files.map((f) => f.path), left: passedOver.map((p) => `${p.path} ${p.said.key}`) };
}

/** Runs `work` without root's right to enter everything; as another person it is run as it is. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  return work().finally(() => isRoot && process.seteuid?.(0));
}

describe('a walk through a folder', () => {
  it('lists files in natural order, sub-folders behind, hidden ones left out', async () => {
    await touch('img10.jpg', 'img9.jpg', 'sub/a.txt', '.hidden/x.jpg', '.x.jpg', 'node_modules/y.jpg');
    expect(await walked()).toEqual({ files: ['img9.jpg', 'img10.jpg', 'sub/a.txt'], left: [] });
    expect(await walked(false)).toEqual({ files: ['img9.jpg', 'img10.jpg'], left: [] });
  });

  it('follows links to files and folders, enters each folder once and its real path first', async () => {
    await touch('real/1.jpg', 'other/2.jpg');
    const away = await mkdtemp(path.join(os.tmpdir(), 'away-'));
    await writeFile(path.join(away, '3.jpg'), '');
    await symlink(path.join(work, 'real'), path.join(work, 'a-link-to-real'));
    await symlink(work, path.join(work, 'real/loop'));
    await symlink(path.join(work, 'other/2.jpg'), path.join(work, '2.jpg'));
    await symlink(away, path.join(work, 'away'));
    await symlink(path.join(work, 'gone'), path.join(work, 'dead.jpg'));
    const found = await walked();
    expect(found.files).toEqual(['2.jpg', 'away/3.jpg', 'other/2.jpg', 'real/1.jpg']);
    expect(found.left).toEqual(['dead.jpg walk.deadLink']);
    expect((await walked(false)).files).toEqual(['2.jpg']);
    await rm(away, { recursive: true });
  });

  it('passes over pipes and its own results, and says so', async () => {
    await touch('a.jpg', 'found/overlay/a.jpg');
    execFileSync('mkfifo', [path.join(work, 'pipe.jpg')]);
    await markOutput(path.join(work, 'found'), 'detections');
    expect(await walked()).toEqual({
      files: ['a.jpg'],
      left: expect.arrayContaining(['found walk.output', 'pipe.jpg walk.notFile']) as string[],
    });
  });

  it('goes on beside a folder that may not be entered, and says so', async () => {
    await touch('a.jpg', 'locked/b.jpg');
    await chmod(work, 0o755);
    await chmod(path.join(work, 'locked'), 0);
    expect(await asNobody(() => walked())).toEqual({ files: ['a.jpg'], left: ['locked walk.unreadable'] });
  });

  it('refuses a folder that is missing or a file, with the remedy', async () => {
    await touch('a.jpg');
    await expect(walkFolder(path.join(work, 'gone'))).rejects.toThrow(/gone does not exist/);
    await expect(walkFolder(path.join(work, 'a.jpg'))).rejects.toThrow(/is a file\. Name the folder that it lies in/);
  });
});

describe('folders of results', () => {
  it('are no input when they hold detections or a run, at any depth; exported labels are', async () => {
    await markOutput(path.join(work, 'found'), 'detections');
    await mkdir(path.join(work, 'found/overlay/deep'), { recursive: true });
    await expect(requireInput(path.join(work, 'found/overlay/deep'))).rejects.toMatchObject({
      code: 'argument-invalid',
      message: expect.stringMatching(/found holds detections.*delete the file \.ttfnet-output/) as string,
    });
    await markOutput(path.join(work, 'run'), 'run');
    await expect(requireInput(path.join(work, 'run'))).rejects.toThrow(/folder of a training run/);
    await markOutput(path.join(work, 'labels'), 'labels');
    await expect(requireInput(path.join(work, 'labels'))).resolves.toBeUndefined();
    await expect(requireInput(work)).resolves.toBeUndefined();
    expect(await outputKindOf(work)).toBeNull();
  });
});

describe('names of pictures', () => {
  it.each(['a.jpg', 'A.JPEG', 'b/c.jpe', 'x.png', 'x.WebP', 'x.tif', 'x.tiff', 'x.bmp', 'x.gif', 'x.avif'])(
    '%s',
    (name) => {
      expect(isImageName(name)).toBe(true);
    },
  );
  it.each(['jpg', 'a.txt', 'a.jpg.txt', 'a', ''])('%j is none', (name) => {
    expect(isImageName(name)).toBe(false);
  });
});
