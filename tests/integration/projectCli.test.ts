// Projects through the built command line: made, filled, written out, trained on, gone back in, merged, checked; and bad input at every door.
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateSample } from '../../src/core/sample/generate.ts';
import { projectFileName } from '../../src/core/store/location.ts';
import { Project } from '../../src/core/store/project.ts';
import { startCli, type CliResult } from '../support/cli.ts';

let work: string;
let sample: string;
let project: string;
const at = (...parts: string[]): string => path.join(work, ...parts);
const cli = (...args: string[]): Promise<CliResult> => startCli(args, { TTFNET_STUDIO_DATA: at('data') }).result;
const person = { author: 'person', who: 'anna', tool: 'label' } as const;

/** The one object that a command prints with --json. */
async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { events, stderr } = await cli('project', ...args, '--json');
  expect(stderr).toBe('');
  return events.at(-1)!;
}

interface Written {
  annotations: { bbox: number[]; image_id: number; category_id: number }[];
  images: { id: number; file_name: string }[];
  categories: { id: number; name: string }[];
}

/** Every box of a COCO folder as text, in an order of its own. */
async function cocoBoxes(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const sets = names.filter((n) => n.endsWith('.json')).map((n) => readFileSync(path.join(folder, n), 'utf8'));
  return sets
    .flatMap((text) => {
      const { annotations, images, categories } = JSON.parse(text) as Written;
      const file = new Map(images.map((i) => [i.id, path.basename(i.file_name)]));
      const name = new Map(categories.map((c) => [c.id, c.name]));
      return annotations.map((a) => `${file.get(a.image_id)} ${name.get(a.category_id)} ${a.bbox.join(' ')}`);
    })
    .sort();
}

/** A copy of the project that nobody else uses. */
async function copyOf(name: string): Promise<string> {
  await cp(project, at(name), { recursive: true });
  return at(name);
}

beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'ttfnet-project-'));
  sample = at('sample');
  await generateSample(sample, { count: 10 });
  project = at('project');
  await cp(sample, project, { recursive: true });
  expect((await cli('project', 'create', project, '--import', '--name', 'Things')).code).toBe(0);
});
afterAll(() => rm(work, { recursive: true, force: true }));

describe('create', () => {
  it('takes in what lies there, and says what is in it', async () => {
    const info = await json('info', project);
    expect(info).toMatchObject({ name: 'Things', root: project, holder: null, backups: [] });
    expect(info['counts']).toMatchObject({ images: 10, missing: 0, byStatus: { labelled: 10 } });
    expect((info['classes'] as { name: string }[]).map((c) => c.name)).toEqual(['coin', 'key', 'mug']);
    const splits = info['splits'] as { split: string; images: number }[];
    expect(splits.reduce((sum, s) => sum + s.images, 0)).toBe(10);
    expect((info['bytes'] as { project: number }).project).toBeGreaterThan(10_000);
  });

  it('without --import only tells of annotations, which "import" then takes once', async () => {
    await cp(sample, at('later'), { recursive: true });
    const made = await cli('project', 'create', at('later'));
    expect(made.stdout).toMatch(/annotations too.*voc[\s\S]*project import/);
    expect((await json('info', at('later')))['counts']).toMatchObject({ boxes: 0 });
    const { imported } = (await json('import', at('later'))) as { imported: { added: { boxes: number } } };
    expect(imported.added.boxes).toBeGreaterThan(10);
    expect(await json('import', at('later'))).toMatchObject({
      imported: { added: { boxes: 0, duplicates: imported.added.boxes } },
    });
  });

  it('says which pictures could not be read, with exit code 3', async () => {
    await cp(path.join(sample, 'JPEGImages'), at('torn'), { recursive: true });
    await writeFile(at('torn', 'text.jpg'), 'no picture');
    const result = await cli('project', 'create', at('torn'));
    expect(result.code).toBe(3);
    expect(result.stdout).toMatch(/with 10 pictures[\s\S]*1 picture could not be read[\s\S]*text\.jpg/);
  });

  it('finds a moved picture again, labels and all, and takes a new one in', async () => {
    const folder = await copyOf('moving');
    const [first] = (await readdir(path.join(folder, 'JPEGImages'))).sort();
    await mkdir(path.join(folder, 'new'));
    await rename(path.join(folder, 'JPEGImages', first!), path.join(folder, 'new', 'moved.jpg'));
    await writeFile(path.join(folder, 'new', 'dot.png'), Buffer.from(dot, 'base64'));
    const before = (await json('info', folder))['counts'] as { boxes: number };
    const { scan } = (await json('import', folder)) as { scan: { added: number; moved: { to: string }[] } };
    expect(scan).toMatchObject({ added: 1, moved: [{ to: 'new/moved.jpg' }] });
    expect((await json('info', folder))['counts']).toMatchObject({ images: 11, boxes: before.boxes });
  });
});

/** One red pixel as PNG. */
const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

describe('export', () => {
  it('writes what came in, to the last digit, and reads it back into a project', async () => {
    expect((await cli('project', 'export', project, '--to', 'coco', '--out', at('coco'), '--copy-images')).code).toBe(
      0,
    );
    await cli('convert', sample, '--to', 'coco', '--out', at('direct'));
    const boxes = await cocoBoxes(at('coco'));
    expect(boxes.length).toBeGreaterThan(10);
    expect(boxes).toEqual([...new Set(await cocoBoxes(at('direct')))]);
    expect(await json('import', project, at('coco'))).toMatchObject({
      imported: { report: { losses: [] }, added: { boxes: 0, duplicates: boxes.length, newImages: 0 } },
    });
  });
  it('writes one split', async () => {
    const splits = (await json('info', project))['splits'] as { split: string; labelled: number }[];
    const train = splits.find((s) => s.split === 'train')!.labelled;
    expect(await json('export', project, '--to', 'voc', '--split', 'train', '--out', at('train-only'))).toMatchObject({
      written: { images: train },
    });
  });
});

describe('train, eval and detect', () => {
  it('take a project, also while another program has it open', async () => {
    const folder = await copyOf('training');
    const open = Project.open(folder);
    try {
      const run = at('run');
      const small = ['--size', '128', '--batch', '2', '--epochs', '1', '--json'];
      const trained = await cli('train', folder, ...small, '--out', run);
      expect(trained.stderr).toBe('');
      expect(trained.code).toBe(0);
      const labels = JSON.parse(readFileSync(path.join(run, 'labels.json'), 'utf8')) as { train: object[] };
      expect(labels.train).toHaveLength(open.find.ids({ splits: ['train'] }).length);
      const evaluated = await cli('eval', folder, '--model', run, '--split', 'train', '--json');
      expect(evaluated.events.at(-1)).toMatchObject({ images: labels.train.length, failed: [] });
      const found = await cli('detect', folder, '--model', run, '--out', at('found'), '--json');
      expect(found.events.at(-1)).toMatchObject({ type: 'end', images: 10, failed: 0 });
      expect((await json('info', folder))['holder']).toMatchObject({ pid: process.pid });
      expect((await cli('project', 'info', folder)).stdout).toContain(`process ${process.pid}`);
      const refused = await cli('project', 'import', folder, '--json');
      expect(refused.code).toBe(1);
      expect(refused.events.at(-1)).toMatchObject({ error: { code: 'project-locked' } });
    } finally {
      await open.close();
    }
  });
  it('read the files where a format is named', async () => {
    const { events } = await cli('convert', project, '--format', 'voc', '--to', 'csv', '--out', at('csv'), '--json');
    expect(events.at(-1)).toMatchObject({ read: { format: 'voc' } });
    const again = await cli('convert', project, '--to', 'csv', '--out', at('csv2'), '--json');
    expect(again.events.at(-1)).toMatchObject({ read: { format: 'project' } });
  });
  it('refuse a project without labels with the remedy', async () => {
    await cp(path.join(sample, 'JPEGImages'), at('blank'), { recursive: true });
    await cli('project', 'create', at('blank'));
    const { stderr, code } = await cli('train', at('blank'), '--out', at('never'));
    expect(stderr).toMatch(/no labelled image\. Label some in the app/);
    expect(code).toBe(1);
    expect(existsSync(at('never'))).toBe(false);
  });
});

/** Draws, moves or deletes the first box of the first image, or names the state. */
async function edit(folder: string, what: 'remove' | { x1: number }, checkpoint?: string): Promise<void> {
  const open = Project.open(folder, { backupMinutes: 0 });
  if (checkpoint !== undefined) open.checkpoint(person, checkpoint);
  const image = open.find.ids()[0]!;
  const { id, box } = open.boxes(image)[0]!;
  const op =
    what === 'remove' ? ({ type: 'remove', id } as const) : ({ type: 'update', id, box: { ...box, ...what } } as const);
  open.edit(person, [{ image, ops: [op] }], { action: 'edit' });
  await open.close();
}

const boxCount = async (folder: string): Promise<number> =>
  ((await json('info', folder))['counts'] as { boxes: number }).boxes;

describe('history and restore', () => {
  it('list an image, and go back by number and by name', async () => {
    const folder = await copyOf('past');
    const before = await boxCount(folder);
    await edit(folder, 'remove', 'all there');
    const first = (await readdir(path.join(folder, 'JPEGImages'))).sort()[0]!;
    const { entries } = (await json('history', folder, '--image', `JPEGImages/${first}`)) as {
      entries: { seq: number; who: string; onImage: object }[];
    };
    expect(entries[0]).toMatchObject({ who: 'anna', action: 'edit', onImage: { added: 0, changed: 0, removed: 1 } });
    expect((await cli('project', 'history', folder, '--limit', '1')).stdout.trim().split('\n')).toHaveLength(1);
    expect(await boxCount(folder)).toBe(before - 1);
    const restored = await json('restore', folder, '--checkpoint', 'all there');
    expect(restored).toMatchObject({ restored: 'change', images: 1, boxes: 1, undo: entries[0]!.seq });
    expect(await boxCount(folder)).toBe(before);
    await json('restore', folder, '--to', String(restored['undo']));
    expect(await boxCount(folder)).toBe(before - 1);
  });

  it('a damaged project is named by check, shown from its backup, and restored from it', async () => {
    const folder = await copyOf('damaged');
    const before = await boxCount(folder);
    const open = Project.open(folder, { backupMinutes: 0 });
    const backup = await open.backUp();
    await open.close();
    await truncate(path.join(folder, projectFileName), 9000);
    const found = await cli('project', 'check', folder, '--json');
    expect(found.code).toBe(1);
    expect(found.events.at(-1)!['damage']).toMatch(/damaged.*newest good backup/);
    expect(await boxCount(folder)).toBe(before);
    expect((await cli('project', 'restore', folder, '--to', '0')).stderr).toMatch(/Restore it to go on/);
    expect((await cli('project', 'restore', folder, '--backup', 'old')).stderr).toContain(path.basename(backup.file));
    const restored = await json('restore', folder, '--backup', path.basename(backup.file));
    expect(existsSync(String(restored['kept']))).toBe(true);
    expect((await cli('project', 'check', folder)).code).toBe(0);
    expect(await boxCount(folder)).toBe(before);
  });
});

describe('merge', () => {
  it('takes edits of different boxes by itself, and stops at a conflict until told', async () => {
    const ours = await copyOf('ours');
    const theirs = await copyOf('theirs');
    await edit(theirs, { x1: 1 });
    await edit(ours, { x1: 2 });
    const before = await json('history', ours);
    const stopped = await cli('project', 'merge', ours, theirs);
    expect(stopped.code).toBe(3);
    expect(stopped.stdout).toMatch(/Both copies changed 1 box:\n {2}JPEGImages\/.*: ours \w+ 2 .*, theirs \w+ 1 .*\n/);
    expect(await json('history', ours)).toEqual(before);
    expect(await json('merge', ours, theirs, '--theirs')).toMatchObject({
      merged: true,
      conflicts: [{ ours: { x1: 2 } }],
    });
    const open = Project.open(ours);
    expect(open.boxes(open.find.ids()[0]!)[0]!.box.x1).toBe(1);
    await open.close();
    expect((await cli('project', 'merge', ours, theirs)).stdout).toMatch(/nothing new/);
  });
});

describe('check', () => {
  it('names missing and changed pictures with exit code 3', async () => {
    const folder = await copyOf('gone');
    const [first, second, third] = (await readdir(path.join(folder, 'JPEGImages'))).sort();
    await rm(path.join(folder, 'JPEGImages', first!));
    await copyFile(path.join(folder, 'JPEGImages', third!), path.join(folder, 'JPEGImages', second!));
    const { code, events } = await cli('project', 'check', folder, '--content', '--json');
    expect(code).toBe(3);
    expect(events.at(-1)).toMatchObject({
      damage: null,
      missing: [`JPEGImages/${first}`],
      changed: [`JPEGImages/${second}`],
    });
    const detected = await cli('detect', folder, '--model', 'coco-mobilenetv3', '--out', at('gone-found'), '--json');
    expect(detected.code).toBe(3);
    expect(detected.events.at(-1)).toMatchObject({ images: 10, failed: 1 });
  });
});

describe('bad input', () => {
  it.each([
    ['a folder that is not there', () => ['create', at('nowhere')], 1, /nowhere does not exist/],
    ['a second project', () => ['create', project], 2, /has a project already.*project info/],
    ['a folder without pictures', () => ['create', at('sample', 'Annotations')], 1, /no pictures/],
    ['no project', () => ['info', sample], 1, /has no project\. Make one with "ttfnet-studio project create/],
    ['no annotations', () => ['create', at('sample', 'JPEGImages'), '--import'], 1, /no annotations of a known format/],
    [
      'a full folder',
      () => ['export', project, '--to', 'voc', '--out', sample],
      2,
      /is not empty.*new or empty folder/,
    ],
    ['an unknown image', () => ['history', project, '--image', 'x.jpg'], 2, /x\.jpg is not an image.*JPEGImages\//],
    ['an unknown checkpoint', () => ['restore', project, '--checkpoint', 'x'], 2, /no checkpoint "x"\. It has none/],
    ['a change that never was', () => ['restore', project, '--to', '99999'], 2, /no change 99999: choose one from 0/],
    ['nothing to go back to', () => ['restore', project], 2, /--to .*--checkpoint .*--backup/],
    ['another project', () => ['merge', project, at('later')], 2, /not a copy of this project/],
    ['itself', () => ['merge', project, project], 2, /this project itself/],
    ['both sides', () => ['merge', project, project, '--ours', '--theirs'], 2, /cannot be used with/],
  ])('refuses %s with a sentence', async (_, args, code, message) => {
    const result = await cli('project', ...args());
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
    expect(existsSync(at('sample', projectFileName))).toBe(false);
    expect(existsSync(at('sample', 'JPEGImages', projectFileName))).toBe(false);
  });

  it.each(['create', 'info', 'import', 'export', 'history', 'restore', 'merge', 'check'])(
    '%s --help teaches with an example',
    async (name) => {
      const { stdout, code } = await cli('project', name, '--help');
      expect(code).toBe(0);
      expect(stdout).toMatch(/Examples?:\n {2}\$ ttfnet-studio project/);
      expect(stdout).toContain('--json');
    },
  );
});
