// writeFileAtomic: content, replacement, and what failure leaves behind (full disk, missing or read-only folder).
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../../src/core/files/atomicWrite.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ttfnet-atomic-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('writeFileAtomic', () => {
  it('writes text, bytes and pieces, and replaces what was there', async () => {
    const file = path.join(folder, 'a.txt');
    await writeFileAtomic(file, 'Straße 路');
    expect(readFileSync(file, 'utf8')).toBe('Straße 路');
    await writeFileAtomic(file, Uint8Array.of(1, 2));
    expect([...readFileSync(file)]).toEqual([1, 2]);
    await writeFileAtomic(file, [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
    expect([...readFileSync(file)]).toEqual([1, 2, 3]);
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it('writes pieces as they are made, and leaves the old file when their maker fails', async () => {
    const file = path.join(folder, 'a.txt');
    async function* pieces(fail: boolean): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Uint8Array.of(7, 8));
      if (fail) throw new Error('the maker failed');
      yield Uint8Array.of(9);
    }
    await writeFileAtomic(file, pieces(false));
    await expect(writeFileAtomic(file, pieces(true))).rejects.toThrow('the maker failed');
    expect([...readFileSync(file)]).toEqual([7, 8, 9]);
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it('takes names as long as the file system does', async () => {
    const long = path.join(folder, 'long');
    mkdirSync(long);
    await writeFileAtomic(path.join(long, 'x'.repeat(255)), 'ok');
    expect(readdirSync(long)).toEqual(['x'.repeat(255)]);
  });

  it('names a missing folder and leaves nothing', async () => {
    const file = path.join(folder, 'nowhere', 'a.txt');
    await expect(writeFileAtomic(file, 'x')).rejects.toMatchObject({ code: 'file-missing' });
    await expect(writeFileAtomic(file, 'x')).rejects.toThrow(file);
  });

  it('fails on a folder in the way and removes the temporary file', async () => {
    const outer = path.join(folder, 'outer');
    mkdirSync(path.join(outer, 'taken'), { recursive: true });
    writeFileSync(path.join(outer, 'taken', 'inside'), '');
    await expect(writeFileAtomic(path.join(outer, 'taken'), 'x')).rejects.toMatchObject({ code: 'file-permission' });
    expect(readdirSync(outer)).toEqual(['taken']);
  });
});

/** A disk of 64 KiB, or null where this user may not mount one. */
function tinyDisk(): string | null {
  const at = mkdtempSync(path.join(tmpdir(), 'ttfnet-tiny-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at], { stdio: 'ignore' });
    return at;
  } catch {
    rmSync(at, { recursive: true, force: true });
    return null;
  }
}

const disk = tinyDisk();
afterAll(() => {
  if (disk === null) return;
  execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

describe.skipIf(disk === null)(
  'writeFileAtomic on a full disk (skipped where mounting a tmpfs is not permitted)',
  () => {
    it('reports disk-full, keeps the old content, leaves no temporary file', async () => {
      const file = path.join(disk!, 'labels.json');
      await writeFileAtomic(file, 'old');
      const big = new Uint8Array(200_000);
      await expect(writeFileAtomic(file, big)).rejects.toMatchObject({ code: 'disk-full' });
      await expect(writeFileAtomic(file, big)).rejects.toThrow('labels.json');
      expect(readFileSync(file, 'utf8')).toBe('old');
      expect(readdirSync(disk!)).toEqual(['labels.json']);
      await writeFileAtomic(file, 'new');
      expect(readFileSync(file, 'utf8')).toBe('new');
    });
  },
);
