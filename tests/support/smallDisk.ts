// A real disk of a few kilobytes: a tmpfs, where mounting one is permitted.
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A mounted folder. */
export interface SmallDisk {
  folder: string;
  /** Mounts it anew with another limit or as read-only; what it holds stays. */
  remount: (options: string) => void;
  unmount: () => void;
}

/** Mounts a disk of `size` (as mount's `size=`), or null where that is not permitted: tests then skip and say so. */
export function mountSmallDisk(size: string): SmallDisk | null {
  const folder = mkdtempSync(path.join(tmpdir(), 'ttfnet-disk-'));
  const mount = (options: string): void =>
    void execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  try {
    mount(`size=${size}`);
  } catch {
    return null;
  }
  return {
    folder,
    remount: (options) => mount(`remount,${options}`),
    unmount: () => void execFileSync('umount', [folder], { stdio: 'ignore' }),
  };
}
