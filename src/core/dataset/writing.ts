// What the writers share: progress over images, file names of splits, large files in pieces, losses of flags.
import type { Dataset } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { WriteOptions } from './adapter.ts';
import { checkCancelled, mapLimit } from './folderFiles.ts';
import type { PlacedImage } from './placeImages.ts';
import type { Report } from './report.ts';

/** Calls `work` for every image, several at a time, with progress and cancellation. */
export async function eachWrite<T>(
  items: readonly T[],
  options: WriteOptions,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let done = 0;
  await mapLimit(items, 8, async (item) => {
    checkCancelled(options);
    await work(item);
    done++;
    options.onProgress?.({ done, total: items.length, unit: 'images' });
  });
}

/** All splits that images are in, in order of appearance. */
export function splitNamesOf(images: readonly { splits?: string[] }[]): string[] {
  return [...new Set(images.flatMap((image) => image.splits ?? []))];
}

/** Splits with the name each can have as a file; changed ones are reported. */
export function safeSplitNames(placed: readonly PlacedImage[], report: Report): Map<string, string> {
  const files = new Map<string, string>();
  const taken = new Set<string>();
  for (const split of splitNamesOf(placed.map(({ image }) => image))) {
    const safe = split.replaceAll(/[\\/:*?"<>|\s]+/g, '_') || 'split';
    let name = safe;
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${safe}_${n}`;
    taken.add(name.toLowerCase());
    if (name !== split) report.lose(split, 'renamed', said('loss.splitRenamed', { split, name }));
    files.set(split, name);
  }
  return files;
}

/** Reports that the format holds no splits, when the dataset has some. */
export function reportSplitLoss(dataset: Dataset, report: Report, formatTitle: string): void {
  const splits = splitNamesOf(dataset.images);
  if (splits.length > 0) report.lose(splits.join(', '), 'split-lost', said('loss.noLists', { format: formatTitle }));
}

/** Collects text as UTF-8 pieces of about a megabyte, so that no file is one string. */
export class Pieces {
  readonly #done: Uint8Array[] = [];
  #open: string[] = [];
  #length = 0;

  add(text: string): void {
    this.#open.push(text);
    this.#length += text.length;
    if (this.#length > 1 << 20) this.#flush();
  }

  /** The pieces that are full, given away: for a file that is written as it is made. */
  take(): Uint8Array[] {
    return this.#done.splice(0);
  }

  /** The rest of the pieces. */
  finish(): Uint8Array[] {
    this.#flush();
    return this.#done;
  }

  #flush(): void {
    if (this.#open.length > 0) this.#done.push(Buffer.from(this.#open.join('')));
    this.#open = [];
    this.#length = 0;
  }
}

/** Lets timers and signals have their turn every 1000th call, for long loops without waiting. */
export function breather(options: WriteOptions, total: number): (done: number) => Promise<void> {
  return async (done) => {
    if (done % 1000 !== 0 && done !== total) return;
    checkCancelled(options);
    options.onProgress?.({ done, total, unit: 'images' });
    await new Promise((resolve) => setImmediate(resolve));
  };
}
