// Conversion of a dataset from one format to another, with the losses of both ends.
import type { LossReport } from '../../shared/lossReport.ts';
import type { WrittenFormatName } from '../../core/dataset/adapter.ts';
import { writeDataset } from '../../core/dataset/writeDataset.ts';
import { requireEmpty } from '../../core/files/outputFolder.ts';
import { keepBeside } from './findings.ts';
import { readDataset, type DatasetRequest } from './readDataset.ts';

/** What to convert to, and whether the images go along. */
export interface ConvertRequest {
  data: DatasetRequest;
  to: WrittenFormatName;
  out: string;
  images: 'copy' | 'link' | 'none';
  rawCsv: boolean;
}

/**
 * Reads and writes; `findingsFile` has all losses. Splits of the dataset are kept; none are made.
 * @throws argument-invalid for a folder that isn't empty; as readDataset; disk-full, file-permission
 */
export async function convertTask({
  data,
  to,
  out,
  images,
  rawCsv,
}: ConvertRequest): Promise<{ read: LossReport; written: LossReport; findingsFile: string | null }> {
  await requireEmpty(out);
  const { dataset, report } = await readDataset({ ...data, fractions: null });
  const written = await writeDataset(to, dataset, out, { images, rawCsv });
  return { read: report, written, findingsFile: await keepBeside(out, [...report.losses, ...written.losses]) };
}
