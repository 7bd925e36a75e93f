// What a run of the tests says at its end: who was left out and why, preparations that failed, one plain line.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');

/** The end of the output and the exit code. */
function run(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}): { status: number | null; lines: string[] } {
  const all = { ...process.env, NO_COLOR: '1', ...env };
  const { status, stdout } = spawnSync(process.execPath, [vitest, 'run', ...args], { cwd, env: all, encoding: 'utf8' });
  return { status, lines: stdout.trim().split('\n') };
}

it('without a browser the tests that need one are named and counted, with the command that installs one', () => {
  const { status, lines } = run(root, ['--project', 'e2e', 'tests/e2e/renderer/focus.test.ts'], {
    TTFNET_BROWSER: 'none',
  });
  const [heading, ...names] = lines.slice(lines.findIndex((line) => line.startsWith('Left out: '))).filter(Boolean);
  const count = Number(
    /^Left out: (\d+), there is no Chromium, Chrome or Edge \(".+ install chromium" installs one/.exec(heading!)![1],
  );
  expect(count).toBeGreaterThan(5);
  expect(names.at(-1)).toBe(`0 passed, 0 failed, ${count} skipped`);
  expect(names).toHaveLength(count + 1);
  expect(names[0]).toMatch(/^ {2}tests\/e2e\/renderer\/focus\.test\.ts > Tab > /);
  expect(status).toBe(0);
});

it('a preparation that fails is a failure, and its tests are named', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-summary-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const group = "describe('group', () => { beforeAll(() => { throw new Error('no'); }); it('inside', () => {}); });";
  await writeFile(path.join(folder, 'one.test.js'), `${group} it('beside', () => {}); it.skip('later', () => {});`);
  await writeFile(path.join(folder, 'two.test.js'), "throw new Error('unreadable');");
  const reporter = path.join(root, 'tests/support/summaryReporter.ts');
  const { status, lines } = run(folder, ['--root', folder, '--globals', '--reporter', reporter]);
  expect(lines).toEqual([
    'Left out: 1',
    '  one.test.js > later',
    '',
    'Left out: 1, their preparation failed',
    '  one.test.js > group > inside',
    '',
    '1 passed, 2 failed, 2 skipped',
  ]);
  expect(status).toBe(1);
});
