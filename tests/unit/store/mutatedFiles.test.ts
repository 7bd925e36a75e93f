// Damaged and hostile project files: whatever bytes are in one, it is opened, merged, restored and edited, or refused, by a process that lives.
import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { runOnce } from '../../../src/core/store/driver.ts';
import { lockFile } from '../../../src/core/store/location.ts';
import { Project } from '../../../src/core/store/project.ts';
import { restoreBackup } from '../../../src/core/store/restoreBackup.ts';
import type { Tried } from '../../support/mutatedProjects.ts';
import { ann, keep, newFolder, newProject, square } from './support.ts';

const count = process.env['TTFNET_LONG'] === '1' ? 700 : 40;
const child = path.resolve(import.meta.dirname, '../../support/mutatedProjects.ts');
const codes = ['project-damaged', 'project-version', 'file-missing', 'argument-invalid', 'project-locked'];

/** A closed project with a past: classes, boxes, undone edits, checkpoints, a run. */
async function wholeProject(): Promise<string> {
  const p = newProject(12);
  p.addClasses(ann, [{ name: 'Übung' }]);
  for (const image of [1, 2, 3, 4])
    p.edit(ann, [{ image, ops: [{ type: 'add', classId: 1, box: square(image) }] }], { action: 'draw' });
  p.undo(ann);
  p.checkpoint(ann, 'half way');
  p.startRun({ name: 'first', config: { start: 'base', preset: 'quick' } });
  await p.close();
  return p.file;
}

it(`opens or refuses ${count} mutated project files`, { timeout: 600_000 }, async () => {
  const file = await wholeProject();
  const sibling = path.join(newFolder(), 'sibling.sqlite');
  copyFileSync(file, sibling);
  const args = ['--import', 'tsx', child, file, sibling, path.join(newFolder(), 'work'), '1', String(count)];
  const run = promisify(execFile)(process.execPath, args, { maxBuffer: 64 << 20 });
  const { stdout } = await run.catch((thrown: unknown) => {
    const error = thrown as { stdout: string; stderr: string; signal: string };
    throw new Error(`${error.signal}: ${error.stdout.split('\n').at(-2)}\n${error.stderr.slice(-1000)}`);
  });
  const lines = stdout.trim().split('\n');
  const tried = lines.map((line) => JSON.parse(line) as Tried).filter((t) => 'refused' in t);
  expect(tried).toHaveLength(count);
  const wrong = tried.filter(({ refused }) => Object.values(refused).some((code) => !codes.includes(code)));
  expect(wrong).toEqual([]);
});

const texts = [
  ['meta', 'value'],
  ['class', 'name'],
  ['class', 'key'],
  ['image', 'path'],
  ['image', 'phash'],
  ['box', 'id'],
  ['change_set', 'label'],
  ['run', 'folder'],
  ['run', 'metrics'],
] as const;

it.each(texts)('names %s.%s when its text is no UTF-8, in opening, merging and restoring', async (table, column) => {
  const file = await wholeProject();
  const sibling = path.join(newFolder(), 'sibling.sqlite');
  copyFileSync(file, sibling);
  const rows = ['meta', 'box'].includes(table) ? '' : ' WHERE rowid = (SELECT max(rowid) FROM "' + table + '")';
  const value = table === 'box' ? "CAST(CAST(id AS BLOB) || x'ff' AS TEXT)" : "CAST(x'63ff74' AS TEXT)";
  runOnce(file, `UPDATE "${table}" SET "${column}" = ${value}${rows}`);
  const refusal = new RegExp(`${file.replaceAll('.', '\\.')}.*"${column}".*"${table}"`);
  expect(() => Project.open(file)).toThrow(refusal);
  expect(() => Project.open(file, { readOnly: true })).toThrow(refusal);
  const own = keep(Project.open(sibling));
  expect(() => own.previewMerge(file)).toThrow(refusal);
  expect(() => own.merge(ann, file, {})).toThrow(refusal);
  await own.close();
  expect(() => restoreBackup(sibling, file)).toThrow(refusal);
});

it('shows the backup of a project whose text is damaged, and finds a damaged history in a check', async () => {
  const p = keep(Project.open(await wholeProject()));
  await p.backUp();
  await p.close();
  runOnce(p.file, "UPDATE change SET body = CAST(x'7bff7d' AS TEXT) WHERE id = 1");
  const opened = keep(Project.open(p.file));
  expect(() => opened.check()).toThrow(/"body".*"change"/);
  expect(() => opened.restore(ann, 0)).toThrow(/history can't be read/);
  expect(() => opened.addClasses(ann, [{ name: 'owl' }])).toThrow(/is damaged/);
  await opened.close();
  runOnce(p.file, "UPDATE class SET name = CAST(x'63ff74' AS TEXT) WHERE id = 1");
  const shown = keep(Project.open(p.file));
  expect(shown.notices[0]).toMatch(/"name" of table "class".*newest good backup/);
  expect(shown.classes()[0]!.name).toBe('cat');
});

it.each([
  ['a trigger', 'CREATE TRIGGER t AFTER INSERT ON box BEGIN DELETE FROM box; END'],
  ['a view', 'CREATE VIEW v AS SELECT * FROM box'],
  ['another column', "ALTER TABLE class ADD COLUMN more TEXT NOT NULL DEFAULT ''"],
  ['a lost table', 'DROP TABLE undo_entry'],
  ['untyped columns', 'DROP TABLE meta; CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)'],
])('takes a database with %s for none of its projects', async (_, sql) => {
  const file = await wholeProject();
  runOnce(file, sql);
  expect(() => Project.open(file)).toThrow(/not a project of this program/);
});

it('reads the name of a lock holder whatever bytes it is made of', async () => {
  const file = await wholeProject();
  runOnce(lockFile(file), "INSERT INTO holder VALUES (1, CAST(x'63ff74' AS TEXT), 5)");
  expect(keep(Project.open(file, { readOnly: true })).holder).toMatchObject({ host: 'c\ufffdt' });
});
