// What the tests of folder detection share: a tiny model, small pictures of their own, and folders compared byte for byte.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { detectTask, type DetectOutcome, type DetectRequest } from '../../src/app/tasks/detectTask.ts';
import { run010, unpack010 } from './version010.ts';

/** A model of 64 pixels that finds something on every picture, as a run that can be trained further. */
export async function tinyRun(folder: string): Promise<string> {
  const unpacked = await unpack010();
  const run = path.join(folder, 'run');
  await cp(path.join(unpacked, run010), run, { recursive: true });
  await rm(unpacked, { recursive: true });
  return run;
}

/** Changes a weight, as further training does: path and network stay. */
export async function trainFurther(run: string): Promise<void> {
  for (const name of ['best', 'last']) {
    const file = path.join(run, 'checkpoints', `${name}.safetensors`);
    const bytes = await readFile(file);
    bytes.writeFloatLE(bytes.readFloatLE(bytes.length - 4) + 0.125, bytes.length - 4);
    await writeFile(file, bytes);
  }
}

/** A folder that is removed when the test ends. */
export async function workFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-detect-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a small picture for each name; no two are alike. */
export async function drawPictures(folder: string, names: readonly string[]): Promise<string> {
  for (const [i, name] of names.entries()) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    const background = { r: (37 * i) % 256, g: 90, b: 160 };
    const picture = sharp({ create: { width: 64 + i, height: 48, channels: 3, background } });
    await writeFile(file, await (/\.png$/i.test(name) ? picture.png() : picture.jpeg()).toBuffer());
  }
  return folder;
}

/** Detects with settings for tests. */
export function detect(
  request: Pick<DetectRequest, 'paths' | 'model' | 'out'> & Partial<DetectRequest>,
): Promise<DetectOutcome> {
  return detectTask({ score: 0.1, recursive: true, formats: ['csv'], ...request });
}

/** Every file of results under a folder by its path, with its bytes; the journal, its lock and earlier results are none. */
export async function outputs(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const full = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, full).replaceAll(path.sep, '/');
    if (entry.isFile() && !/^(journal\.jsonl|\.ttfnet-lock|earlier-)/.test(name))
      files[name] = (await readFile(full)).toString('base64');
  }
  return files;
}
