// What `detect` says on the console and in --json: what it could not read, passed over, renamed, took over or made anew.
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { drawPictures, tinyRun, trainFurther } from '../support/detections.ts';

let work: string;
let call: string[];
const at = (...parts: string[]): string => path.join(work, ...parts);

beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'ttfnet-detect-cli-'));
  await drawPictures(at('in'), ['a.jpg', 'a.png', '=1+1.jpg', 'sub/b.jpg']);
  await writeFile(at('in/empty.jpg'), '');
  await writeFile(at('in/text.jpg'), 'this is no picture');
  await symlink(at('nowhere'), at('in/dead.jpg'));
  const model = await tinyRun(work);
  call = ['detect', at('in'), '--recursive', '--model', model, '--score', '0.1', '--out', at('out')];
});
afterAll(() => rm(work, { recursive: true, force: true }));

it('for people', async () => {
  const first = await runCli(...call, '--format', 'csv,voc');
  expect(first.code).toBe(3);
  expect(first.stderr).toContain(`passed over: ${at('in/dead.jpg')}: this link leads to nothing`);
  expect(first.stdout).toMatch(/on 4 pictures, written to /);
  expect(first.stdout).toMatch(
    /2 files could not be read \(2 damaged or not a picture\); the reasons are in .*failed\.json/,
  );
  expect(first.stdout).toMatch(/Not written as they are \(2 renamed\); all are in .*changes\.json/);
  expect(first.stdout).toMatch(/csv {2}=1\+1\.jpg: a spreadsheet would run/);
  expect(first.stdout).toMatch(/voc {2}a\.png: its labels are in a_png\.xml there/);
  const again = await runCli(...call, '--format', 'csv', '--raw-csv');
  expect(again.stdout).toMatch(/on 4 pictures \(4 from an earlier call\)/);
  expect(again.stdout).not.toContain('Not written');
  expect(await readFile(at('out/csv/detections.csv'), 'utf8')).toMatch(/^=1\+1\.jpg,/m);
});

it('for machines', async () => {
  await trainFurther(at('run'));
  const { events } = await runCli(...call, '--format', 'csv', '--json');
  expect(events.find(({ type }) => type === 'passed-over')).toMatchObject({ path: at('in/dead.jpg') });
  const anew = /The model .*run has changed since: 4 results are made anew/;
  expect(events.find(({ type }) => type === 'anew')).toMatchObject({ reason: expect.stringMatching(anew) as string });
  expect(events.at(-1)).toMatchObject({
    ...{ type: 'end', images: 6, failed: 2, resumed: 0, failures: { 'image-unreadable': 2 } },
    ...{ passedOver: 1, changes: { renamed: 1 }, anew: expect.stringMatching(anew) as string },
  });
});
