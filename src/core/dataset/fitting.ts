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

const isSize = ({ width, height }: Size): boolean => width > 0 && height > 0 && width < Infinity && height < Infinity;
const turned = ({ width, height }: Size): Size => ({ width: height, height: width });
const same = (box: Box): Box => box;

/**
 * How boxes in pixels of `declared` come onto the upright picture `real`. A size of 0 (or none) counts as equal. Another size of the
 * same shape: scaled. The size of the stored pixels of a picture that its EXIF orientation turns on its side: turned with it. Null when the
 * sizes have nothing to do with each other.
 */
export function fitSize(declared: Size, real: ImageSize): Fit | null {
  if (!isSize(declared) || (declared.width === real.width && declared.height === real.height))
    return { box: same, said: null };
  const values = { declared: sizeText(declared), real: sizeText(real) };
  const turn = (real.orientation ?? 1) > 4 ? turns[real.orientation!] : undefined;
  const stored = turned(real);
  const isScaled = sizeText(declared) !== sizeText(stored);
  if (turn && (!isScaled || (isAlike(declared, stored) && !isAlike(declared, real)))) {
    const toStored = scaling(declared, stored);
    return {
      box: (box) => turn(toStored(box), stored),
      said: isScaled ? said('loss.turnedAndScaled', values) : said('loss.turned', values),
    };
  }
  return isAlike(declared, real) ? { box: scaling(declared, real), said: said('loss.rescaled', values) } : null;
}

/**
 * The picture's size, read from its file, and how boxes made for `declared` get onto it. Null when the file can't be read or the sizes
 * don't belong together: the picture must be left out. Both, and boxes that were changed, go to the report under `image`.
 */
export async function fitImage(
  declared: Size,
  image: string,
  options: Pick<ReadOptions, 'readSize'>,
  report: Report,
): Promise<FittedImage | null> {
  const real = await sizeOfFile(image, options, report);
  if (!real) return null;
  const { width, height } = real;
  const fit = fitSize(declared, real);
  if (fit?.said) report.lose(image, 'rescaled', fit.said);
  if (fit) return { width, height, fit: fit.box };
  report.lose(image, 'dropped', said('loss.otherSize', { declared: sizeText(declared), real: sizeText(real) }));
  return null;
}

async function sizeOfFile(
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

const sizeText = ({ width, height }: Size): string => `${width}x${height}`;

/** Whether one size is the other resized, sides rounded up or down to whole pixels. */
function isAlike(a: Size, b: Size): boolean {
  const slack = Math.max(a.width + a.height, b.width + b.height);
  return Math.abs(a.width * b.height - a.height * b.width) <= slack;
}

function scaling(from: Size, to: Size): (box: Box) => Box {
  if (sizeText(from) === sizeText(to)) return same;
  const [x, y] = [to.width / from.width, to.height / from.height];
  return ({ x1, y1, x2, y2 }) => ({ x1: x1 * x, y1: y1 * y, x2: x2 * x, y2: y2 * y });
}

/** Boxes of stored pixels on the upright picture, by the orientations that turn it on its side. `stored` is the stored size. */
const turns: Record<number, (box: Box, stored: Size) => Box> = {
  5: ({ x1, y1, x2, y2 }) => ({ x1: y1, y1: x1, x2: y2, y2: x2 }),
  6: ({ x1, y1, x2, y2 }, { height }) => ({ x1: height - y2, y1: x1, x2: height - y1, y2: x2 }),
  7: ({ x1, y1, x2, y2 }, { width, height }) => ({ x1: height - y2, y1: width - x2, x2: height - y1, y2: width - x1 }),
  8: ({ x1, y1, x2, y2 }, { width }) => ({ x1: y1, y1: width - x2, x2: y2, y2: width - x1 }),
};
