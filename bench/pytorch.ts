// Runs the same networks in PyTorch (../shared/experiments), where that and a Python with torch are at hand.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const python = '/usr/bin/python3';
const root = path.resolve(import.meta.dirname, '..');
const experiments = path.resolve(root, '../shared/experiments');

/** One way to run something in PyTorch: a script and its arguments; the best of several counts. */
export type PyTorchCase = readonly string[];

/** What PyTorch is asked for: a training step, one with nothing frozen, or the network forward on one image. */
export type PyTorchTask = 'step' | 'unfrozen' | 'forward';

/** Why there is nothing in PyTorch to compare with, or null. */
export function pyTorchMissing(network: string): string | null {
  if (!['ttfnet-18', 'mobilenetv3-0.75'].includes(network)) return `there is no PyTorch script for ${network}`;
  if (!existsSync(experiments)) return `${experiments} is not beside this checkout`;
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
  } catch {
    return `${python} has no torch`;
  }
  return null;
}

/** PyTorch's cases for a task: both memory layouts where the script knows them. Empty where there is no script for it. */
export function pyTorchCases(network: string, task: PyTorchTask, batch: number, size: number): PyTorchCase[] {
  if (network === 'mobilenetv3-0.75') {
    const models = path.join(root, 'node_modules/@vladmandic/human/models');
    return task === 'step' ? [[path.join(experiments, 'pt_mbv3.py'), models, `${batch}`, `${size}`]] : [];
  }
  const script = task === 'unfrozen' ? unfrozenScript() : path.join(experiments, 'pt_ttf.py');
  const last = task === 'forward' ? 'infer=1' : 'n=3';
  return ['cl=1', 'cl='].map((layout) => [script, `B=${batch}`, `S=${size}`, 'rand=1', layout, 'dcn=grid', last]);
}

/** The script freezes stem and first stage; a copy of it that freezes nothing. */
function unfrozenScript(): string {
  const source = readFileSync(path.join(experiments, 'pt_ttf.py'), 'utf8');
  const norms = '[net] if frozen else [net.bn1,net.layer1]';
  const weights = /^for p in list\(net\.conv1\.parameters\(\)\).*requires_grad=False$/m;
  if (!source.includes(norms) || !weights.test(source)) throw new Error('pt_ttf.py freezes in another way than it did');
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'ttfnet-bench-')), 'pt_ttf_unfrozen.py');
  writeFileSync(file, source.replace(norms, '[net] if frozen else []').replace(weights, ''));
  return file;
}

/** Runs one case once. @returns median milliseconds per image */
export async function runPyTorch([script, ...args]: PyTorchCase, threads: number): Promise<number> {
  const { stdout } = await promisify(execFile)(python, [script!, ...args], {
    env: { ...process.env, OMP_NUM_THREADS: `${threads}` },
  });
  const found = /(?:ms\/img median|ms\/img|infer .* median) ([\d.]+)/.exec(stdout);
  if (!found) throw new Error(`${script!} printed no milliseconds per image: ${stdout}`);
  return Number(found[1]);
}
