// What the tests of the store against the world share: folders, projects, the process that is killed, mounts.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, expect } from 'vitest';
import { Driver } from '../../../src/core/store/driver.ts';
import { Project } from '../../../src/core/store/project.ts';
import { loadState, patchState } from '../../../src/core/store/state.ts';
import type { ChangeBody } from '../../../src/core/store/state.ts';
import type { Actor, ImageFacts } from '../../../src/core/store/types.ts';
import { said } from '../../../src/shared/said.ts';

const childScript = path.join(import.meta.dirname, 'storeChild.ts');
/** Whether the long runs were asked for. */
export const long = process.env['TTFNET_LONG'] === '1';
export const ann: Actor = { author: 'person', who: 'Ann', tool: 'label' };
export const fileName = 'ttfnet-studio.sqlite';
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

/** An empty folder, removed at the end. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ttfnet-store-world-'));
  folders.push(folder);
  return folder;
}

/** Closes it after the test. */
export function keep(project: Project): Project {
  open.push(project);
  return project;
}

/** Facts of an image whose content is its path. */
export function factsOf(file: string): ImageFacts {
  const hash = createHash('sha256').update(file).digest('hex');
  return { hash, width: 640, height: 480, orientation: 1, bytes: 1, modified: 1 };
}

/** A project with images 1 to 5 and a class. */
export function newProject(folder: string): Project {
  const project = keep(Project.create(folder, { backupMinutes: 0 }));
  const names = [1, 2, 3, 4, 5].map((n) => `${n}.jpg`);
  project.addImages(names.map((name) => ({ path: name, facts: factsOf(name) })));
  project.addClasses(ann, [{ name: 'cat' }]);
  return project;
}

/** What the child says: that it has opened the project, or what is on disk now. */
export interface Said {
  open?: boolean;
  pid?: number;
  seq?: number;
  image?: number;
  boxes?: [string, number, number][];
  checkpoint?: string;
  notices?: string[];
}

/** Starts the editing process; `said` fills with what it says, `first` resolves with its greeting. */
export function startChild(
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
export function expectDerivedState(file: string): void {
  const db = new Driver(file, { readOnlyReason: said('project.forReading', { file }) });
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

/** Everything that the child said it had saved must be there. */
export function expectAllSaid(project: Project, said: readonly Said[]): void {
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

/** A mount made for a test; null, with the reason in the log, where mounting isn't permitted. */
export function mount(args: string[], at: string): string | null {
  const { status, stderr } = spawnSync('mount', [...args, at], { encoding: 'utf8' });
  if (status === 0) mounts.push(at);
  else console.warn(`skipped: this machine doesn't permit mounting (${stderr.trim() || 'no mount command'})`);
  return status === 0 ? at : null;
}

/** Fills a small disk up to `free` bytes. */
export function fillUp(folder: string, free: number): string {
  const ballast = path.join(folder, 'ballast');
  rmSync(ballast, { force: true });
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, new Uint8Array(Math.max(0, bavail * bsize - free)));
  return ballast;
}

/** A folder seen read-only at another place; null where mounting isn't permitted. */
export function readOnly(folder: string): string | null {
  const at = newFolder();
  if (mount(['--bind', folder], at) === null) return null;
  return spawnSync('mount', ['-o', 'remount,bind,ro', at]).status === 0 ? at : null;
}
