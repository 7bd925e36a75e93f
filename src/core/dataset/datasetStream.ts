// A dataset whose images come one by one, for taking in more than fits in memory as objects.
import type { Dataset, LabelledImage } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import type { ReadResult } from './adapter.ts';

/** A dataset that is read as it is used. */
export interface DatasetStream extends Omit<Dataset, 'images'> {
  /** Number of images that will come, at most: a few may turn out to be unreadable. */
  count: number;
  /** To be gone through once. */
  images: Iterable<LabelledImage> | AsyncIterable<LabelledImage>;
  /** What was lost; whole only once all images have come. */
  report: () => LossReport;
}

/** A stream as one object in memory. */
export async function collect({ count: _, images, report, ...rest }: DatasetStream): Promise<ReadResult> {
  const all: LabelledImage[] = [];
  for await (const image of images) all.push(image);
  return { dataset: { ...rest, images: all }, report: report() };
}

/** A dataset in memory as a stream. */
export function streamOf({ dataset: { images, ...rest }, report }: ReadResult): DatasetStream {
  return { ...rest, count: images.length, images, report: () => report };
}
