// `npm run test:steady -- [files] [--times 20] [vitest's words]`: runs tests again and again while every core is busy, and names each one that failed, with how often.
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { outcome, plan, verdict, type Outcome, type Report } from './outcome.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** One run of vitest; its report, or null where it ended without one. */
async function run(words: readonly string[], file: string): Promise<Report | null> {
  rmSync(file, { force: true });
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', `--outputFile=${file}`, ...words];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  await new Promise((resolve) => child.on('exit', resolve));
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return null;
  }
}

function say(i: number, times: number, { passed, failed }: Outcome): void {
  console.log(`${i} of ${times}: ${passed} passed, ${failed.size} failed`);
  for (const [name, message] of failed)
    console.log(`  ${name}\n    ${message.split('\n').slice(0, 12).join('\n    ')}`);
}

const { times, rest } = plan(process.argv.slice(2));
const folder = mkdtempSync(path.join(tmpdir(), 'ttfnet-steady-'));
const load = Array.from({ length: availableParallelism() }, () => fork(path.join(import.meta.dirname, 'burn.ts')));
const outcomes: Outcome[] = [];
for (let i = 1; i <= times; i++) {
  outcomes.push(outcome(await run(rest, path.join(folder, 'report.json')), root));
  say(i, times, outcomes.at(-1)!);
}
for (const child of load) child.disconnect();
rmSync(folder, { recursive: true, force: true });
console.log(`\n${verdict(outcomes).join('\n')}`);
process.exitCode = outcomes.some(({ failed }) => failed.size > 0) ? 1 : 0;
