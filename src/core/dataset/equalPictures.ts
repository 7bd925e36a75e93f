// Finds pictures of the same content: copies in two splits, or twice in one.
import { stat } from 'node:fs/promises';
import type { TaskOptions } from './adapter.ts';
import { checkCancelled, mapLimit } from './folderFiles.ts';
import { contentHash } from './splits.ts';

/**
 * Groups of two or more whose files hold the same bytes, each in the order of `items`; a file that is named twice equals itself. Only
 * files of equal length are read. Files that can't be read equal none.
 * @throws cancelled
 */
export async function equalPictures<T extends { file: string }>(
  items: readonly T[],
  options: Pick<TaskOptions, 'signal'> = {},
): Promise<T[][]> {
  const sizes = await mapLimit(items, 16, async ({ file }) => {
    checkCancelled(options);
    return (await stat(file).catch(() => null))?.size ?? null;
  });
  const alike = groups(items, (_, i) => sizes[i] ?? null);
  const named = groups(alike.flat(), ({ file }) => file);
  const files = [...new Set(alike.flat().map(({ file }) => file))];
  const contents = new Map<string, string | null>();
  await mapLimit(files, 4, async (file) => {
    checkCancelled(options);
    contents.set(file, await contentHash(file).catch(() => null));
  });
  const equal = groups(alike.flat(), ({ file }) => contents.get(file) ?? null);
  // A file that can't be read has no content to compare, but named twice it is the same all the same.
  return [...equal, ...named.filter(([first]) => contents.get(first!.file) === null)];
}

/** Items of one key together, where there are two or more; null is no key. */
function groups<T>(items: readonly T[], keyOf: (item: T, index: number) => string | number | null): T[][] {
  const found = new Map<string | number, T[]>();
  items.forEach((item, index) => {
    const key = keyOf(item, index);
    if (key === null) return;
    const group = found.get(key);
    if (group) group.push(item);
    else found.set(key, [item]);
  });
  return [...found.values()].filter(({ length }) => length > 1);
}
