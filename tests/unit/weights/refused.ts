// A folder of weight files for the tests of one file, and what reading one that must be refused says.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { readWeights } from '../../../src/core/weights/readWeights.ts';
import { StudioError } from '../../../src/shared/errors.ts';

/** Files that a test makes; their folder lives as long as the test file. */
export interface WeightFiles {
  readonly folder: string;
  /** Writes a file of its own. @returns its path */
  save: (content: Uint8Array) => Promise<string>;
  /** The refusal's message, after checking code, file name, time (1.5 s of computing) and memory (250 MB). */
  refusal: (content: Uint8Array) => Promise<string>;
}

/** The elements of a float32 storage as bytes. */
export const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** Makes a {@link WeightFiles} with the hooks that create and remove its folder. */
export function weightFiles(prefix: string): WeightFiles {
  let [folder, serial] = ['', 0];
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), prefix));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const save = async (content: Uint8Array): Promise<string> => {
    const file = path.join(folder, `${++serial}.pth`);
    await writeFile(file, content);
    return file;
  };
  return {
    get folder() {
      return folder;
    },
    save,
    refusal: async (content) => refusalOf(await save(content)),
  };
}

async function refusalOf(file: string): Promise<string> {
  const [memory, start] = [process.memoryUsage(), process.cpuUsage()];
  const error: unknown = await readWeights(file).catch((e: unknown) => e);
  const { user, system } = process.cpuUsage(start);
  const after = process.memoryUsage();
  if (!(error instanceof StudioError)) throw new Error(`not refused: ${String(error)}`);
  expect(error.code).toBe('model-invalid');
  expect(error.message).toContain(file);
  expect((user + system) / 1e6).toBeLessThan(1.5);
  expect(after.heapUsed + after.external - memory.heapUsed - memory.external).toBeLessThan(250e6);
  return error.message;
}
