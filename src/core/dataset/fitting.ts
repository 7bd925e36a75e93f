// Compares the size that labels were made for with that of the picture, and brings the boxes onto the picture where the two can be told apart.
import { StudioError, toldBy } from '../../shared/errors.ts';
import type { Box, Size } from '../../shared/geometry.ts';
import { said, type Said } from '../../shared/said.ts';
import type { ImageSize, ReadOptions } from './adapter.ts';
import type { Report } from './report.ts';

/** What becomes of boxes that were made for a declared size. */
export interface Fit {
  /** The same box on the upright picture. */
  box: (box: Box) => Box;
  /** What was done and why; null when the sizes are equal. */
  said: Said | null;
}

/** A picture's upright size, and how boxes get onto it. */
export interface FittedImage extends Size {
  fit: Fit['box'];
}

/** Which pixels the labels of a picture count in: those of the upright picture, or those stored in its file, which its EXIF orientation turns. */
export type Basis = 'upright' | 'stored';

/** A picture and what its labels declare. */
export interface SizedPicture {
  file: string;
  /** 0 where there is none. */
  declared: Size;
  real: ImageSize;
}

const isSize = ({ width, height }: Size): boolean => width > 0 && height > 0 && width < Infinity && height < Infinity;
const same = (box: Box): Box => box;

/**
 * How boxes in pixels of `declared` come onto the upright picture `real`. A size of 0 (or none) counts as equal. Another size of the
 * same shape: scaled. The size of the stored pixels of a picture that its EXIF orientation turns on its side: turned with it.
 * Where the size fits both the upright and the stored pixels, `unclear` says which are meant. Null when the sizes have nothing to do with
 * each other.
 */
export function fitSize(declared: Size, real: ImageSize, unclear: Basis): Fit | null {
  if (!isSize(declared)) return { box: same, said: null };
  const shown = basisOf(declared, real);
  if (shown === null) return null;
  if ((shown === 'unclear' ? unclear : shown) === 'stored') return turning(declared, real, shown === 'unclear');
  if (isEqual(declared, real)) return { box: same, said: null };
  const values = { declared: sizeText(declared), real: sizeText(real) };
  return { box: scaling(declared, real), said: said('loss.rescaled', values) };
}

/** Boxes of stored pixels with their picture; `isTaken`: the size doesn't tell, but other pictures do. */
function turning(declared: Size, real: ImageSize, isTaken: boolean): Fit {
  const stored = storedSize(real);
  const [toStored, turn] = [scaling(declared, stored), turnOf(real)!];
  const values = { declared: sizeText(declared), real: sizeText(real) };
  const plain = isTaken ? said('loss.turnedToo', {}) : said('loss.turned', values);
  return {
    box: (box) => turn(toStored(box), stored),
    said: isEqual(declared, stored) ? plain : said('loss.turnedAndScaled', values),
  };
}

/** The pixels that a declared size shows to be meant; null when it has nothing to do with the picture. An equal size counts before one of the same shape. */
function basisOf(declared: Size, real: ImageSize): Basis | 'unclear' | null {
  const stored = storedSize(real);
  const fits = isEqual(declared, real) || isEqual(declared, stored) ? isEqual : isAlike;
  const isUpright = fits(declared, real);
  if (turnOf(real) && fits(declared, stored)) return isUpright ? 'unclear' : 'stored';
  return isUpright ? 'upright' : null;
}

/**
 * Which pixels the labels count in where a picture's own size can't tell (its orientation keeps its shape, or it declares none): the
 * stored ones if all pictures that can tell were labelled on those. Pictures that are taken as upright without such a proof go to the
 * report as one entry, under the first of them.
 */
export function agreedBasis(pictures: Iterable<SizedPicture>, report: Report): Basis {
  const [shown, fitting, bare] = [new Set<Basis>(), new Set<string>(), new Set<string>()];
  for (const { file, declared, real } of pictures) {
    if (!turnOf(real)) continue;
    const basis = isSize(declared) ? basisOf(declared, real) : null;
    if (!isSize(declared)) bare.add(file);
    else if (basis === 'unclear') fitting.add(file);
    else if (basis) shown.add(basis);
  }
  const isAgreed = shown.size === 1;
  const agreed = isAgreed && shown.has('stored') ? 'stored' : 'upright';
  const taken = agreed === 'stored' ? [...bare] : isAgreed ? [] : [...new Set([...fitting, ...bare])];
  if (taken.length > 0) report.lose(taken[0]!, 'guessed', said('loss.takenUpright', { count: taken.length }));
  return agreed;
}

/**
 * How boxes get onto the upright picture. Null when the sizes don't belong together: the picture must be left out. That, and boxes that
 * are changed, go to the report. `unclear` as for {@link fitSize}.
 */
export function fitImage({ file, declared, real }: SizedPicture, unclear: Basis, report: Report): FittedImage | null {
  const { width, height } = real;
  const fit = fitSize(declared, real, unclear);
  if (fit?.said) report.lose(file, 'rescaled', fit.said);
  if (fit) return { width, height, fit: fit.box };
  report.lose(file, 'dropped', said('loss.otherSize', { declared: sizeText(declared), real: sizeText(real) }));
  return null;
}

/** The picture's size, read from its file; null, and an entry in the report, when that can't be read: the picture must be left out. */
export async function sizeOfFile(
  image: string,
  { readSize }: Pick<ReadOptions, 'readSize'>,
  report: Report,
): Promise<ImageSize | null> {
  try {
    return await readSize(image);
  } catch (error) {
    if (error instanceof StudioError && error.code === 'cancelled') throw error;
    report.lose(image, 'unreadable', toldBy(error));
    return null;
  }
}

const turnOf = ({ orientation }: ImageSize): ((box: Box, stored: Size) => Box) | undefined => turns[orientation ?? 1];

/** The size of the pixels as the file has them. */
const storedSize = ({ width, height, orientation }: ImageSize): Size =>
  (orientation ?? 1) > 4 ? { width: height, height: width } : { width, height };

const isEqual = (a: Size, b: Size): boolean => a.width === b.width && a.height === b.height;

const sizeText = ({ width, height }: Size): string => `${width}x${height}`;

/** Whether one size is the other resized, sides rounded up or down to whole pixels. */
function isAlike(a: Size, b: Size): boolean {
  const slack = Math.max(a.width + a.height, b.width + b.height);
  return Math.abs(a.width * b.height - a.height * b.width) <= slack;
}

function scaling(from: Size, to: Size): (box: Box) => Box {
  if (isEqual(from, to)) return same;
  const [x, y] = [to.width / from.width, to.height / from.height];
  return ({ x1, y1, x2, y2 }) => ({ x1: x1 * x, y1: y1 * y, x2: x2 * x, y2: y2 * y });
}

/** Boxes of stored pixels on the upright picture, by orientation. `stored` is the stored size. */
const turns: Record<number, (box: Box, stored: Size) => Box> = {
  2: ({ x1, y1, x2, y2 }, { width }) => ({ x1: width - x2, y1, x2: width - x1, y2 }),
  3: ({ x1, y1, x2, y2 }, { width, height }) => ({ x1: width - x2, y1: height - y2, x2: width - x1, y2: height - y1 }),
  4: ({ x1, y1, x2, y2 }, { height }) => ({ x1, y1: height - y2, x2, y2: height - y1 }),
  5: ({ x1, y1, x2, y2 }) => ({ x1: y1, y1: x1, x2: y2, y2: x2 }),
  6: ({ x1, y1, x2, y2 }, { height }) => ({ x1: height - y2, y1: x1, x2: height - y1, y2: x2 }),
  7: ({ x1, y1, x2, y2 }, { width, height }) => ({ x1: height - y2, y1: width - x2, x2: height - y1, y2: width - x1 }),
  8: ({ x1, y1, x2, y2 }, { width }) => ({ x1: y1, y1: width - x2, x2: y2, y2: width - x1 }),
};
