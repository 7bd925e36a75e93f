// A child process whose every thread for files hangs in a pipe ends with its killed parent all the same.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-orphans-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test.skipIf(process.platform === 'win32')('a child that hangs in file operations is no orphan', async () => {
  const pipe = path.join(folder, 'pipe.jpg');
  execFileSync('mkfifo', [pipe]);
  const script = path.join(import.meta.dirname, 'support', 'orphanChild.ts');
  const parent = spawn(process.execPath, ['--import', 'tsx', script, pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const child = Number(line.toString());
  expect(isAlive(child)).toBe(true);
  parent.kill('SIGKILL');
  try {
    await expect.poll(() => isAlive(child), { timeout: 60_000 }).toBe(false);
  } finally {
    if (isAlive(child)) process.kill(child, 'SIGKILL');
  }
});
