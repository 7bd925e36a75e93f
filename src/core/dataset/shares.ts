// Finds out that coordinates are shares of the picture's width and height where a format has pixels.
import type { Box } from '../../shared/geometry.ts';
import { said } from '../../shared/said.ts';
import type { Description } from './described.ts';
import type { Report } from './report.ts';

/** Whether a box with an extent lies in the first pixel of its picture: a share of the picture, most likely. */
export const isTiny = ({ x1, y1, x2, y2 }: Box): boolean =>
  x1 >= 0 && y1 >= 0 && x1 < x2 && y1 < y2 && x2 <= 1 && y2 <= 1;

/**
 * Marks the descriptions of a dataset as ones in shares when its boxes can be nothing else: all within the first pixel, not all right at its
 * corners. Says so under their file, or under `folder` when there are several. Where a reader settled that itself, nothing changes.
 */
export function findShares(descriptions: readonly Description[], folder: string, report: Report): void {
  if (descriptions.some(({ shares }) => shares !== undefined)) return;
  const filled = descriptions.filter(({ boxes }) => boxes.length > 0);
  if (!filled.every(({ boxes }) => boxes.every(({ box }) => isTiny(box)))) return;
  if (!filled.some(({ boxes }) => boxes.some(({ box }) => isFine(box)))) return;
  for (const description of filled) description.shares = true;
  const [first, ...others] = new Set(filled.map(({ source }) => source));
  report.lose(others.length > 0 ? folder : first!, 'guessed', said('loss.csvShares', {}));
}

const isFine = (box: Box): boolean => [box.x1, box.y1, box.x2, box.y2].some((value) => !Number.isInteger(value));
