// Writes CSV: TensorFlow's eight columns, a row per box, corners as continuous pixels; and the class list beside it.
import path from 'node:path';
import type { Annotation, Dataset } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { said } from '../../shared/said.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import type { WriteOptions } from './adapter.ts';
import { fitNames, oneLine } from './classNames.ts';
import { csvLine, isFormula } from './csvText.ts';
import { makeFolder, placeImages, transferImages } from './placeImages.ts';
import type { PlacedImage } from './placeImages.ts';
import { Report } from './report.ts';
import { Pieces, breather } from './writing.ts';

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
