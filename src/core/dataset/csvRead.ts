// Reads CSV: tables with a row per box, in the common orders of columns and with the common delimiters.
import path from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import { fromFileError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';
import { readPieces } from '../files/plainFile.ts';
import type { ReadOptions, ReadResult } from './adapter.ts';
import { readText } from './annotationFiles.ts';
import { ClassList, sortClasses } from './classNames.ts';
import { csvOptions, tableOf, type Table } from './csvColumns.ts';
import { plainText } from './csvText.ts';
import { CsvRows } from './csvRows.ts';
import { makeImages, type Description } from './described.ts';
import { checkCancelled, isInside, readHead, someHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';
import { ImageIndex } from './imageIndex.ts';
import { splitByFolder } from './leftovers.ts';
import { Report } from './report.ts';
import { encodingOfMark, fallbackEncoding } from './textFile.ts';

/** Whether the folder has a .csv whose header, or first row, is one of boxes. */
export function detectCsv(files: FolderFiles): Promise<boolean> {
  return someHead(files, '.csv', (head) => tableOf(head) !== null);
}

/**
 * Reads every such .csv; one named after a split makes that split. Rows without class and corners say that an image holds nothing.
 * Class order: `classes.csv` (`name,id`, as RetinaNet has it), else by name. A file that can't be read to its end is left out whole.
 */
export async function readCsv(files: FolderFiles, options: ReadOptions): Promise<ReadResult> {
  const report = new Report('csv', files.folder);
  const index = new ImageIndex(files, options);
  const names = await readClasses(files, report);
  const classes = new ClassList(files.folder, names);
  const within = options.annotations === undefined ? null : path.resolve(options.annotations);
  const described: Description[] = [];
  for (const csv of files.others) {
    if (!csv.toLowerCase().endsWith('.csv') || (within !== null && !isInside(within, csv))) continue;
    const table = tableOf(await readHead(csv));
    if (table) described.push(...(await readTable(csv, table, report, options)));
  }
  const made = await makeImages(described, {
    ...{ index, classes, report, options, joins: true },
    ...(names.length > 0 && {
      unlisted: (name: string, row = 0) => said('loss.csvClass', { row: String(row), name }),
    }),
    missing: ({ source, names }) => ({
      file: names[0]!.name,
      said: said('loss.rowsOut', { list: path.basename(source) }),
    }),
  });
  const images = made.map(({ image }) => image);
  const dataset = { classes: classes.names, imageRoot: index.root, images };
  if (names.length === 0) sortClasses(dataset);
  if (!images.some((image) => image.splits)) splitByFolder(images, index, (image) => path.join(index.root, image.path));
  return { dataset, report: report.finish(dataset) };
}

async function readClasses(files: FolderFiles, report: Report): Promise<string[]> {
  const file = files.others.find((name) => /^(classes|class_map|class_mapping)\.csv$/i.test(path.basename(name)));
  if (file === undefined) return [];
  try {
    const rows = parseSync((await readText(file, report)) ?? '', csvOptions);
    const entries = rows
      .map((row) => ({ name: plainText((row[0] ?? '').trim()), id: Number(row[1]) }))
      .filter(({ id }) => Number.isInteger(id));
    return entries.sort((a, b) => a.id - b.id).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** The images of one table; in the encoding that its bytes are in, else the fallback, which the report tells. */
async function readTable(csv: string, table: Table, report: Report, options: ReadOptions): Promise<Description[]> {
  try {
    return await readRows(csv, table, null, report, options);
  } catch (error) {
    if (!isEncodingError(error)) throw error;
    report.lose(csv, 'guessed', said('loss.encoding', { encoding: fallbackEncoding }));
    return readRows(csv, table, fallbackEncoding, report, options);
  }
}

const isEncodingError = (error: unknown): boolean =>
  error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';

async function readRows(
  csv: string,
  table: Table,
  encoding: string | null,
  report: Report,
  options: ReadOptions,
): Promise<Description[]> {
  const rows = new CsvRows(csv, table, report);
  const { delimiter } = table;
  const parser = parse({ ...csvOptions, delimiter });
  pipeline(Readable.from(textOf(csv, encoding, options)), parser, () => undefined); // its error comes out of the parser
  let row = 0;
  try {
    for await (const words of parser as AsyncIterable<string[]>)
      if (++row > 1 || !table.hasHeader) rows.add(words, row);
  } catch (error) {
    if (!(error instanceof CsvError) && !(error instanceof Error && 'errno' in error)) throw error;
    const detail = error instanceof CsvError ? error.message : fromFileError(error, csv).message;
    report.lose(csv, 'unreadable', said('loss.csvBroken', { row: String(row), detail }));
    rows.breakOff();
  }
  report.files++;
  return rows.finish();
}

async function* textOf(csv: string, encoding: string | null, options: ReadOptions): AsyncGenerator<string> {
  let done = 0;
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  for await (const chunk of readPieces(csv)) {
    checkCancelled(options);
    decoder ??= new TextDecoder(encoding ?? encodingOfMark(chunk) ?? 'utf-8', { fatal: true });
    yield decoder.decode(chunk, { stream: true });
    done += chunk.length;
    options.onProgress?.({ done, total: done, unit: 'bytes' });
  }
  if (decoder) yield decoder.decode();
}
