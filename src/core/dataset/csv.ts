// CSV: a row per box, corners as continuous pixels. Written with TensorFlow's eight columns, read in the common variants.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CsvError, parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import { fromFileError } from '../../shared/errors.ts';
import type { Annotation, Dataset, LabelledImage } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { said } from '../../shared/said.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import type { ReadOptions, ReadResult, WriteOptions } from './adapter.ts';
import { sizeOf } from './annotationFiles.ts';
import { ClassList, fitNames, oneLine, sortClasses } from './classNames.ts';
import { columnsOfHeader, columnsOfRow } from './csvColumns.ts';
import type { Column, Columns } from './csvColumns.ts';
import { csvLine, isFormula, plainText } from './csvText.ts';
import { checkCancelled, isInside, readHead, someHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex, isSplitName } from './imageIndex.ts';
import { addSplit, reportUndescribed, splitByFolder } from './leftovers.ts';
import { maxEntryBytes } from './limits.ts';
import { makeFolder, placeImages, transferImages } from './placeImages.ts';
import type { PlacedImage } from './placeImages.ts';
import { Report, addAnnotation } from './report.ts';
import { Pieces, breather } from './writing.ts';

const options = {
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
  bom: true,
  max_record_size: maxEntryBytes,
} as const;

/** The columns that the first row of a file tells of; null when it isn't a table of boxes. */
function columnsOf(head: string): Columns | null {
  try {
    const [first] = parseSync(head.slice(0, head.lastIndexOf('\n') + 1) || head, { ...options, to: 1 });
    return first ? (columnsOfHeader(first) ?? columnsOfRow(first)) : null;
  } catch {
    return null;
  }
}

/** Whether the folder has a .csv whose header, or first row, is one of boxes. */
export function detectCsv(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.csv', (head) => columnsOf(head) !== null);
}

interface Context {
  csv: string;
  index: ImageIndex;
  classes: ClassList;
  listed: boolean;
  images: Map<string, LabelledImage | null>;
  report: Report;
  options: ReadOptions;
}

/**
 * Reads every such .csv; one named after a split makes that split. Rows without class and corners say that an image holds nothing.
 * Class order: `classes.csv` (`name,id`, as RetinaNet has it), else by name.
 */
export async function readCsv(files: FolderFiles, readOptions: ReadOptions): Promise<ReadResult> {
  const report = new Report('csv', files.folder);
  const index = new ImageIndex(files, readOptions);
  const names = await readClasses(files);
  const classes = new ClassList(files.folder, names);
  const images = new Map<string, LabelledImage | null>();
  const within = readOptions.annotations === undefined ? null : path.resolve(readOptions.annotations);
  for (const csv of files.others) {
    if (!csv.toLowerCase().endsWith('.csv') || (within !== null && !isInside(within, csv))) continue;
    const columns = columnsOf(await readHead(csv));
    const context = { csv, index, classes, listed: names.length > 0, images, report, options: readOptions };
    if (columns) await readTable(columns, context);
  }
  const kept = [...images.values()].filter((image) => image !== null);
  const dataset = { classes: classes.names, imageRoot: index.root, images: kept };
  if (names.length === 0) sortClasses(dataset);
  if (!kept.some((image) => image.splits)) splitByFolder(kept, index, (image) => path.join(index.root, image.path));
  reportUndescribed(index, new Set(images.keys()), report);
  return { dataset, report: report.finish(dataset) };
}

async function readClasses(files: FolderFiles): Promise<string[]> {
  const file = files.others.find((name) => /^(classes|class_map|class_mapping)\.csv$/i.test(path.basename(name)));
  if (file === undefined) return [];
  try {
    const rows = parseSync(await readFile(file, 'utf8'), options);
    const entries = rows
      .map((row) => ({ name: plainText((row[0] ?? '').trim()), id: Number(row[1]) }))
      .filter(({ id }) => Number.isInteger(id));
    return entries.sort((a, b) => a.id - b.id).map(({ name }) => name);
  } catch {
    return [];
  }
}

async function readTable(columns: Columns, context: Context): Promise<void> {
  const { csv, report } = context;
  const stem = path.basename(csv, path.extname(csv));
  const split = stem.split(/[_\-.]/).find(isSplitName);
  const stream = createReadStream(csv).on('error', (error) => parser.destroy(error));
  const parser = stream.pipe(parse(options));
  report.files++;
  let row = 0;
  try {
    for await (const words of parser as AsyncIterable<string[]>) {
      row++;
      checkCancelled(context.options);
      if (row === 1 && columnsOfHeader(words)) continue;
      await readRow((column) => plainText(words[columns[column] ?? -1]?.trim() ?? ''), row, split, context);
      if (row % 1000 === 0)
        context.options.onProgress?.({ done: stream.bytesRead, total: stream.bytesRead, unit: 'bytes' });
    }
  } catch (error) {
    stream.destroy();
    if (!(error instanceof CsvError) && !(error instanceof Error && 'errno' in error)) throw error;
    const reason = error instanceof CsvError ? error.message : fromFileError(error, csv).message;
    report.lose(csv, 'unreadable', said('loss.csvBroken', { row: String(row), detail: reason }));
  }
}

async function readRow(
  word: (column: Column) => string,
  row: number,
  split: string | undefined,
  context: Context,
): Promise<void> {
  const { csv, report, classes } = context;
  const image = await imageOf(word, split, context);
  if (!image) return;
  for (const name of word('split').split(';')) if (name.trim() !== '') addSplit(image, name.trim());
  if (split !== undefined && word('split') === '') addSplit(image, split);
  const name = word('name');
  if (name === '' && word('x1') === '') return; // the image holds nothing
  if (name === '') {
    report.lose(csv, 'unknown-class', said('loss.csvClassless', { row: String(row) }));
    return;
  }
  if (context.listed && !classes.has(name))
    report.lose(csv, 'unknown-class', said('loss.csvClass', { row: String(row), name }));
  const number = (column: Column) => (word(column) === '' ? NaN : Number(word(column)));
  const [x1, y1] = [number('x1'), number('y1')];
  const [x2, y2] = word('x2') === '' ? [x1 + number('w'), y1 + number('h')] : [number('x2'), number('y2')];
  const annotation: Annotation = { box: { x1, y1, x2, y2 }, classId: classes.idOf(name) };
  if (isSet(word('crowd'))) annotation.crowd = true;
  if (isSet(word('ignore'))) annotation.ignore = true;
  addAnnotation(image, annotation, report, csv, `${name} (row ${row})`);
}

function isSet(word: string): boolean {
  return /^(1|true)$/i.test(word);
}

async function imageOf(
  word: (column: Column) => string,
  split: string | undefined,
  context: Context,
): Promise<LabelledImage | null> {
  const { csv, index, images, report } = context;
  const reference = word('file');
  const near = path.dirname(csv);
  const file = index.find(reference, near, split) ?? index.findStem(reference, near, split);
  const key = file ?? `missing ${reference}`;
  const known = images.get(key);
  if (known !== undefined) return known;
  images.set(key, null);
  if (file === undefined) {
    report.lose(reference, 'missing-image', said('loss.rowsOut', { list: path.basename(csv) }));
    return null;
  }
  const size = await sizeOf(
    { width: Number(word('width')), height: Number(word('height')) },
    file,
    context.options,
    report,
  );
  const image = size && { path: index.relative(file), ...size, annotations: [] };
  images.set(file, image);
  return image;
}

/**
 * Writes annotations.csv (`filename,width,height,class,xmin,ymin,xmax,ymax`) and classes.csv; columns `split`, `crowd` and `ignore` follow
 * only where something has them. An image that holds nothing is a row without class and corners. Names that a spreadsheet would run as
 * formulas are made harmless, unless `rawCsv`.
 */
export async function writeCsv(dataset: Dataset, folder: string, writeOptions: WriteOptions): Promise<LossReport> {
  const report = new Report('csv', folder);
  const file = path.join(folder, 'annotations.csv');
  const classes = fitNames(dataset.classes, oneLine, report, path.join(folder, 'classes.csv'));
  const placed = placeImages(dataset, report, 'path', writeOptions);
  await makeFolder(folder);
  await transferImages(dataset, placed, path.join(folder, 'images'), writeOptions, report);
  const extra = extraColumns(dataset);
  const { rawCsv = false } = writeOptions;
  reportFormulas([...classes, ...placed.map((item) => item.path)], rawCsv, report);
  const breathe = breather(writeOptions, placed.length);
  const out = new Pieces();
  out.add(csvLine(['filename', 'width', 'height', 'class', 'xmin', 'ymin', 'xmax', 'ymax', ...extra]));
  for (const [i, item] of placed.entries()) {
    for (const row of rowsOf(item, classes, extra)) out.add(csvLine(row, rawCsv));
    await breathe(i + 1);
  }
  await writeFileAtomic(
    path.join(folder, 'classes.csv'),
    classes.map((name, id) => csvLine([name, id], rawCsv)).join(''),
  );
  await writeFileAtomic(file, out.finish());
  report.files++;
  return report.finish(dataset);
}

/** Says which names {@link csvLine} made harmless; nothing when they are written raw. */
export function reportFormulas(names: readonly string[], raw: boolean, report: Report): void {
  for (const name of raw ? [] : names.filter(isFormula)) report.lose(name, 'renamed', said('loss.csvFormula', {}));
}

type Extra = 'split' | 'crowd' | 'ignore';

function extraColumns(dataset: Dataset): Extra[] {
  const some = (test: (a: Annotation) => boolean | undefined) =>
    dataset.images.some((image) => image.annotations.some(test));
  const extra: Extra[] = dataset.images.some((image) => (image.splits ?? []).length > 0) ? ['split'] : [];
  if (some((a) => a.crowd)) extra.push('crowd');
  if (some((a) => a.ignore)) extra.push('ignore');
  return extra;
}

function rowsOf({ image, path: placed }: PlacedImage, classes: string[], extra: Extra[]): (string | number)[][] {
  const start = [placed, image.width, image.height];
  const splits = image.splits?.join(';') ?? '';
  const end = (a?: Annotation) => extra.map((column) => (column === 'split' ? splits : a?.[column] ? 1 : 0));
  if (image.annotations.length === 0) return [[...start, '', '', '', '', '', ...end()]];
  return image.annotations.map((a) => [
    ...start,
    classes[a.classId]!,
    a.box.x1,
    a.box.y1,
    a.box.x2,
    a.box.y2,
    ...end(a),
  ]);
}
