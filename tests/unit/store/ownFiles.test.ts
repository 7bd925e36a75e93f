// What a project names lies below its own side folder: copies keep to their own runs, crafted and linked paths lead nowhere.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, it, test } from 'vitest';
import { Jobs } from '../../../src/app/host/jobs.ts';
import { Models } from '../../../src/app/host/models.ts';
import type { OpenProject } from '../../../src/app/host/openProject.ts';
import { Trainings } from '../../../src/app/host/trainings.ts';
import type { Workers } from '../../../src/app/worker/workers.ts';
import { runOnce } from '../../../src/core/store/driver.ts';
import { ownFolder, ownPath } from '../../../src/core/store/ownFiles.ts';
import { Project } from '../../../src/core/store/project.ts';
import { run010, unpack010 } from '../../support/version010.ts';
import { keep, newFolder, newProject } from './support.ts';

const side = (folder: string): string => path.join(folder, '.ttfnet-studio');
const config = { start: 'base', preset: 'quick' };

/** As much of an open project as deleting and resuming need. */
const opened = (store: Project): OpenProject => ({ id: store.file, store, changed: () => undefined }) as never;
const workers = { vision: { call: () => Promise.resolve({ classes: ['cat'], inputSize: 64 }) } } as unknown as Workers;
const trainings = (): Trainings => new Trainings(workers, new Jobs(), null as never);

/** A folder that is no business of the project. */
function victim(): string {
  const folder = newFolder();
  writeFileSync(path.join(folder, 'config.json'), 'mine');
  return folder;
}
const isWhole = (folder: string): boolean => readFileSync(path.join(folder, 'config.json'), 'utf8') === 'mine';

/** A closed project with one run that has a folder. */
async function withRun(): Promise<{ root: string; file: string; folder: string }> {
  const p = newProject();
  const { folder } = p.startRun({ name: 'first', config });
  mkdirSync(folder!, { recursive: true });
  writeFileSync(path.join(folder!, 'config.json'), '{}');
  p.updateRun(1, { status: 'stopped' });
  await p.close();
  return { root: p.root, file: p.file, folder: folder! };
}

it('deletes and resumes only its own runs in a copied project', async () => {
  const { root, folder } = await withRun();
  const copy = path.join(newFolder(), 'copy');
  cpSync(root, copy, { recursive: true });
  const p = keep(Project.open(copy, { backupMinutes: 0 }));
  const own = path.join(copy, path.relative(root, folder));
  expect(p.run(1).folder).toBe(own);
  await trainings().delete(opened(p), 1);
  expect([existsSync(own), existsSync(folder), p.runs()]).toEqual([false, true, []]);
});

test.each([
  ['an absolute path', (_root: string, v: string) => v],
  ['a path upwards', (root: string, v: string) => path.relative(side(root), v)],
  ['the side folder itself', () => '.'],
])('%s in a run row is refused for read, write and delete, kept, and said', async (_, name) => {
  const { root, file } = await withRun();
  const outside = victim();
  const named = name(root, outside);
  runOnce(file, `UPDATE run SET folder = CAST(x'${Buffer.from(named).toString('hex')}' AS TEXT)`);
  const p = keep(Project.open(root, { backupMinutes: 0 }));
  expect(p.run(1).folder).toBeNull();
  expect(p.notices[0]).toMatch(/1 run names a folder outside of this project, such as "first"/);
  expect(() => trainings().resume(opened(p), 1)).toThrow(/outside of this project/);
  expect(await trainings().metrics(p.run(1))).toEqual([]);
  const models = await Models.of(opened(p), workers);
  expect(() => models.reference(`run-${p.run(1).uid}`)).toThrow(/outside of this project/);
  expect((await models.list()).map(({ kind }) => kind)).toEqual(['base']);
  await models.delete(`run-${p.run(1).uid}`);
  await trainings().delete(opened(p), 1);
  expect([isWhole(outside), existsSync(side(root)), p.runs()]).toEqual([true, true, []]);
});

it('follows no link out of the side folder', async () => {
  const { root, file, folder } = await withRun();
  const outside = victim();
  renameSync(folder, `${folder}-moved`);
  symlinkSync(outside, folder);
  const p = keep(Project.open(root, { backupMinutes: 0 }));
  expect(p.run(1).folder).toBeNull();
  await trainings().delete(opened(p), 1);
  expect(isWhole(outside)).toBe(true);
  symlinkSync('/nowhere/at/all', path.join(side(root), 'runs', 'dead'));
  mkdirSync(path.join(side(root), 'runs', 'inner'));
  symlinkSync(outside, path.join(side(root), 'runs', 'inner', 'checkpoints'));
  expect([ownPath(file, 'runs/dead'), ownPath(file, 'runs/x\0y')]).toEqual([null, null]);
  expect(ownFolder(file, 'runs/inner')).toBeNull();
});

test.each(['lock.sqlite', 'backups', 'runs', 'models.json'])(
  'a link %s in the side folder makes the project read-only',
  async (name) => {
    const { root, file } = await withRun();
    const target = path.join(newFolder(), 'there');
    const link = path.join(side(root), name);
    if (existsSync(link)) renameSync(link, target);
    symlinkSync(target, link);
    const p = keep(Project.open(root, { backupMinutes: 0 }));
    expect(p.readOnlyReason).toContain(`${link} is a link to another place`);
    expect(p.file).toBe(file);
  },
);

it('removes no file that the list of imported models names elsewhere', async () => {
  const { root } = await withRun();
  const outside = victim();
  const file = path.relative(path.join(side(root), 'models'), path.join(outside, 'config.json'));
  const entry = { id: 'import-1', file, name: 'theirs', note: '', createdAt: 1 };
  writeFileSync(path.join(side(root), 'models.json'), JSON.stringify({ current: 'base', imports: [entry] }));
  const p = keep(Project.open(root, { backupMinutes: 0 }));
  const models = await Models.of(opened(p), workers);
  expect(() => models.reference('import-1')).toThrow(/names a file outside of this project/);
  expect((await models.list()).map(({ kind }) => kind)).toEqual(['base']);
  await models.delete('import-1');
  expect([isWhole(outside), (await models.list()).length]).toEqual([true, 1]);
});

it("makes the runs of version 0.1.0 the project's own, wherever it is now, and leaves others alone", async () => {
  const folder = await unpack010();
  const p = keep(Project.open(path.join(folder, 'pictures'), { backupMinutes: 0 }));
  expect(p.runs().map((run) => [run.name, run.folder])).toEqual([
    ['Elsewhere', null],
    ['First run', path.join(folder, run010)],
  ]);
  expect(p.run(2).named).toBe('/home/someone/experiments/run-7');
  expect(p.notices).toEqual([expect.stringContaining('/home/someone/experiments/run-7')]);
  expect(readdirSync(p.run(1).folder!)).toContain('checkpoints');
});
