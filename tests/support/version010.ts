// The files that version 0.1.0 wrote (tests/fixtures/v0.1.0), unpacked into a folder of their own.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const fixtures = path.resolve(import.meta.dirname, '../fixtures/v0.1.0');

/** Folder of the one run that the project has, seen from {@link unpack}'s folder. */
export const run010 = 'pictures/.ttfnet-studio/runs/0c5a1f3e-52ac-4f5c-9d0c-3a3b7f0f6a01';

/** Unpacks them; the caller removes the folder. */
export async function unpack010(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-010-'));
  await cp(fixtures, folder, { recursive: true });
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.gz')) continue;
    const packed = path.join(folder, name);
    await writeFile(packed.slice(0, -'.gz'.length), gunzipSync(await readFile(packed)));
    await rm(packed);
  }
  return folder;
}
