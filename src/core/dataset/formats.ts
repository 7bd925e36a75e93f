// The one table of dataset formats: a new one is a row here.
import type { DatasetFormat, FormatName } from './adapter.ts';
import { detectCoco, readCoco, streamCoco } from './cocoRead.ts';
import { writeCoco } from './cocoWrite.ts';
import { detectCsv, readCsv, writeCsv } from './csv.ts';
import { detectCvat, readCvat } from './cvatRead.ts';
import { writeCvat } from './cvatWrite.ts';
import { detectLabelme, readLabelme, writeLabelme } from './labelme.ts';
import { detectVoc, readVoc } from './vocRead.ts';
import { writeVoc } from './vocWrite.ts';
import { detectYolo, readYolo } from './yoloRead.ts';
import { writeYolo } from './yoloWrite.ts';
import { said } from '../../shared/said.ts';

/** All formats, the more telling ones first: a folder is read as the first that detects it. */
export const formats: readonly DatasetFormat[] = [
  {
    name: 'coco',
    title: 'COCO',
    looksFor: said('looksFor.coco', {}),
    detect: detectCoco,
    read: readCoco,
    stream: streamCoco,
    write: writeCoco,
  },
  {
    name: 'cvat',
    title: 'CVAT for images',
    looksFor: said('looksFor.cvat', {}),
    detect: detectCvat,
    read: readCvat,
    write: writeCvat,
  },
  {
    name: 'voc',
    title: 'Pascal VOC',
    looksFor: said('looksFor.voc', {}),
    detect: detectVoc,
    read: readVoc,
    write: writeVoc,
  },
  {
    name: 'labelme',
    title: 'LabelMe',
    looksFor: said('looksFor.labelme', {}),
    detect: detectLabelme,
    read: readLabelme,
    write: writeLabelme,
  },
  {
    name: 'yolo',
    title: 'YOLO',
    looksFor: said('looksFor.yolo', {}),
    detect: detectYolo,
    read: readYolo,
    write: writeYolo,
  },
  {
    name: 'csv',
    title: 'CSV',
    looksFor: said('looksFor.csv', {}),
    detect: detectCsv,
    read: readCsv,
    write: writeCsv,
  },
];

/** The format of that name. */
export function formatOf(name: FormatName): DatasetFormat {
  return formats.find((format) => format.name === name)!;
}
