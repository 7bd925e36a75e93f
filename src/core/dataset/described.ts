// From what annotation files say about images to the images of a dataset: the one way of the formats that describe images one by one.
import path from 'node:path';
import type { Box, Size } from '../../shared/geometry.ts';
import type { Annotation, LabelledImage } from '../../shared/labels.ts';
import { said, type Said } from '../../shared/said.ts';
import type { ReadOptions } from './adapter.ts';
import type { ClassList } from './classNames.ts';
import { addDescribedBoxes, isReadable } from './describedBoxes.ts';
import { agreedBasis, fitImage, sizeOfFile, type FittedImage, type SizedPicture } from './fitting.ts';
import { checkCancelled, mapLimit } from './folderFiles.ts';
import type { ImageIndex, Reference } from './imageIndex.ts';
import { addSplit, reportUndescribed } from './leftovers.ts';
import { ambiguity, place } from './placing.ts';
import { findShares } from './shares.ts';
import type { Report } from './report.ts';

/** A box as a file has it, in pixels of the size that the file gives. */
export interface DescribedBox extends Pick<Annotation, 'crowd' | 'ignore'> {
  box: Box;
  /** Name of its class. */
  label: string;
  /** Row in a table, for messages. */
  row?: number;
}

/** What a file says about one image. */
export interface Description {
  /** The annotation file. */
  source: string;
  /** Ways to name the image, the surest first. */
  names: readonly Reference[];
  /** Size that the boxes were made for; 0 where the file gives none. */
  size: Size;
  boxes: DescribedBox[];
  /** Coordinates are shares of width and height, from 0 to 1. */
  shares?: boolean;
  splits?: readonly string[];
  /** A part of it can't be read, as the report already says: boxes may be missing. */
  broken?: boolean;
}

/** What the images of a dataset are made with. */
export interface Describing {
  index: ImageIndex;
  classes: ClassList;
  report: Report;
  options: ReadOptions;
  /** What to say of a class that the dataset's own list lacks; absent: there is no such list. */
  unlisted?: (name: string, row: number | undefined) => Said;
  /** What to say of an image that isn't there. */
  missing: (description: Description) => { file: string; said: Said };
  /** Boxes of one image may come from several files; else only the first file about an image is used. */
  joins?: boolean;
}

/** An image, its file, and the annotation file that describes it. */
export interface Made {
  source: string;
  file: string;
  image: LabelledImage;
}

/**
 * Makes the images that `descriptions` are about: finds each, compares its size, takes its boxes. An image of which a part can't be
 * read (a file, a box, the picture itself) is left out whole: without the lost boxes, what they mark would pass for background. All that
 * is left out or changed goes to the report, images that nothing describes too.
 */
export async function makeImages(descriptions: readonly Description[], task: Describing): Promise<Made[]> {
  const { index, report, options } = task;
  findShares(descriptions, index.root, report);
  const byFile = placed(descriptions, task);
  const found = [...byFile].flatMap(([file, about]) => readable(file, about, task));
  let done = 0;
  const sized = await mapLimit(found, 16, async ({ file, about }): Promise<SizedPicture[]> => {
    checkCancelled(options);
    const real = await sizeOfFile(file, options, report);
    done++;
    options.onProgress?.({ done, total: found.length, unit: 'images' });
    return real ? about.map(({ size }) => ({ file, declared: size, real })) : [];
  });
  const basis = agreedBasis(sized.flat(), report);
  const fits = sized.map((pictures) => pictures.map((picture) => fitImage(picture, basis, report)));
  const made = found.flatMap((item, i) => makeImage(item, fits[i]!, task));
  reportUndescribed(index, byFile, report);
  return made;
}

/** Descriptions by the image file that they mean, in their order. */
function placed(
  descriptions: readonly Description[],
  { index, report, missing }: Describing,
): Map<string, Description[]> {
  const places = place(
    descriptions.map(({ names }) => names),
    index,
    report,
  );
  const byFile = new Map<string, Description[]>();
  const told = new Set<string>();
  descriptions.forEach((description, i) => {
    const { file } = places[i]!;
    const others = file === undefined ? undefined : byFile.get(file);
    if (others) others.push(description);
    else if (file !== undefined) byFile.set(file, [description]);
    else if (!description.broken) {
      const what = missing(description);
      const unclear = ambiguity(places[i]!, index);
      if (!told.has(what.file)) report.lose(what.file, unclear ? 'ambiguous' : 'missing-image', unclear ?? what.said);
      told.add(what.file);
    }
  });
  return byFile;
}

interface Found {
  file: string;
  about: readonly Description[];
}

/** An image with the descriptions to use; none, and an entry in the report, when a part of them can't be read. */
function readable(file: string, about: readonly Description[], { joins, report }: Describing): Found[] {
  const used = joins ? about : about.slice(0, 1);
  if (!joins) reportFurther(about, file, report);
  const broken = used.filter((description) => !isReadable(description, report));
  if (broken.length === 0) return [{ file, about: used }];
  report.lose(file, 'unreadable', said('loss.partUnread', { list: path.basename(broken[0]!.source) }));
  return [];
}

function makeImage({ file, about }: Found, fits: readonly (FittedImage | null)[], task: Describing): Made[] {
  const [first] = fits;
  if (!first || fits.includes(null)) return [];
  const { width, height } = first;
  const image: LabelledImage = { path: task.index.relative(file), width, height, annotations: [] };
  about.forEach((description, i) => {
    addDescribedBoxes(image, description, fits[i]!, task);
    for (const split of description.splits ?? []) addSplit(image, split);
  });
  return [{ source: about[0]!.source, file, image }];
}

/** Tells of the descriptions of an image that aren't used, and whether they say something else. */
function reportFurther(about: readonly Description[], image: string, report: Report): void {
  const [first, ...others] = about;
  for (const other of others) {
    const kind = boxesText(other) === boxesText(first!) ? 'duplicate' : 'conflict';
    const values = { image: path.basename(image), other: path.basename(first!.source) };
    report.lose(
      other.source,
      kind,
      kind === 'duplicate' ? said('loss.describedBy', values) : said('loss.describedOtherwise', values),
    );
  }
}

const boxesText = ({ boxes }: Description): string =>
  boxes
    .map(({ label, box }) => `${label} ${box.x1} ${box.y1} ${box.x2} ${box.y2}`)
    .sort()
    .join('\n');
