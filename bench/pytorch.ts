// Runs the same networks in PyTorch (../shared/experiments), where that and a Python with torch are at hand.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const python = '/usr/bin/python3';
const root = path.resolve(import.meta.dirname, '..');
const experiments = path.resolve(root, '../shared/experiments');

/** One way to run a training step in PyTorch: the script's arguments; the best of several counts. */
export type PyTorchCase = readonly string[];

/** PyTorch's cases for a network, or a sentence that says why there is nothing to compare with. */
export function pyTorchCases(network: string, batch: number, size: number): readonly PyTorchCase[] | string {
  const known: Record<string, readonly PyTorchCase[]> = {
    'mobilenetv3-0.75': [
      ['pt_mbv3.py', path.join(root, 'node_modules/@vladmandic/human/models'), `${batch}`, `${size}`],
    ],
    'ttfnet-18': ['cl=1', 'cl='].map((layout) => [
      'pt_ttf.py',
      `B=${batch}`,
      `S=${size}`,
      'rand=1',
      layout,
      'dcn=grid',
      'n=4',
    ]),
  };
  const cases = known[network];
  if (!cases) return `there is no PyTorch script for ${network}`;
  if (!existsSync(path.join(experiments, cases[0]![0]!))) return `${experiments} is not beside this checkout`;
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
  } catch {
    return `${python} has no torch`;
  }
  return cases;
}

/** Runs one case once. @returns median milliseconds per image */
export async function runPyTorch([script, ...args]: PyTorchCase, threads: number): Promise<number> {
  const { stdout } = await promisify(execFile)(python, [path.join(experiments, script!), ...args], {
    env: { ...process.env, OMP_NUM_THREADS: `${threads}` },
  });
  const found = /(?:ms\/img median|ms\/img) ([\d.]+)/.exec(stdout);
  if (!found) throw new Error(`${script!} printed no milliseconds per image: ${stdout}`);
  return Number(found[1]);
}
