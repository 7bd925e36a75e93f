// What a dataset leaves out, changes or lacks is said by every command: on the console, in --json, in a file and in the report.
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateSample } from '../../src/core/sample/generate.ts';
import { runCli, type CliResult } from '../support/cli.ts';

let work: string;
let damaged: string;
const at = (...parts: string[]): string => path.join(work, ...parts);
const small = ['--size', '128', '--batch', '2', '--epochs', '1'];

/** Ten pictures with VOC labels; of the last ones a box sticks out, an XML is broken, a picture is gone, one is cut and one is copied. */
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'ttfnet-findings-'));
  damaged = at('damaged');
  await generateSample(damaged, { count: 10 });
  const names = (await readdir(path.join(damaged, 'Annotations'))).map((name) => name.replace(/\.xml$/, '')).sort();
  const xml = (i: number) => path.join(damaged, 'Annotations', `${names[i]!}.xml`);
  const jpg = (i: number) => path.join(damaged, 'JPEGImages', `${names[i]!}.jpg`);
  await writeFile(xml(5), (await readFile(xml(5), 'utf8')).replace(/<xmax>[^<]*/, '<xmax>99999'));
  await writeFile(xml(6), '<annotation><object>');
  await rm(jpg(7));
  await truncate(jpg(8), 2000);
  await copyFile(jpg(0), jpg(9));
  const lists = path.join(damaged, 'ImageSets', 'Main');
  await rm(lists, { recursive: true, force: true });
  await mkdir(lists, { recursive: true });
  await writeFile(path.join(lists, 'train.txt'), names.slice(0, 5).join('\n'));
  await writeFile(path.join(lists, 'val.txt'), names.slice(5).join('\n'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

interface Finding {
  file: string;
  kind: string;
  reason: string;
}

const kindsOf = (findings: readonly Finding[]): string[] => [...new Set(findings.map(({ kind }) => kind))].sort();

const inFile = async (file: string): Promise<{ counts: Record<string, number>; findings: Finding[] }> =>
  JSON.parse(await readFile(file, 'utf8')) as { counts: Record<string, number>; findings: Finding[] };

/** The event that tells of findings. */
const findingsEvent = ({ events }: CliResult) =>
  events.find((e) => e['type'] === 'findings') as unknown as { findings: Finding[]; file: string };

describe('train', () => {
  it('says all before the first step: on the console, in --json, in findings.json and in the report', async () => {
    const run = at('run');
    const told = await runCli('train', damaged, ...small, '--json', '--out', run);
    expect(told.code).toBe(0);
    const types = told.events.map((e) => e['type']);
    expect(types.indexOf('findings')).toBeLessThan(types.indexOf('start'));
    const { findings, file } = findingsEvent(told);
    expect(kindsOf(findings)).toEqual(expect.arrayContaining(['clipped', 'leak', 'missing-image', 'unreadable']));
    expect(file).toBe(path.join(run, 'findings.json'));
    expect((await inFile(file)).findings).toHaveLength(findings.length);
    const report = await readFile(path.join(run, 'report.html'), 'utf8');
    expect(report).toContain('Worth knowing');
    expect(report).toContain('the same picture as');
  });

  it('shows the counts, the first of each kind and the file to people', async () => {
    const { stderr } = await runCli('train', damaged, ...small, '--out', at('told'));
    expect(stderr).toMatch(/note: about the labels: .*1 in two splits/);
    expect(stderr).toContain('the same picture as');
    expect(stderr).toContain(path.join(at('told'), 'findings.json'));
  });

  it('refuses a dataset of which every box is difficult', async () => {
    const difficult = at('difficult');
    await generateSample(difficult, { count: 4 });
    for (const name of await readdir(path.join(difficult, 'Annotations'))) {
      const file = path.join(difficult, 'Annotations', name);
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replaceAll('<difficult>0<', '<difficult>1<'));
    }
    const { code, stderr } = await runCli('train', difficult, ...small, '--out', at('none'));
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/All \d+ boxes of the training images are difficult/);
  });
});

describe('eval', () => {
  it('says how many images count, what is wrong with the others, and what the model was trained on', async () => {
    const told = await runCli(
      'eval',
      damaged,
      '--model',
      at('run'),
      '--split',
      'val',
      '--json',
      '--findings',
      at('all.json'),
    );
    const { findings, counts, findingsFile } = told.events.at(-1) as unknown as {
      findings: Finding[];
      counts: Record<string, number>;
      findingsFile: string;
    };
    expect(kindsOf(findings)).toEqual(expect.arrayContaining(['clipped', 'leak', 'missing-image', 'unreadable']));
    expect(counts['leak']).toBe(1);
    expect(findingsFile).toBe(at('all.json'));
    expect((await inFile(at('all.json'))).findings).toEqual(findings);
    const { stderr } = await runCli('eval', damaged, '--model', at('run'), '--split', 'val');
    expect(stderr).toMatch(/the model was trained on this picture/);
    expect(stderr).toContain('--findings FILE lists all');
  });
});

describe('convert and project', () => {
  it('say the same, and keep the whole list in a file', async () => {
    const converted = await runCli('convert', damaged, '--to', 'coco', '--out', at('coco'), '--json');
    const { read, findingsFile } = converted.events[0] as unknown as {
      read: { losses: Finding[] };
      findingsFile: string;
    };
    expect(kindsOf((await inFile(findingsFile)).findings)).toEqual(kindsOf(read.losses));
    const text = await runCli('convert', damaged, '--to', 'coco', '--out', at('coco-told'));
    expect(text.stdout).toContain('All of them: ');
    const again = await runCli(
      'convert',
      at('coco'),
      '--images',
      path.join(damaged, 'JPEGImages'),
      '--to',
      'csv',
      '--out',
      at('csv'),
      '--json',
    );
    expect(again.code).toBe(0);
    const made = await runCli('project', 'create', damaged, '--import', '--json');
    const { imported } = made.events.at(-1) as unknown as {
      imported: { report: { losses: Finding[] }; findingsFile: string };
    };
    expect((await inFile(imported.findingsFile)).findings).toEqual(imported.report.losses);
    expect(kindsOf(imported.report.losses)).toEqual(expect.arrayContaining(['clipped', 'missing-image', 'unreadable']));
  });
});
