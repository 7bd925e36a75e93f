// Full and read-only output disks under the built command line: a sentence with the remedy, and nothing written before is damaged.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadCheckpoint } from '../../src/core/model/checkpoint.ts';
import { generateSample } from '../../src/core/sample/generate.ts';
import { runCli } from '../support/cli.ts';
import { mountSmallDisk } from '../support/smallDisk.ts';

const disk = mountSmallDisk('64m');
const suite = disk ? describe : describe.skip;
let sample: string;

beforeAll(async () => {
  sample = await mkdtemp(path.join(tmpdir(), 'ttfnet-full-'));
  await generateSample(sample, { count: 6 });
});
afterAll(async () => {
  disk?.unmount();
  await rm(sample, { recursive: true, force: true });
});

suite(`a full disk${disk ? '' : ' (skipped: mounting a tmpfs is not permitted here)'}`, () => {
  const at = (...parts: string[]): string => path.join(disk!.folder, ...parts);
  const train = (...args: string[]) =>
    runCli('train', sample, '--size', '64', '--batch', '2', '--val-split', 'none', ...args);

  it('stops training with a sentence, the last good checkpoint still whole; with room it goes on', async () => {
    expect((await train('--epochs', '1', '--out', at('first'))).code).toBe(0);
    const used = (await readFile(at('first/checkpoints/last.safetensors'))).length;
    disk!.remount(`size=${Math.ceil((used * 1.6) / 1024)}k`);
    const result = await train('--epochs', '2', '--out', at('second'));
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/second.* could not be written: the disk is full\. Free some space and try again/);
    expect((await loadCheckpoint(at('first/checkpoints/last.safetensors'))).weights.size).toBeGreaterThan(100);
    disk!.remount('size=128m');
    const resumed = await runCli('train', '--resume', '--out', at('second'));
    expect(resumed.stderr).toContain('Ended (finished)');
    expect(resumed.code).toBe(0);
  });

  it('stops detection with a sentence; with room it goes on where it was', async () => {
    const tiny = mountSmallDisk('200k')!;
    onTestFinished(() => tiny.unmount());
    const out = path.join(tiny.folder, 'found');
    const call = [
      'detect',
      path.join(sample, 'JPEGImages'),
      '--model',
      'coco-mobilenetv3',
      '--format',
      'overlay',
      '--out',
      out,
    ];
    const full = await runCli(...call);
    expect(full.stderr).toMatch(/found.* could not be written: the disk is full/);
    expect(full.code).toBe(1);
    tiny.remount('size=8m');
    const again = await runCli(...call);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/on 6 pictures/);
  });

  it('a read-only disk is named, with the remedy', async () => {
    disk!.remount('ro');
    const trained = await train('--epochs', '1', '--out', at('third'));
    expect(trained.stderr).toMatch(/third is on a read-only disk\. Choose another place/);
    const detected = await runCli(
      'detect',
      path.join(sample, 'JPEGImages'),
      '--model',
      'coco-mobilenetv3',
      '--out',
      at('other'),
    );
    expect(detected.stderr).toMatch(/other is on a read-only disk\. Choose another place/);
    disk!.remount('rw');
  });
});
