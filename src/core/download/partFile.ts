// The unfinished file of a download, and the note beside it that says which version of which address it belongs to.
import { readFile, rm, stat } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomic } from '../files/atomicWrite.ts';

/** Paths of an unfinished download. */
export interface PartFile {
  /** The bytes so far. */
  readonly data: string;
  /** Where they came from, as JSON. */
  readonly origin: string;
}

const originSchema = z.object({ url: z.string(), validator: z.string().nullable() });

/** The version that a server named: a strong ETag or a date, for `If-Range`; null where it named none. */
export type Origin = z.infer<typeof originSchema>;

/** The part files that belong to `target`. */
export function partOf(target: string): PartFile {
  return { data: `${target}.part`, origin: `${target}.part.json` };
}

/** Bytes that can be kept of an earlier attempt from `url`, with its validator. What can't be kept is removed. */
export async function resumable(part: PartFile, url: string): Promise<{ size: number; validator: string | null }> {
  const origin = await readFile(part.origin, 'utf8').then(
    (text) => originSchema.safeParse(parseJson(text)).data,
    () => undefined,
  );
  if (origin?.url === url) {
    const size = await stat(part.data).then(
      (s) => s.size,
      () => 0,
    );
    return { size, validator: origin.validator };
  }
  await rm(part.data, { force: true });
  return { size: 0, validator: null };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // a damaged note only costs the part it described
  }
}

/** Notes where the bytes come from, before the first of them is written. */
export async function rememberOrigin(part: PartFile, origin: Origin): Promise<void> {
  await writeFileAtomic(part.origin, JSON.stringify(origin));
}

/** Removes an unfinished download. */
export async function forgetPart(part: PartFile): Promise<void> {
  await rm(part.data, { force: true });
  await rm(part.origin, { force: true });
}
