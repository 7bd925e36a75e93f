// The one table of dataset formats.
import { formatNames, writtenFormatNames } from './adapter.ts';
import type { DatasetFormat, FormatName, WrittenFormat, WrittenFormatName } from './adapter.ts';
import { detectCoco, readCoco, streamCoco } from './cocoRead.ts';
import { writeCoco } from './cocoWrite.ts';
import { detectCsv, readCsv } from './csvRead.ts';
import { detectCreateMl, readCreateMl } from './createMlRead.ts';
import { writeCsv } from './csvWrite.ts';
import { detectCvat, readCvat } from './cvatRead.ts';
import { writeCvat } from './cvatWrite.ts';
import { detectLabelme, readLabelme } from './labelmeRead.ts';
import { writeLabelme } from './labelmeWrite.ts';
import { detectLabelStudio, readLabelStudio } from './labelStudioRead.ts';
import { detectVoc, readVoc } from './vocRead.ts';
import { writeVoc } from './vocWrite.ts';
import { detectYolo, readYolo } from './yoloRead.ts';
import { writeYolo } from './yoloWrite.ts';
import { said } from '../../shared/said.ts';

/** A row for each name: a new format is a name in `adapter.ts`, a row here, and its file. */
const table: { [N in FormatName]: Omit<N extends WrittenFormatName ? WrittenFormat : DatasetFormat, 'name'> } = {
  coco: {
    title: 'COCO',
    looksFor: said('looksFor.coco', {}),
    detect: detectCoco,
    read: readCoco,
    stream: streamCoco,
    write: writeCoco,
  },
  cvat: {
    title: 'CVAT for images',
    looksFor: said('looksFor.cvat', {}),
    detect: detectCvat,
    read: readCvat,
    write: writeCvat,
  },
  voc: {
    title: 'Pascal VOC',
    looksFor: said('looksFor.voc', {}),
    detect: detectVoc,
    read: readVoc,
    write: writeVoc,
  },
  labelme: {
    title: 'LabelMe',
    looksFor: said('looksFor.labelme', {}),
    detect: detectLabelme,
    read: readLabelme,
    write: writeLabelme,
  },
  labelstudio: {
    title: 'Label Studio',
    looksFor: said('looksFor.labelstudio', {}),
    detect: detectLabelStudio,
    read: readLabelStudio,
  },
  createml: {
    title: 'Create ML',
    looksFor: said('looksFor.createml', {}),
    detect: detectCreateMl,
    read: readCreateMl,
  },
  yolo: {
    title: 'YOLO',
    looksFor: said('looksFor.yolo', {}),
    detect: detectYolo,
    read: readYolo,
    write: writeYolo,
  },
  csv: {
    title: 'CSV',
    looksFor: said('looksFor.csv', {}),
    detect: detectCsv,
    read: readCsv,
    write: writeCsv,
  },
};

/** All formats: a folder is read as the first that detects it. */
export const formats: readonly DatasetFormat[] = formatNames.map((name) => formatOf(name));

/** Whether the format is written as well. */
export const isWritten = (name: FormatName): name is WrittenFormatName =>
  writtenFormatNames.some((written) => written === name);

/** The format of that name. */
export function formatOf(name: WrittenFormatName): WrittenFormat;
export function formatOf(name: FormatName): DatasetFormat;
export function formatOf(name: FormatName): DatasetFormat {
  return { name, ...table[name] };
}
