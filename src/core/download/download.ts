// Downloads one weight file when asked: continues a cut download, verifies the SHA-256, and only then gives the file its name.
import { rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, StudioError } from '../../shared/errors.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { sha256Of } from './checksum.ts';
import type { ModelEntry } from './modelIndex.ts';
import type { PartFile } from './partFile.ts';
import { forgetPart, partOf } from './partFile.ts';
import type { DownloadProgress } from './transfer.ts';
import { transfer } from './transfer.ts';

/** Choices of a download. */
export interface DownloadOptions {
  /** Address of a folder that holds the same file names; used instead of the entry's own address. */
  readonly mirror?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Seconds without a byte after which the server counts as gone; 30 where not given. */
  readonly timeoutSeconds?: number;
}

function addressOf(entry: ModelEntry, mirror: string | undefined): string {
  if (mirror === undefined) return entry.url;
  const base = URL.canParse(mirror) ? new URL(mirror) : null;
  if (!base || !/^https?:$/.test(base.protocol))
    throw new StudioError(
      'argument-invalid',
      `The mirror "${mirror}" is not a http:// or https:// address of a folder.`,
    );
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return new URL(entry.file, base).href;
}

async function hasRightContent(file: string, entry: ModelEntry, signal?: AbortSignal): Promise<boolean> {
  const exists = await stat(file).then(
    (s) => s.isFile(),
    () => false,
  );
  return exists && (await sha256Of(file, signal)).startsWith(entry.sha256);
}

/** Checks the whole part and gives it its name, or removes it. */
async function accept(
  part: PartFile,
  target: string,
  entry: ModelEntry,
  url: string,
  signal?: AbortSignal,
): Promise<void> {
  const found = await sha256Of(part.data, signal);
  const right = found.startsWith(entry.sha256);
  if (right) await rename(part.data, target);
  await forgetPart(part);
  if (right) return;
  throw new StudioError(
    'checksum-mismatch',
    `${entry.file} from ${url} is not the published file: its SHA-256 starts with ${found.slice(0, entry.sha256.length)}, ` +
      `not ${entry.sha256}. It was removed. Try again, or give another mirror.`,
  );
}

/**
 * Downloads `entry` into `folder` (made where it is missing) and returns the file's path. A file that is there and right is not
 * downloaded again. A cut or cancelled download leaves `FILE.part`, which the next call continues. One caller at a time per file.
 * @throws download-failed naming address and remedy, checksum-mismatch, disk-full, file-permission, cancelled, argument-invalid (mirror)
 */
export async function download(entry: ModelEntry, folder: string, options: DownloadOptions = {}): Promise<string> {
  const { signal } = options;
  const url = addressOf(entry, options.mirror);
  const target = path.join(folder, entry.file);
  const part = partOf(target);
  try {
    await makeFolder(folder);
    if (await hasRightContent(target, entry, signal)) return target;
    // A part can be whole already when the last attempt was killed while it was being checked.
    if (!(await hasRightContent(part.data, entry, signal))) {
      const { onProgress, timeoutSeconds = 30 } = options;
      await transfer({ url, part, entry, signal, onProgress, timeoutSeconds });
    }
    await accept(part, target, entry, url, signal);
    return target;
  } catch (error) {
    throw fromFileError(error, target);
  }
}
