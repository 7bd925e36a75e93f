// A backup put in the project's place: only one of the same project, and without loss whatever is in the way.
import { existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { Backup } from '../../../src/core/store/backups.ts';
import { Project } from '../../../src/core/store/project.ts';
import { restoreBackup } from '../../../src/core/store/restoreBackup.ts';
import { ann, keep, newProject, square } from './support.ts';

async function backedUp(): Promise<{ file: string; backup: Backup; second: Backup }> {
  const p = newProject();
  const draw = (at: number): number =>
    p.edit(ann, [{ image: 1, ops: [{ type: 'add', classId: 1, box: square(at) }] }], { action: 'draw' });
  draw(5);
  const backup = await p.backUp();
  draw(50);
  const second = await p.backUp(backup.at + 3_600_000);
  await p.close();
  return { file: p.file, backup, second };
}

it('refuses the backup of another project, and changes nothing', async () => {
  const [{ file }, stranger] = [await backedUp(), await backedUp()];
  const before = readFileSync(file);
  expect(() => restoreBackup(file, stranger.backup.file)).toThrow(
    /is a backup of another project .* nothing was changed/,
  );
  expect(() => restoreBackup(file, stranger.file)).toThrow(/another project/);
  expect(() => restoreBackup(file, file)).toThrow(/is the project itself/);
  expect(() => restoreBackup(file, `${file}.nowhere`)).toThrow(/does not exist/);
  expect(readFileSync(file).equals(before)).toBe(true);
});

it('knows a damaged project by its own backups', async () => {
  const [{ file, backup }, stranger] = [await backedUp(), await backedUp()];
  truncateSync(file, 0);
  expect(() => restoreBackup(file, stranger.backup.file)).toThrow(/another project/);
  restoreBackup(file, backup.file);
  expect(keep(Project.open(file)).boxes(1)).toHaveLength(1);
});

it('restores its only backup over a file of which nothing is left', async () => {
  const { file, backup, second } = await backedUp();
  rmSync(file);
  rmSync(second.file);
  expect(restoreBackup(file, backup.file)).toBeNull();
  expect(keep(Project.open(file)).notices).toEqual([]);
});

it('names a damaged backup by its own name', async () => {
  const { file, backup } = await backedUp();
  truncateSync(backup.file, 5000);
  expect(() => restoreBackup(file, backup.file)).toThrow(backup.file);
  expect(keep(Project.open(file)).boxes(1)).toHaveLength(2);
});

it('puts the journal and the log of the replaced file aside with it', async () => {
  const { file, backup } = await backedUp();
  for (const suffix of ['-wal', '-journal']) writeFileSync(file + suffix, 'left over');
  const kept = restoreBackup(file, backup.file)!;
  expect([existsSync(`${file}-wal`), existsSync(`${file}-journal`)]).toEqual([false, false]);
  expect(readFileSync(`${kept}-journal`, 'utf8')).toBe('left over');
  expect(readdirSync(path.dirname(file)).filter((name) => name.includes('.new-'))).toEqual([]);
});
