// Opening only to read: no lock, nothing written, beside a window that writes or opens meanwhile, after a crash, of an older version.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { Driver } from '../../../src/core/store/driver.ts';
import { lockFile } from '../../../src/core/store/location.ts';
import { migrate } from '../../../src/core/store/migrations/index.ts';
import { Project } from '../../../src/core/store/project.ts';
import { ann, keep, newFolder, newProject, square, summary } from './support.ts';

const fileName = 'ttfnet-studio.sqlite';
const draw = (p: Project, image: number, at: number): number =>
  p.edit(ann, [{ image, ops: [{ type: 'add', classId: 1, box: square(at) }] }], { action: 'draw' });
const read = (folder: string): Project => keep(Project.open(folder, { readOnly: true }));

/** Every file under a folder with its content, to see that nothing was written. */
const contents = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((e) => e.isFile())
      .map((e) => path.join(e.parentPath, e.name))
      .sort()
      .map((file) => [file, readFileSync(file).toString('base64')]),
  );

it('writes nothing, not even beside the file, and refuses edits', async () => {
  const p = newProject();
  draw(p, 1, 5);
  await p.close();
  rmSync(path.join(p.root, '.ttfnet-studio'), { recursive: true });
  const before = contents(p.root);
  const reader = read(p.root);
  expect(summary(reader.boxes(1))).toEqual(['1:5,5,15,15']);
  expect([reader.holder, reader.notices]).toEqual([null, []]);
  expect(() => draw(reader, 1, 9)).toThrow(/opened for reading only/);
  await reader.close();
  expect(contents(p.root)).toEqual(before);
});

it('lets a writer open, edit and close meanwhile, sees what it saves, and names it', async () => {
  const made = newProject();
  await made.close();
  const early = read(made.root);
  const p = keep(Project.open(made.root));
  expect(p.readOnlyReason).toBeNull();
  draw(p, 1, 5);
  expect(summary(early.boxes(1))).toEqual(['1:5,5,15,15']);
  const beside = read(made.root);
  expect(beside.holder).toMatchObject({ pid: process.pid });
  expect(beside.notices).toEqual([]);
  await p.close();
  await beside.close();
  expect(read(made.root).holder).toBeNull();
  const again = keep(Project.open(made.root));
  expect([again.readOnlyReason, again.notices]).toEqual([null, []]);
});

it('takes the name that an ended process left for nobody', async () => {
  const p = newProject();
  await p.close();
  const db = new Driver(lockFile(p.file));
  db.exec(`INSERT INTO holder SELECT 4194999, '${(await import('node:os')).hostname()}', 1`);
  db.close();
  expect(read(p.root).holder).toBeNull();
  const other = new Driver(lockFile(p.file));
  other.exec("UPDATE holder SET host = 'another machine'");
  other.close();
  expect(read(p.root).holder).toMatchObject({ host: 'another machine' });
});

it('reads the log of a crashed session, and leaves it to the next writer', async () => {
  const p = newProject();
  draw(p, 1, 5);
  const folder = newFolder();
  for (const suffix of ['', '-wal']) copyFileSync(p.file + suffix, path.join(folder, fileName + suffix));
  const log = readFileSync(path.join(folder, `${fileName}-wal`));
  const reader = read(folder);
  expect(summary(reader.boxes(1))).toEqual(['1:5,5,15,15']);
  expect(reader.notices).toEqual([]);
  await reader.close();
  expect(readFileSync(path.join(folder, `${fileName}-wal`)).equals(log)).toBe(true);
  const writer = keep(Project.open(folder));
  expect(writer.notices).toEqual([]);
  expect(writer.boxes(1)).toHaveLength(1);
});

it('says when the log of a crashed session is missing, and shows the backup of a damaged file', async () => {
  const p = newProject();
  draw(p, 1, 5);
  await p.backUp();
  const folder = newFolder();
  copyFileSync(p.file, path.join(folder, fileName));
  expect(read(folder).notices[0]).toMatch(/copied without its log/);
  await p.close();
  truncateSync(p.file, 8192);
  const shown = read(p.root);
  expect(shown.notices[0]).toMatch(/newest good backup/);
  expect(shown.boxes(1)).toHaveLength(1);
});

it('reads an older version without bringing the file up to date', async () => {
  const folder = newFolder();
  const file = path.join(folder, fileName);
  const db = new Driver(file, { create: true });
  migrate(db, 1);
  db.write((w) => w.run("INSERT INTO meta VALUES ('id', 'x'), ('name', 'old'), ('root-relative', '.')"));
  db.close();
  const before = readFileSync(file);
  const reader = read(folder);
  expect([reader.name, reader.runs()]).toEqual(['old', []]);
  expect(reader.root).toBe(folder);
  await reader.close();
  expect(readFileSync(file).equals(before)).toBe(true);
});

it('reads a file whose name needs care in an address', async () => {
  const folder = path.join(newFolder(), 'ä b#c?d%20e&f=1');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'x'), '');
  const p = newProject(1, folder);
  await p.close();
  expect(read(folder).counts().images).toBe(1);
  expect(existsSync(p.file)).toBe(true);
});

it('exports one state while edits go on', () => {
  const p = newProject(1200);
  for (const image of [1, 700, 1200]) draw(p, image, 5);
  const reader = read(p.root);
  const { images, classes } = reader.export({ at: reader.snapshot });
  const seen = [];
  for (const image of images) {
    if (seen.length === 0) {
      p.addClasses(ann, [{ name: 'late' }]);
      draw(p, 700, 50);
      p.deleteClasses(ann, [1]);
      p.edit(ann, [{ image: 1200, ops: [{ type: 'status', status: 'skipped' }] }], { action: 'status' });
    }
    seen.push([image.path, image.annotations.map((a) => [a.classId, a.box.x1])]);
  }
  expect(classes).toEqual(['cat', 'dog']);
  expect(seen).toEqual(['1.jpg', '700.jpg', '1200.jpg'].map((name) => [name, [[0, 5]]]));
});
