// Images that no annotation file describes: not negatives (nobody said that they hold nothing), so left out and reported.
import { saying } from '../../shared/errors.ts';
import type { LabelledImage } from '../../shared/labels.ts';
import { said } from '../../shared/said.ts';
import type { ImageIndex } from './imageIndex.ts';
import { maxSplits } from './limits.ts';
import type { Report } from './report.ts';

/** Reports every image of the folder that isn't in `described` (absolute paths). */
export function reportUndescribed(
  index: ImageIndex,
  described: { has: (file: string) => boolean },
  report: Report,
): void {
  for (const file of index.files)
    if (!described.has(file)) report.lose(file, 'missing-annotation', said('loss.undescribed', {}));
}

/** Gives each image the split that its folder names, for datasets without lists of their own. */
export function splitByFolder(
  images: readonly LabelledImage[],
  index: ImageIndex,
  fileOf: (image: LabelledImage) => string,
): void {
  for (const image of images) {
    const split = index.splitOfFolder(fileOf(image));
    if (split !== undefined) image.splits = [split];
  }
}

/** Adds a split to an image once. Error: `annotation-invalid` when it is in more than any dataset has. */
export function addSplit(image: LabelledImage, split: string): void {
  if (image.splits?.includes(split)) return;
  if (image.splits && image.splits.length >= maxSplits)
    throw saying('annotation-invalid', 'annotation.splits', { file: image.path, most: maxSplits });
  image.splits = [...(image.splits ?? []), split];
}
