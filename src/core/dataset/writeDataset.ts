// Writes a dataset into a new folder, in any format: the one way out for labels, from the command line and the window.
import type { Dataset } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import { fillFolder } from '../files/outputFolder.ts';
import type { WriteOptions, WrittenFormatName } from './adapter.ts';
import { formatOf } from './formats.ts';

/**
 * Writes `dataset` into `folder`, which must be new or empty: it holds the whole dataset afterwards, or nothing where the writing failed.
 * Errors: `argument-invalid` (not empty), `disk-full`, `file-permission`, `cancelled`.
 */
export function writeDataset(
  format: WrittenFormatName,
  dataset: Dataset,
  folder: string,
  options: WriteOptions,
): Promise<LossReport> {
  return fillFolder(folder, 'labels', (inside) => formatOf(format).write(dataset, inside, options));
}
