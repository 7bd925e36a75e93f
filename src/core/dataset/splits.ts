// Splits: named by the dataset, or made from the content of the images so that they never change by adding some.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { StudioError, toldBy } from '../../shared/errors.ts';
import type { Dataset, LabelledImage, Split } from '../../shared/labels.ts';
import { lossOf, type Loss } from '../../shared/lossReport.ts';
import { said, word } from '../../shared/said.ts';
import { roleOf } from '../../shared/splits.ts';
import { readPieces } from '../files/plainFile.ts';
import type { TaskOptions } from './adapter.ts';
import { checkCancelled, mapLimit } from './folderFiles.ts';

/** Shares of the three parts; they add up to 1. */
export type SplitFractions = Record<Split, number>;

/** Shares when nobody says otherwise. */
export const defaultFractions: SplitFractions = { train: 0.8, val: 0.2, test: 0 };

/** From this number of images on, val is never empty (where its share isn't 0); train never is. */
export const guaranteedFrom = 5;

/** SHA-256 of a file's bytes, in hexadecimal. Errors: file errors. */
export async function contentHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of readPieces(file)) hash.update(piece);
  return hash.digest('hex');
}

/**
 * The part of each image by its content hash: the hash's first 48 bits are a number from 0 to 1; below the share of val it is val,
 * the next stretch is test, the rest train. So an image's part depends on itself and the shares alone: adding or removing images
 * moves no other, equal images share a part, and on another machine the split is the same.
 *
 * One exception keeps small sets usable: an empty train, and with 5 images or more an empty val, takes the one image whose number
 * is nearest to its stretch, as if the stretch were just wide enough. That stand-in goes back when a later image falls into the
 * stretch by itself. Who must not have even that passes the earlier result as `previous`: what is in there never moves.
 */
export function assignSplits(
  hashes: readonly string[],
  fractions: SplitFractions = defaultFractions,
  previous: ReadonlyMap<string, Split> = new Map(),
): Map<string, Split> {
  checkFractions(fractions);
  const parts = new Map<string, Split>();
  for (const hash of hashes) parts.set(hash, previous.get(hash) ?? partOf(place(hash), fractions));
  const isEmpty = (part: Split) => fractions[part] > 0 && ![...parts.values()].includes(part);
  if (parts.size >= guaranteedFrom && isEmpty('val')) standIn(parts, 'val', previous);
  if (isEmpty('train')) standIn(parts, 'train', previous);
  return parts;
}

function checkFractions({ train, val, test }: SplitFractions): void {
  const values = [train, val, test];
  if (values.every((v) => v >= 0 && v <= 1) && Math.abs(train + val + test - 1) < 1e-6) return;
  throw new StudioError(
    'argument-invalid',
    `The shares of train, val and test are ${values.join(', ')}; each must be from 0 to 1 and their sum 1, for example 0.8, 0.2, 0.`,
  );
}

function place(hash: string): number {
  return parseInt(hash.slice(0, 12), 16) / 2 ** 48;
}

function partOf(at: number, { val, test }: SplitFractions): Split {
  if (at < val) return 'val';
  return at < val + test ? 'test' : 'train';
}

function standIn(parts: Map<string, Split>, part: Split, previous: ReadonlyMap<string, Split>): void {
  // val is the lowest stretch and train the highest, so the nearest image is the lowest or highest of the others.
  const candidates = [...parts.keys()].filter((hash) => !previous.has(hash)).sort();
  const nearest = part === 'val' ? candidates[0] : candidates.at(-1);
  if (nearest !== undefined) parts.set(nearest, part);
}

/**
 * Puts `images` into splits by {@link assignSplits}, replacing the names in `replaced` that they had; files that can't be read stay
 * out of every split and are returned.
 */
export async function splitByContent(
  dataset: Dataset,
  images: readonly LabelledImage[],
  fractions: SplitFractions,
  options: TaskOptions,
): Promise<Loss[]> {
  const losses: Loss[] = [];
  let done = 0;
  const hashes = await mapLimit(images, 4, async (image) => {
    checkCancelled(options);
    const hash = await contentHash(path.resolve(dataset.imageRoot, image.path)).catch((error: unknown) => {
      const { message, said } = toldBy(error);
      losses.push({ file: image.path, kind: 'unreadable', reason: message, said });
      return null;
    });
    done++;
    options.onProgress?.({ done, total: images.length, unit: 'images' });
    return hash;
  });
  const parts = assignSplits(
    hashes.filter((hash) => hash !== null),
    fractions,
  );
  images.forEach((image, i) => {
    const part = parts.get(hashes[i] ?? '');
    const others = (image.splits ?? []).filter((name) => !isRole(name, 'train'));
    if (part) image.splits = [...others, part];
  });
  return losses;
}

/** Names of the splits with their numbers of images, in order of appearance. */
export function countSplits(dataset: Dataset): Map<string, number> {
  const counts = new Map<string, number>();
  for (const image of dataset.images)
    for (const split of image.splits ?? []) counts.set(split, (counts.get(split) ?? 0) + 1);
  return counts;
}

/** Images of one split. Error: `argument-invalid` naming the splits that there are. */
export function imagesOfSplit(dataset: Dataset, split: string): LabelledImage[] {
  const images = dataset.images.filter((image) => image.splits?.includes(split));
  if (images.length > 0) return images;
  const known = [...countSplits(dataset)].map(([name, count]) => `${name} (${count} images)`);
  const valid = known.length > 0 ? `It has ${known.join(', ')}.` : 'It has no splits.';
  throw new StudioError(
    'argument-invalid',
    `The dataset has no split ${JSON.stringify(split)}. ${valid} Choose one of these.`,
  );
}

/** Whether a split of this name plays the part: `val`, `valid`, `val2017` are all val. */
export function isRole(name: string, part: Split): boolean {
  return roleOf(name) === part;
}

/** The dataset's own names for a part, e.g. `valid` for val; several where two of its lists play the same part. */
export function splitsOfRole(dataset: Dataset, part: Split): string[] {
  return [...countSplits(dataset).keys()].filter((name) => isRole(name, part));
}

/** Images of all splits that play a part. */
export const imagesOfRole = (dataset: Dataset, part: Split): LabelledImage[] =>
  dataset.images.filter((image) => image.splits?.some((name) => isRole(name, part)));

/** Which splits to train and to validate on. */
export interface SplitChoice {
  /** Name of the split to train on; default: all that play train, else `trainval`. */
  train?: string;
  /** Name of the split to validate on, or `none`; default: all that play val, else none. */
  val?: string;
}

/** Images to train on, and to validate on (null for none). Errors: `argument-invalid` naming the splits that there are. */
export function chooseSplits(
  dataset: Dataset,
  choice: SplitChoice = {},
): { train: LabelledImage[]; val: LabelledImage[] | null } {
  const of = (part: 'train' | 'val'): LabelledImage[] | null => {
    const named = choice[part];
    if (named === 'none') return null;
    if (named !== undefined) return imagesOfSplit(dataset, named);
    return splitsOfRole(dataset, part).length > 0 ? imagesOfRole(dataset, part) : null;
  };
  return { train: of('train') ?? imagesOfSplit(dataset, choice.train ?? 'trainval'), val: of('val') };
}

/** What was made by content where a dataset names no splits: all of them, a validation split off the named train split, or nothing. */
export type SplitsMade = 'all' | 'val' | 'nothing';

/**
 * What a person should know about the choice of {@link chooseSplits}: splits that the dataset doesn't name itself, parts that several
 * lists play, and images that no list names.
 */
export function choiceFindings(dataset: Dataset, choice: SplitChoice = {}, splitsMade: SplitsMade = 'nothing'): Loss[] {
  const several = (['train', 'val'] as const).flatMap((part) => {
    const names = choice[part] === undefined ? splitsOfRole(dataset, part) : [];
    const by = said('loss.splitsUnited', { names: names.join(', '), split: word(part), option: `--${part}-split` });
    return names.length > 1 ? [lossOf('', 'guessed', by)] : [];
  });
  const count = dataset.images.filter(({ splits = [] }) => splits.length === 0).length;
  const unnamed = count === 0 ? [] : [lossOf('', 'skipped', said('loss.inNoSplit', { count }))];
  return [...madeFindings(dataset, choice, splitsMade), ...several, ...unnamed];
}

function madeFindings(dataset: Dataset, choice: SplitChoice, splitsMade: SplitsMade): Loss[] {
  if (splitsMade === 'nothing' || choice.val === 'none') return [];
  const val = imagesOfRole(dataset, 'val').length;
  const count = val + imagesOfRole(dataset, 'train').length;
  const by = splitsMade === 'all' ? said('loss.splitsMade', { val, count }) : said('loss.valMade', { val, count });
  return [lossOf('', 'guessed', by)];
}
