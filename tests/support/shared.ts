// Finds the folder of golden files and datasets beside the checkout; tests that need it skip, and say so, where it is absent.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'vitest';

const root = process.env['TTFNET_SHARED'] ?? path.resolve(import.meta.dirname, '../../../shared');

/** Absolute path of a file or folder in `../shared`, or null where this checkout has none. */
export function sharedPath(...parts: string[]): string | null {
  const full = path.join(root, ...parts);
  return existsSync(full) ? full : null;
}

/** `describe` for tests that read `../shared/<parts>`: skipped, with the reason in the title, where the folder is absent. */
export function describeWithShared(title: string, parts: string[], body: (folder: string) => void): void {
  const folder = sharedPath(...parts);
  if (folder === null)
    describe.skip(`${title} (skipped: ../shared/${parts.join('/')} is not beside this checkout)`, () => undefined);
  else describe(title, () => body(folder));
}
