// Opening: older and newer files, damage, files that were copied apart, one writer, backups and their age.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timesToKeep } from '../../../src/core/store/backups.ts';
import { Driver } from '../../../src/core/store/driver.ts';
import { backupFolder } from '../../../src/core/store/location.ts';
import { migrate, migrations, schemaVersion } from '../../../src/core/store/migrations/index.ts';
import { restoreBackup } from '../../../src/core/store/restoreBackup.ts';
import { Project } from '../../../src/core/store/project.ts';
import { ann, keep, newFolder, newProject, square, summary } from './support.ts';
import { said } from '../../../src/shared/said.ts';

const fileName = 'ttfnet-studio.sqlite';
const draw = (p: Project, image: number, at: number): number =>
  p.edit(ann, [{ image, ops: [{ type: 'add', classId: 1, box: square(at) }] }], { action: 'draw' });
const code = (action: () => unknown): unknown => {
  try {
    action();
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

/** A project as schema 1 wrote it, with raw SQL: one image with one box, drawn by Ann. */
function writeVersion1(file: string): void {
  const db = new Driver(file, { create: true });
  migrate(db, 1);
  db.write((w) => {
    for (const [key, value] of [
      ['id', 'x'],
      ['name', 'old'],
      ['root-relative', '.'],
      ['root-absolute', '/'],
      ['session', 'closed'],
    ]) {
      w.run('INSERT INTO meta VALUES (?, ?)', [key!, value!]);
    }
    w.run(`INSERT INTO image (id, status, split, width, height, orientation, bytes, modified, added, path, name_key, hash, boxes)
      VALUES (7, 2, 0, 100, 80, 1, 5, 6, 7, 'Übung 1.JPG', 'k', 'abc', 1)`);
    w.run(`INSERT INTO class VALUES (1, 'u', 'cat', '#112233', '1', 0)`);
    w.run(`INSERT INTO change_set VALUES (1, 's', 5, 'Ann', 'person', 'label', '', 'draw', '', 1, 1)`);
    w.run(`INSERT INTO change VALUES (1, 1, 7, '{"boxes":[["b",null,[1,1,2,3,4,0,0,null,0]]],"status":[0,2]}')`);
    w.run(`INSERT INTO box VALUES (7, 'b', 1, 1, 2, 3, 4, 0, 0, NULL, 0, 1, 1)`);
    w.run('INSERT INTO image_class VALUES (1, 7, 1)');
    w.run('INSERT INTO undo_entry VALUES (1, 1, 1, 0)');
  });
  db.close();
}

describe('schema versions', () => {
  // Version 2 is what 0.1.0 wrote: see version010.test.ts.
  it('has a writer of every older version in its tests', () => expect(migrations).toHaveLength(3));

  it('opens version 1 with everything in it, after making a backup', () => {
    const folder = newFolder();
    writeVersion1(path.join(folder, fileName));
    const p = keep(Project.open(folder));
    expect(p.images([7])[0]).toMatchObject({ path: 'Übung 1.JPG', boxes: 1, uncertainty: null, status: 'labelled' });
    expect([...p.find.ids({ text: 'ÜBUNG' })]).toEqual([7]);
    expect(p.boxes(7)[0]).toMatchObject({ id: 'b', who: 'Ann', box: { x1: 1, y1: 2, x2: 3, y2: 4 } });
    expect(p.backups()).toMatchObject([{ seq: 1 }]);
    expect(p.runs()).toEqual([]);
    p.undo(ann);
    expect(p.images([7])[0]).toMatchObject({ boxes: 0, status: 'new' });
  });

  it('refuses a version from the future, and leaves the file as it is', () => {
    const file = path.join(newFolder(), fileName);
    writeVersion1(file);
    const db = new Driver(file);
    db.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
    db.close();
    expect(code(() => Project.open(file))).toBe('project-version');
  });
});

describe('one writer', () => {
  it('tells the second opener who holds it, lets it read, and lets go on closing', async () => {
    const p = newProject();
    const second = keep(Project.open(p.root));
    expect(second.holder).toMatchObject({ pid: process.pid });
    expect(second.readOnlyReason).toContain(`process ${process.pid}`);
    draw(p, 1, 5);
    expect(summary(second.boxes(1))).toEqual(['1:5,5,15,15']);
    expect([...second.find.ids({ statuses: ['labelled'] })]).toEqual([1]);
    expect(() => draw(second, 1, 9)).toThrow(/open read-only/);
    expect(code(() => restoreBackup(p.file, p.file))).toBe('project-locked');
    await second.close();
    await p.close();
    expect(keep(Project.open(p.root)).readOnlyReason).toBeNull();
  });
});

describe('damage', () => {
  async function backedUp(): Promise<{ folder: string; file: string }> {
    const p = newProject();
    draw(p, 1, 5);
    await p.backUp();
    draw(p, 1, 50);
    await p.close();
    return { folder: p.root, file: p.file };
  }

  it.each<[string, (file: string) => void]>([
    [
      'overwritten in the middle',
      (file) => {
        const bytes = readFileSync(file);
        bytes.fill(0xab, 4096, bytes.length - 4096);
        writeFileSync(file, bytes);
      },
    ],
    [
      'overwritten at the start',
      (file) => {
        const bytes = readFileSync(file);
        bytes.fill(0, 0, 100);
        writeFileSync(file, bytes);
      },
    ],
    ['cut off', (file) => truncateSync(file, 8192)],
    ['empty', (file) => truncateSync(file, 0)],
    ['gone', (file) => rmSync(file)],
    ['another kind of file', (file) => writeFileSync(file, 'hello '.repeat(5000))],
    [
      'another database',
      (file) => {
        rmSync(file);
        const db = new Driver(file, { create: true });
        db.exec('CREATE TABLE t (a)');
        db.close();
      },
    ],
  ])('shows the newest good backup read-only when the file is %s', async (_, damage) => {
    const { folder, file } = await backedUp();
    damage(file);
    const shown = keep(Project.open(folder));
    expect(summary(shown.boxes(1))).toEqual(['1:5,5,15,15']);
    expect(shown.notices[0]).toMatch(/Shown read-only is the newest good backup/);
    expect(() => draw(shown, 1, 9)).toThrow(/newest good backup/);
    const backup = shown.shownBackup!;
    await shown.close();
    restoreBackup(file, backup.file);
    const again = keep(Project.open(folder));
    expect(again.notices).toEqual([]);
    draw(again, 1, 77);
    expect(again.boxes(1)).toHaveLength(2);
  });

  it('passes over a backup that is damaged too, and says so when there is none', async () => {
    const { folder, file } = await backedUp();
    writeFileSync(path.join(backupFolder(file), `${Date.now() + 5000}-9.sqlite`), 'rubbish');
    truncateSync(file, 0);
    expect(summary(keep(Project.open(folder)).boxes(1))).toHaveLength(1);
    rmSync(backupFolder(file), { recursive: true });
    expect(code(() => Project.open(folder))).toBe('project-damaged');
    expect(existsSync(file)).toBe(true);
    writeFileSync(file, 'rubbish '.repeat(2000));
    expect(() => Project.open(folder)).toThrow(
      /is damaged or is not a project \(SQLite: [^)]*\)\. There is no good backup/,
    );
  });

  it('never starts anew over a lost project', async () => {
    const { folder, file } = await backedUp();
    rmSync(file);
    expect(() => Project.create(folder)).toThrow(/has a project already/);
    expect(existsSync(file)).toBe(false);
  });
});

describe('a project copied while it was open', () => {
  function halves(): { folder: string; copy: (...suffixes: string[]) => string } {
    const p = newProject();
    draw(p, 1, 5);
    const copy = (...suffixes: string[]): string => {
      const to = newFolder();
      for (const suffix of suffixes) copyFileSync(p.file + suffix, path.join(to, fileName + suffix));
      return to;
    };
    return { folder: p.root, copy };
  }

  it('is whole when both files came along', () => {
    const p = keep(Project.open(halves().copy('', '-wal')));
    expect(p.notices).toEqual([]);
    expect(p.boxes(1)).toHaveLength(1);
  });

  it('says that edits may be missing when the log did not come along', () => {
    const p = keep(Project.open(halves().copy('')));
    expect(p.notices[0]).toMatch(/copied without its log/);
    expect(p.boxes(1)).toHaveLength(0);
    p.check();
  });

  it('is not taken for an empty project when only the log came along', () => {
    const folder = halves().copy('-wal');
    expect(() => Project.open(folder)).toThrow(/only its log/);
    expect(() => Project.create(folder)).toThrow(/has a project already/);
    expect(readdirSync(folder)).toEqual([`${fileName}-wal`]);
  });

  it('ignores a log that belongs to another state of the file, or shows the backup', () => {
    const { copy } = halves();
    const folder = copy('', '-wal');
    const stranger = newProject();
    draw(stranger, 1, 77);
    copyFileSync(`${stranger.file}-wal`, path.join(folder, `${fileName}-wal`));
    const result = code(() => keep(Project.open(folder)).check());
    expect([null, 'project-damaged']).toContain(result);
  });
});

describe('places', () => {
  it('lies beside a folder that holds no project of its own but a file next to it', async () => {
    const parent = newFolder();
    const inside = path.join(parent, 'photos');
    mkdirSync(inside);
    const p = keep(Project.create(inside));
    await p.close();
    renameSync(p.file, path.join(parent, 'photos.ttfnet-studio.sqlite'));
    rmSync(path.join(inside, '.ttfnet-studio'), { recursive: true });
    expect(keep(Project.open(inside)).file).toBe(path.join(parent, 'photos.ttfnet-studio.sqlite'));
  });

  it('says so when there is no project', () => expect(code(() => Project.open(newFolder()))).toBe('file-missing'));
});

describe('backups', () => {
  it('keeps the newest always, many of late, few of old, and stays small however many are made', () => {
    const now = Date.UTC(2026, 5, 1);
    const minute = 60_000;
    const everyTenMinutes = Array.from({ length: 6 * 24 * 365 }, (_, i) => now - i * 10 * minute);
    const kept = [...timesToKeep(everyTenMinutes, now)].sort((a, b) => b - a);
    const within = (from: number, to: number): number => kept.filter((t) => now - t >= from && now - t < to).length;
    expect(within(0, 60 * minute)).toBe(6);
    expect(within(2 * 60 * minute, 24 * 60 * minute)).toBe(22);
    expect(kept.length).toBeLessThan(70);
    expect(now - kept[kept.length - 1]!).toBeGreaterThan(300 * 24 * 60 * minute);
  });

  it('never drops the newest, and pruning twice drops nothing more', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000_000), { minLength: 1 }), (minutes) => {
        const now = Date.UTC(2026, 5, 1);
        const times = minutes.map((m) => now - m * 60_000);
        const kept = timesToKeep(times, now);
        expect(kept).toContain(Math.max(...times));
        expect(timesToKeep([...kept], now)).toEqual(kept);
      }),
    );
  });

  it('makes a whole copy while edits go on', async () => {
    const p = newProject();
    draw(p, 1, 5);
    const making = p.backUp();
    draw(p, 1, 20);
    const backup = await making;
    const db = new Driver(backup.file, { readOnlyReason: said('project.forReading', { file: backup.file }) });
    expect(db.pragma('integrity_check')).toBe('ok');
    expect([1, 2]).toContain(db.one<{ n: number }>('SELECT count(*) AS n FROM box')!.n);
    db.close();
    expect(readdirSync(backupFolder(p.file)).filter((n) => !n.endsWith('.sqlite'))).toEqual([]);
  });
});
