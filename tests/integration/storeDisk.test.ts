// The store and disks: full at each write, read-only, and files that were left there.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Project } from '../../src/core/store/project.ts';
import { restoreBackup } from '../../src/core/store/restoreBackup.ts';
import {
  ann,
  expectDerivedState,
  fileName,
  fillUp,
  keep,
  long,
  mount,
  newFolder,
  newProject,
  readOnly,
} from './support/storeWorld.ts';

/** Labels on all five images, as one import. */
async function importSome(project: Project): Promise<void> {
  const annotations = [{ box: { x1: Math.random() * 300, y1: 0, x2: 305, y2: 5 }, classId: 0 }];
  const images = [1, 2, 3, 4, 5].map((n) => ({ path: `${n}.jpg`, width: 640, height: 480, annotations }));
  const facts = (): never => {
    throw new Error('every image is known');
  };
  await project.import({ classes: ['cat'], imageRoot: project.root, images }, { actor: ann, facts });
}

describe('a full disk', () => {
  const attempts = long ? 120 : 40; // each with 24 KiB more space, so that another write is the one that fails
  it(
    'refuses with a sentence, loses nothing saved, and goes on when there is space',
    { timeout: 600_000 },
    async ({ skip }) => {
      const disk = mount(['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs'], newFolder());
      if (disk === null) return skip();
      const folder = path.join(disk, 'photos');
      mkdirSync(folder);
      let project = newProject(folder);
      const kept: [number, number][] = [];
      let refused = 0;
      for (let i = 0; i < attempts; i++) {
        const ballast = fillUp(disk, i * 24 * 1024);
        for (let n = 0; n < 60; n++) {
          const image = (n % 5) + 1;
          try {
            const op = { type: 'add', classId: 1, box: { x1: n, y1: 0, x2: n + 9, y2: 9 } } as const;
            kept.push([project.edit(ann, [{ image, ops: [op] }], { action: 'draw' }), image]);
            if (n % 20 === 5) await project.backUp(i * 60_000);
            if (n % 10 === 9) project.undo(ann);
            if (n % 15 === 8) project.checkpoint(ann, `c${n}`);
            if (n % 15 === 12) await importSome(project);
          } catch (error) {
            expect(error).toMatchObject({ code: 'disk-full' });
            refused++;
            break;
          }
        }
        project.check();
        if (i % 5 === 4) {
          // Opened anew on the full disk: read-only with the reason, or as ever when a little space is left.
          await project.close().catch((error: unknown) => expect(error).toMatchObject({ code: 'disk-full' }));
          project = Project.open(folder, { backupMinutes: 0 });
          expect(project.counts().images).toBe(5);
          await project.close().catch((error: unknown) => expect(error).toMatchObject({ code: 'disk-full' }));
        }
        truncateSync(ballast, 0);
        if (i % 5 === 4) project = keep(Project.open(folder, { backupMinutes: 0 }));
        expect(project.readOnlyReason).toBeNull();
        for (const backup of project.backups().slice(1)) rmSync(backup.file);
        project.restore(ann, project.history({ action: 'class-add', limit: 1 })[0]!.seq); // keeps the images small
      }
      expect(refused).toBeGreaterThan(5);
      const noted = [1, 2, 3, 4, 5].map((image) => new Set(project.timeline(image).map((t) => t.seq)));
      for (const [seq, image] of kept) expect(noted[image - 1]!.has(seq)).toBe(true);
      expect(
        readdirSync(path.join(folder, '.ttfnet-studio', 'backups')).every((name) => name.endsWith('.sqlite')),
      ).toBe(true);
      await project.close();
      expectDerivedState(project.file);
    },
  );

  it('restores a backup only when there is room, and leaves the project in its place otherwise', async ({ skip }) => {
    const disk = mount(['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs'], newFolder());
    if (disk === null) return skip();
    const project = newProject(disk);
    const backup = await project.backUp();
    project.checkpoint(ann, 'later');
    await project.close();
    const ballast = fillUp(disk, 40_000);
    expect(() => restoreBackup(project.file, backup.file)).toThrow(/disk is full/);
    expect(readdirSync(disk).filter((name) => /new-|replaced-/.test(name))).toEqual([]);
    rmSync(ballast);
    const same = keep(Project.open(disk));
    expect(same.checkpoints()).toHaveLength(1);
    await same.close();
    restoreBackup(project.file, backup.file);
    expect(keep(Project.open(disk)).checkpoints()).toHaveLength(0);
  });

  it('keeps no thumbnails, fails none, and keeps them again when there is room', async ({ skip }) => {
    const disk = mount(['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs'], newFolder());
    if (disk === null) return skip();
    for (let free = 0; free < 200; free += 20) {
      const folder = path.join(disk, String(free));
      mkdirSync(folder);
      const project = newProject(folder);
      const ballast = fillUp(disk, free * 1024);
      const { thumbnails } = project;
      for (let n = 0; n < 30; n++) thumbnails.put(`h${n}`, 64, new Uint8Array(10_000));
      expect(thumbnails.get('h29', 64)).toBeNull();
      rmSync(ballast);
      thumbnails.put('later', 64, new Uint8Array(5));
      expect(thumbnails.get('later', 64)).toHaveLength(5);
      await project.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('opens a project on a disk without a byte left for reading', async ({ skip }) => {
    const disk = mount(['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs'], newFolder());
    if (disk === null) return skip();
    const made = newProject(disk);
    made.checkpoint(ann, 'kept');
    await made.close();
    const ballast = fillUp(disk, 0);
    const project = keep(Project.open(disk));
    expect(project.readOnlyReason).toMatch(/disk is full/);
    expect(project.checkpoints()).toHaveLength(1);
    rmSync(ballast);
    expect(keep(Project.open(disk)).readOnlyReason).toBeNull();
  });

  it('makes no half project', ({ skip }) => {
    const disk = mount(['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs'], newFolder());
    if (disk === null) return skip();
    expect(() => Project.create(disk)).toThrow(/disk is full/);
    expect(readdirSync(disk).filter((name) => name.endsWith('.sqlite'))).toEqual([]);
  });
});

describe('a read-only disk', () => {
  it('opens a project there for reading, and says why', async ({ skip }) => {
    const folder = newFolder();
    const project = newProject(folder);
    project.checkpoint(ann, 'one');
    await project.close();
    const at = readOnly(folder);
    if (at === null) return skip();
    const there = keep(Project.open(at));
    expect(there.readOnlyReason).toMatch(/is read-only, so the project is open read-only/);
    expect(there.checkpoints()).toHaveLength(1);
    expect(there.root).toBe(at);
    expect(() => there.checkpoint(ann, 'two')).toThrow(/read-only/);
  });

  it('opens a project there only to read, log and all', async ({ skip }) => {
    const [folder, copy] = [newFolder(), newFolder()];
    const project = newProject(folder);
    project.checkpoint(ann, 'only in the log');
    for (const suffix of ['', '-wal']) copyFileSync(project.file + suffix, path.join(copy, fileName + suffix));
    await project.close();
    for (const at of [readOnly(folder), readOnly(copy)]) {
      if (at === null) return skip();
      const there = keep(Project.open(at, { readOnly: true }));
      expect(there.checkpoints().map((c) => c.label)).toEqual(['only in the log']);
      expect(there.notices).toEqual([]);
      await there.close();
    }
  });

  it('says there too when the log did not come along', async ({ skip }) => {
    const [folder, copy] = [newFolder(), newFolder()];
    const project = newProject(folder);
    copyFileSync(project.file, path.join(copy, fileName));
    await project.close();
    const at = readOnly(copy);
    if (at === null) return skip();
    for (const asked of [true, false]) {
      const there = keep(Project.open(at, { readOnly: asked }));
      expect(there.notices.join()).toContain(`${path.join(at, fileName)} was copied without its log`);
      await there.close();
    }
  });

  it('reads the log that an unfinished session left there', async ({ skip }) => {
    const [folder, copy] = [newFolder(), newFolder()];
    const project = newProject(folder);
    project.checkpoint(ann, 'only in the log');
    for (const suffix of ['', '-wal']) copyFileSync(project.file + suffix, path.join(copy, fileName + suffix));
    const at = readOnly(copy);
    if (at === null) return skip();
    const there = keep(Project.open(at));
    expect(there.checkpoints().map((c) => c.label)).toEqual(['only in the log']);
    await there.close();
  });

  it("makes the project of a read-only folder beside it, or in the program's folder", async ({ skip }) => {
    const parent = newFolder();
    const photos = path.join(parent, 'photos');
    mkdirSync(photos);
    const at = readOnly(parent);
    if (at === null) return skip();
    const data = newFolder();
    const project = keep(Project.create(path.join(at, 'photos'), { dataFolder: data }));
    expect(path.dirname(project.file)).toBe(path.join(data, 'projects'));
    expect([project.readOnlyReason, project.root]).toEqual([null, path.join(at, 'photos')]);
    await project.close();
    expect(keep(Project.open(path.join(at, 'photos'), { dataFolder: data })).file).toBe(project.file);
    expect(() => Project.create(path.join(at, 'photos'))).toThrow(/there is no place for the project/);
    const beside = newFolder();
    mkdirSync(path.join(beside, 'photos'));
    if (mount(['--bind', photos], path.join(beside, 'photos')) === null) return skip();
    spawnSync('mount', ['-o', 'remount,bind,ro', path.join(beside, 'photos')]);
    const second = keep(Project.create(path.join(beside, 'photos')));
    expect(second.file).toBe(path.join(beside, 'photos.ttfnet-studio.sqlite'));
    expect(existsSync(path.join(beside, '.photos.ttfnet-studio'))).toBe(true);
  });
});
