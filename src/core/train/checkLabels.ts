// Looks over labels before a run learns from them or is measured by them: what would spoil its numbers in silence is left out or said.
import path from 'node:path';
import { saying, StudioError, toldBy } from '../../shared/errors.ts';
import type { LabelledImage } from '../../shared/labels.ts';
import { lossOf, type Loss } from '../../shared/lossReport.ts';
import { said, word, type Said } from '../../shared/said.ts';
import { equalPictures } from '../dataset/equalPictures.ts';
import { decodeResized } from '../image/decode.ts';
import { prefetch } from '../image/prefetch.ts';
import type { RunLabels } from './runFolder.ts';
import { trainableAnnotations } from './samples.ts';

/** The parts of a run's labels, in the order in which an image in several of them is told of. */
const parts = ['train', 'val', 'monitor'] as const;
type Part = (typeof parts)[number];

/** @throws dataset-empty when there is nothing to learn from */
export function mustHaveImages({ train }: Pick<RunLabels, 'train'>): void {
  if (train.length === 0)
    throw new StudioError(
      'dataset-empty',
      'The training split has no images. Choose another --train-split, or label some images first.',
      undefined,
      said('train.noImages', {}),
    );
  const boxes = train.reduce((sum, image) => sum + image.annotations.length, 0);
  if (boxes === 0) throw saying('dataset-empty', 'train.noBoxes', {});
  if (train.every((image) => trainableAnnotations(image).length === 0))
    throw saying('dataset-empty', 'train.onlyIgnored', { count: boxes });
}

/**
 * The labels without validation and monitored images that can't be decoded, and with everything worth knowing among the findings: such
 * images, copies of a picture in two parts or twice in one, classes and parts with too little in them.
 * @throws dataset-empty when there is nothing to learn from; cancelled
 */
export async function checkLabels(labels: RunLabels, signal?: AbortSignal): Promise<RunLabels> {
  mustHaveImages(labels);
  const findings: Loss[] = [];
  const val = await readable(labels, 'val', findings, signal);
  const monitor = await readable(labels, 'monitor', findings, signal);
  const checked = { ...labels, val, monitor };
  findings.push(...(await equalAmong(checked, signal)), ...tooLittle(checked));
  return { ...checked, findings: [...labels.findings, ...findings] };
}

/** The images of a part that can be decoded whole; null where none is left to measure on. */
async function readable(
  { imageRoot, ...labels }: RunLabels,
  part: 'val' | 'monitor',
  findings: Loss[],
  signal: AbortSignal | undefined,
): Promise<LabelledImage[] | null> {
  const images = labels[part];
  if (!images?.length) return images;
  const kept: LabelledImage[] = [];
  const decode = ({ path: name }: LabelledImage) => decodeResized(path.resolve(imageRoot, name), probeSize);
  for await (const prepared of prefetch(images, decode, { ahead: 4, signal })) {
    if (prepared.ok) kept.push(prepared.item);
    else {
      const { message, said: by } = toldBy(prepared.error);
      findings.push({ file: prepared.item.path, kind: 'unreadable', reason: message, said: by });
    }
  }
  if (kept.length > 0) return kept;
  findings.push(lossOf('', 'thin', said('loss.noneReadable', { split: word(part), count: images.length })));
  return null;
}

/** Decoding is what finds a cut file; the decoder leaves out what so small a picture doesn't need. */
const probeSize = { width: 64, height: 64 };

async function equalAmong(labels: RunLabels, signal: AbortSignal | undefined): Promise<Loss[]> {
  const placed = parts.flatMap((part) =>
    (labels[part] ?? []).map((image) => ({ part, image, file: path.resolve(labels.imageRoot, image.path) })),
  );
  const groups = await equalPictures(placed, signal ? { signal } : {});
  return groups.flatMap(([first, ...others]) => others.map((other) => equalTo(first!, other)));
}

interface Placed {
  part: Part;
  image: LabelledImage;
}

function equalTo(first: Placed, { part, image }: Placed): Loss {
  const values = { other: first.image.path, first: word(first.part), second: word(part) };
  if (part !== first.part) {
    const isSame = first.image.path === image.path;
    return lossOf(image.path, 'leak', isSame ? said('loss.inBoth', values) : said('loss.leak', values));
  }
  const alike = JSON.stringify(first.image.annotations) === JSON.stringify(image.annotations);
  return alike
    ? lossOf(image.path, 'duplicate', said('loss.equalPicture', values))
    : lossOf(image.path, 'conflict', said('loss.equalPictureDiffers', values));
}

/** Classes that can't be learned or measured, and parts whose boxes don't count. */
function tooLittle({ classes, train, val, monitor }: Pick<RunLabels, 'classes' | Part>): Loss[] {
  const [learned, measured] = [countingClasses(train), countingClasses(val ?? [])];
  const lacking = (name: string, id: number): Loss[] => [
    ...(learned.has(id) ? [] : [lossOf('', 'thin', said('loss.classUnlearned', { name }))]),
    ...(!val?.length || measured.has(id) ? [] : [lossOf('', 'thin', said('loss.classUnmeasured', { name }))]),
  ];
  return [
    ...nothingCounts(val ?? [], word('val')),
    ...nothingCounts(monitor ?? [], word('monitor')),
    ...classes.flatMap(lacking),
  ];
}

const countingClasses = (images: readonly LabelledImage[]): Set<number> =>
  new Set(images.flatMap((image) => trainableAnnotations(image).map((a) => a.classId)));

/** The finding that no box of these images counts, where that is so. `split` is how the person calls them. */
export function nothingCounts(images: readonly LabelledImage[], split: Said | string): Loss[] {
  if (images.length === 0 || images.some((image) => trainableAnnotations(image).length > 0)) return [];
  return [lossOf('', 'thin', said('loss.nothingCounts', { split, count: images.length }))];
}
