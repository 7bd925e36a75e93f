// Opens a folder as a dataset: finds its format, reads it, and makes splits where it has none.
import { StudioError } from '../../shared/errors.ts';
import { isStorable, storable, visible } from '../../shared/storableText.ts';
import type { Dataset } from '../../shared/labels.ts';
import { lossOf, type Loss, type LossReport } from '../../shared/lossReport.ts';
import { inEnglish, said, type Said } from '../../shared/said.ts';
import type { DatasetFormat, FormatName, ReadOptions } from './adapter.ts';
import { streamOf } from './datasetStream.ts';
import type { DatasetStream } from './datasetStream.ts';
import { isInside, listFolder, relativeTo } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { formatOf, formats } from './formats.ts';
import { oddFiles } from './oddFiles.ts';
import { otherFormats } from './otherFormats.ts';
import { countSplits, defaultFractions, guaranteedFrom, imagesOfRole, splitByContent, splitsOfRole } from './splits.ts';
import type { SplitFractions, SplitsMade } from './splits.ts';

/** How to open a dataset. */
export interface OpenOptions extends ReadOptions {
  /** Format to read; default: detected. */
  format?: FormatName;
  /** Shares of the splits made by content where the dataset names none; default 0.8, 0.2, 0. Null makes none. */
  fractions?: SplitFractions | null;
}

/** A dataset, how it was understood, and what was lost on the way. */
export interface OpenedDataset {
  dataset: Dataset;
  report: LossReport;
  format: FormatName;
  /** Further formats that the folder could be read as. */
  alsoFound: FormatName[];
  /** What was made by content: all splits, a validation split off the named train split, or nothing. */
  splitsMade: SplitsMade;
}

/**
 * Opens `folder`. Single bad files, images and boxes are in the report and stop nothing.
 * Errors: `dataset-format-unknown`, `dataset-empty`, `annotation-invalid` (nothing readable), `file-missing`, `file-permission`, `cancelled`.
 */
export async function openDataset(folder: string, options: OpenOptions): Promise<OpenedDataset> {
  const { files, format, others } = await recognise(folder, options);
  const { dataset, report } = await format.read(files, options);
  if (dataset.images.length === 0) throw await nothingRead(files, format, report);
  const compared = await otherFormats(others, format, files, options);
  for (const image of dataset.images) compared.compare(image, dataset);
  report.losses = [...passedOverLosses(files), ...nameLosses(dataset), ...compared.losses(), ...report.losses];
  dataset.classes = dataset.classes.map(storable);
  const splitsMade = await makeSplits(dataset, report, options);
  return { dataset, report, format: format.name, alsoFound: others.map(({ name }) => name), splitsMade };
}

/** As {@link openDataset}, with images that come one by one; makes no splits. Annotations that can't be read fail here, before any image. */
export async function streamDataset(
  folder: string,
  options: Omit<OpenOptions, 'fractions'>,
): Promise<DatasetStream & { format: FormatName }> {
  const { files, format, others } = await recognise(folder, options);
  const stream = format.stream ? await format.stream(files, options) : streamOf(await format.read(files, options));
  if (stream.count === 0) throw await nothingRead(files, format, stream.report());
  const compared = await otherFormats(others, format, files, options);
  const passedOver = [...passedOverLosses(files), ...nameLosses(stream)];
  const report = (): LossReport => {
    const read = stream.report();
    return { ...read, losses: [...passedOver, ...compared.losses(), ...read.losses] };
  };
  const { classes } = stream;
  return { ...stream, classes: classes.map(storable), images: compared.watch(stream), report, format: format.name };
}

/** Classes whose names no project could keep: those characters are replaced. */
function nameLosses({ classes }: Pick<Dataset, 'classes'>): Loss[] {
  return classes
    .filter((name) => !isStorable(name))
    .map((name) => lossOf('', 'renamed', said('loss.classCleaned', { name: visible(name), fitted: storable(name) })));
}

/** What the walk through the folder left out, as losses. */
function passedOverLosses({ folder, passedOver }: FolderFiles): Loss[] {
  return passedOver.map(({ path: full, said: by }) => {
    const file = isInside(folder, full) ? relativeTo(folder, full) : full;
    return lossOf(file, 'skipped', by);
  });
}

interface Recognised {
  files: FolderFiles;
  format: DatasetFormat;
  /** Further formats that the folder looks like. */
  others: DatasetFormat[];
}

async function recognise(folder: string, options: OpenOptions): Promise<Recognised> {
  const files = await listFolder(folder, options);
  const [format, ...others] = options.format === undefined ? await detectFormats(files) : [formatOf(options.format)];
  if (!format) throw await unknownFormat(files);
  return { files, format, others };
}

/** The formats that the files look like, the likeliest first. */
export async function detectFormats(files: FolderFiles): Promise<DatasetFormat[]> {
  const found: DatasetFormat[] = [];
  for (const format of formats) if (await format.detect(files)) found.push(format);
  return found;
}

async function unknownFormat(files: FolderFiles): Promise<StudioError> {
  const { folder, images, others } = files;
  const odd = await oddFiles(files);
  const sought = formats.map(({ title, looksFor }) => `${title} (${inEnglish(looksFor)})`).join('; ');
  return new StudioError(
    'dataset-format-unknown',
    `${folder} has ${images.length} images and ${others.length} other files, but no annotations of a known format.${inWords(odd)} Looked for ${sought}. ` +
      'Check the folder, or name the format and the folders of images and annotations.',
    undefined,
    said('dataset.unknownFormat', { folder, images: images.length, others: others.length, first: odd[0] ?? '' }),
  );
}

/** The first few sentences, with a space in front. */
function inWords(odd: readonly Said[]): string {
  const first = odd.slice(0, 3).map((sentence) => ` ${inEnglish(sentence)}`);
  const more = odd.length > 3 ? ` ${odd.length - 3} more files are like that.` : '';
  return first.join('') + more;
}

async function nothingRead(files: FolderFiles, format: DatasetFormat, report: LossReport): Promise<StudioError> {
  const { folder, images } = files;
  const { title, looksFor } = format;
  const causes = report.losses.filter(({ said: by }) => by?.key !== 'loss.partUnread'); // that is what became of it
  const unreadable = causes.filter(({ kind }) => kind === 'unreadable');
  const why = firstOf(weightiest(causes));
  if (unreadable.length > 0 && report.files === 0)
    return new StudioError(
      'annotation-invalid',
      `Nothing of the ${title} dataset in ${folder} can be read.${why}`,
      undefined,
      said('dataset.unreadable', { format: title, folder, first: findingOf(unreadable) }),
    );
  const found =
    report.files === 0 && !isAmbiguous(causes)
      ? ` There is no ${inEnglish(looksFor).replace(/^an? /, '')} in it.${inWords(await oddFiles(files))}`
      : why;
  const remedy =
    images.length === 0
      ? 'It holds no images: name their folder.'
      : 'Check that annotations and images belong together.';
  return new StudioError(
    'dataset-empty',
    `The ${title} dataset in ${folder} has no labelled image.${found} ${remedy}`,
    undefined,
    nothingSaid(files, format, report),
  );
}

function nothingSaid({ folder, images }: FolderFiles, { title, looksFor }: DatasetFormat, report: LossReport): Said {
  const what = { format: title, folder };
  if (images.length === 0) return said('dataset.noImages', what);
  if (report.files === 0 && !isAmbiguous(report.losses))
    return said('dataset.noneFound', { ...what, wanted: looksFor });
  return said('dataset.noLabels', { ...what, first: findingOf(weightiest(report.losses)) });
}

/** Whether there are labels that could mean several images: then the format was found, and it is wrong to say that it wasn't. */
const isAmbiguous = (losses: readonly Loss[]): boolean => losses.some(({ kind }) => kind === 'ambiguous');

/** The findings that explain best why nothing was read. */
function weightiest(losses: readonly Loss[]): readonly Loss[] {
  for (const kind of ['unreadable', 'ambiguous'] as const) {
    const of = losses.filter((loss) => loss.kind === kind);
    if (of.length > 0) return of;
  }
  return losses;
}

/** The first finding, to stand in another sentence; '' when there is none. */
function findingOf([first]: readonly Loss[]): Said | string {
  if (!first) return '';
  if (first.said?.values['file'] !== undefined) return first.said;
  return said('dataset.finding', { file: first.file, reason: first.said ?? first.reason });
}

/** The first finding as a sentence, and how many there are more. */
function firstOf(losses: readonly Loss[]): string {
  const [first] = losses;
  if (!first) return '';
  const more = losses.length > 1 ? ` (and ${losses.length - 1} more such findings)` : '';
  const names = first.reason.includes(first.file) ? '' : `${first.file}: `;
  return ` ${names}${first.reason.replace(/\.$/, '')}${more}.`;
}

async function makeSplits(dataset: Dataset, report: LossReport, options: OpenOptions): Promise<SplitsMade> {
  const fractions = options.fractions === undefined ? defaultFractions : options.fractions;
  if (fractions === null) return 'nothing';
  if (countSplits(dataset).size === 0) {
    const unread = await splitByContent(dataset, dataset.images, fractions, options);
    report.losses = report.losses.concat(unread);
    return 'all';
  }
  if (splitsOfRole(dataset, 'val').length > 0 || fractions.val === 0) return 'nothing';
  const share = fractions.val / (fractions.val + fractions.train);
  const images = imagesOfRole(dataset, 'train');
  if (images.length < guaranteedFrom) return 'nothing'; // too few to give any away
  const losses = await splitByContent(dataset, images, { train: 1 - share, val: share, test: 0 }, options);
  report.losses = report.losses.concat(losses);
  return 'val';
}
