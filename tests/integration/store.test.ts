// The store against the world: killed at random moments, a full disk, another process, a read-only disk.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Driver } from '../../src/core/store/driver.ts';
import { loadState, patchState } from '../../src/core/store/state.ts';
import type { ChangeBody } from '../../src/core/store/state.ts';
import { Project } from '../../src/core/store/project.ts';
import type { Actor, ImageFacts } from '../../src/core/store/types.ts';

const childScript = path.join(import.meta.dirname, 'support', 'storeChild.ts');
const long = process.env['TTFNET_LONG'] === '1';
const ann: Actor = { author: 'person', who: 'Ann', tool: 'label' };
const fileName = 'ttfnet-studio.sqlite';
const folders: string[] = [];
const mounts: string[] = [];
const children: ChildProcess[] = [];
const open: Project[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const project of open.splice(0)) await project.close().catch(() => undefined);
});

afterAll(() => {
  for (const mount of mounts) spawnSync('umount', ['-l', mount]);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ttfnet-store-world-'));
  folders.push(folder);
  return folder;
}

function keep(project: Project): Project {
  open.push(project);
  return project;
}

function factsOf(file: string): ImageFacts {
  const hash = createHash('sha256').update(file).digest('hex');
  return { hash, width: 640, height: 480, orientation: 1, bytes: 1, modified: 1 };
}

function newProject(folder: string): Project {
  const project = keep(Project.create(folder, { backupMinutes: 0 }));
  const names = [1, 2, 3, 4, 5].map((n) => `${n}.jpg`);
  project.addImages(names.map((name) => ({ path: name, facts: factsOf(name) })));
  project.addClasses(ann, [{ name: 'cat' }]);
  return project;
}

interface Said {
  open?: boolean;
  pid?: number;
  seq?: number;
  image?: number;
  boxes?: [string, number, number][];
  checkpoint?: string;
}

/** Starts the editing process; `said` fills with what it says, `first` resolves with its greeting. */
function startChild(
  folder: string,
  mode: string,
): { child: ChildProcess; said: Said[]; first: Promise<Said>; ended: Promise<void> } {
  const child = spawn(process.execPath, ['--import', 'tsx', childScript, folder, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const said: Said[] = [];
  const lines = createInterface({ input: child.stdout });
  const first = new Promise<Said>((resolve, reject) => {
    lines.on('line', (line) => {
      said.push(JSON.parse(line) as Said);
      if (said.length === 1) resolve(said[0]!);
    });
    child.on('exit', () => reject(new Error('the child ended before it said anything')));
  });
  const ended = new Promise<void>((resolve) => lines.on('close', resolve));
  return { child, said, first, ended };
}

/** The whole history, replayed from nothing, must give the state that the tables hold. */
function expectDerivedState(file: string): void {
  const db = new Driver(file, { readOnlyReason: 'test' });
  for (const image of db.ids('SELECT group_concat(id) FROM image')) {
    const rows = db.all<{ body: string }>('SELECT body FROM change WHERE image = ? ORDER BY seq', [image]);
    const bodies = rows.map((r) => JSON.parse(r.body) as ChangeBody);
    const empty = { boxes: new Map(), status: 0, splitChosen: null };
    const replayed = patchState(empty, bodies, 'after');
    const stored = loadState(db, image);
    expect(new Map([...replayed.boxes].sort())).toEqual(new Map([...stored.boxes].sort()));
    expect(replayed.status).toBe(stored.status);
  }
  db.close();
}

function expectAllSaid(project: Project, said: readonly Said[]): void {
  const names = new Set(project.checkpoints().map((c) => c.label));
  for (const { seq, image, boxes, checkpoint } of said) {
    if (checkpoint !== undefined) expect(names).toContain(checkpoint);
    if (seq === undefined) continue;
    expect(project.snapshot).toBeGreaterThanOrEqual(seq);
    if (image === undefined || !boxes) continue;
    const then = [...project.stateAt(image, seq).boxes].map(([id, value]) => [id, value[0], value[1]]);
    expect(then).toEqual(boxes);
  }
}

describe('killed at random moments', () => {
  const times = long ? 200 : 20;
  it(`keeps everything that was acknowledged (${times} times)`, { timeout: 1_200_000 }, async () => {
    const folder = newFolder();
    await newProject(folder).close();
    let acknowledged = 0;
    for (let i = 0; i < times; i++) {
      const { child, said, first, ended } = startChild(folder, 'all');
      expect((await first).open).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 250));
      child.kill('SIGKILL');
      await ended;
      const project = keep(Project.open(folder, { backupMinutes: 0 }));
      expect([project.readOnlyReason, project.notices]).toEqual([null, []]);
      project.check();
      expectAllSaid(project, said);
      acknowledged += said.length;
      if (i === times - 1) await project.backUp();
      await project.close();
      if (i % 10 === 9) expectDerivedState(project.file);
    }
    expect(readdirSync(path.join(folder, '.ttfnet-studio', 'backups')).filter((n) => n.includes('.part'))).toEqual([]);
    expect(acknowledged).toBeGreaterThan(times * 3);
  });
});

describe('two processes', () => {
  it('tells the second who holds the project, and lets it write when the first was killed', async () => {
    const folder = newFolder();
    await newProject(folder).close();
    const { child, first, ended } = startChild(folder, 'hold');
    const { pid } = await first;
    const second = keep(Project.open(folder));
    expect(second.holder?.pid).toBe(pid);
    expect(second.readOnlyReason).toMatch(new RegExp(`process ${String(pid)} on .* since 20`));
    expect(() => second.checkpoint(ann, 'x')).toThrow(/open read-only/);
    expect(second.counts().images).toBe(5);
    child.kill('SIGKILL');
    await ended;
    const third = keep(Project.open(folder));
    expect([third.readOnlyReason, third.holder]).toEqual([null, null]);
    third.checkpoint(ann, 'x');
  });

  it('leaves the writer whole when the reader comes and goes', async () => {
    const folder = newFolder();
    const project = newProject(folder);
    for (let i = 0; i < 3; i++) {
      const reader = startChild(folder, 'hold');
      expect((await reader.first).open).toBe(false);
      project.checkpoint(ann, `while ${i}`);
      reader.child.kill('SIGTERM');
      await reader.ended;
      project.checkpoint(ann, `after ${i}`);
    }
    await project.close();
    const again = keep(Project.open(folder));
    expect(again.checkpoints()).toHaveLength(6);
  });
});

/** A mount made for a test; null, with the reason in the log, where mounting isn't permitted. */
function mount(args: string[], at: string): string | null {
  const { status, stderr } = spawnSync('mount', [...args, at], { encoding: 'utf8' });
  if (status === 0) mounts.push(at);
  else console.warn(`skipped: this machine doesn't permit mounting (${stderr.trim() || 'no mount command'})`);
  return status === 0 ? at : null;
}

/** Fills a small disk up to `free` bytes. */
function fillUp(folder: string, free: number): string {
  const ballast = path.join(folder, 'ballast');
  rmSync(ballast, { force: true });
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, new Uint8Array(Math.max(0, bavail * bsize - free)));
  return ballast;
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
  function readOnly(folder: string): string | null {
    const at = newFolder();
    if (mount(['--bind', folder], at) === null) return null;
    return spawnSync('mount', ['-o', 'remount,bind,ro', at]).status === 0 ? at : null;
  }

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
