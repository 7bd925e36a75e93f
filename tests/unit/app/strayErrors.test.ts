// Errors without an owner in processes of their own: the program logs them and goes on; a child logs rejections, and ends by an exception.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const script = path.resolve(import.meta.dirname, '../../support/strayErrorsChild.ts');

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, ...words], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { status, stdout: stdout.trim(), stderr };
}

test('the program goes on after a rejection, an exception and the end of whoever read its log', () => {
  const { status, stdout, stderr } = run('program', 'rejection', 'exception', 'log');
  expect([status, stdout]).toEqual([0, 'alive']);
  expect(stderr).toContain('[uncaught rejection] Error: nobody awaits this');
  expect(stderr).toContain('[uncaught exception] Error: nobody listens for this');
});

test('a child goes on after a rejection, and ends by an exception, so that another is started', () => {
  expect(run('child', 'rejection')).toMatchObject({ status: 0, stdout: 'alive' });
  const ended = run('child', 'rejection', 'exception');
  expect([ended.status, ended.stdout]).toEqual([1, '']);
  expect(ended.stderr).toContain('nobody listens for this');
});

test('without them Node ends the process', () => {
  expect(run('nothing', 'rejection')).toMatchObject({ status: 1, stdout: '' });
});
