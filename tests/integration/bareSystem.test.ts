// A bare Debian system, made for the test, with Node and nothing else in it: .ci/run installs what it lacks, and everything passes there.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { describeUnless } from '../support/leftOut.ts';

const script = path.resolve(import.meta.dirname, '../bare/run');
const has = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined;

/** Why it can't be tried, the cheapest to mend first; null where it can. */
function hindrance(): string | null {
  if (process.env['TTFNET_LONG'] !== '1') return 'only with TTFNET_LONG=1, it takes half an hour';
  if (process.platform !== 'linux' || process.getuid!() !== 0) return 'only root of a Linux system can make one';
  const missing = ['debootstrap', 'git', 'unshare'].filter((tool) => !has(tool));
  return missing.length > 0 ? `${missing.join(', ')} not installed` : null;
}

/** Exit code and what it wrote, errors among it. */
function run(...words: string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(script, words);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, text })));
}

describeUnless(hindrance(), 'a bare Debian system', () => {
  it('passes .ci/run', { timeout: 5_400_000 }, async () => {
    const { code, text } = await run();
    const counts = [...text.matchAll(/^(\d+) passed, (\d+) failed, \d+ skipped$/gm)].map(([, ...n]) => n.map(Number));
    expect(counts.length, text.slice(-20_000)).toBeGreaterThan(0);
    for (const [passed, failed] of counts) {
      expect(passed).toBeGreaterThan(0);
      expect(failed, text.slice(-20_000)).toBe(0);
    }
    expect(code, text.slice(-20_000)).toBe(0);
  });
});
