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

/** All formats, the more telling ones first: a folder is read as the first that detects it. */
export const formats: readonly DatasetFormat[] = [
  {
    name: 'coco',
    title: 'COCO',
    looksFor: 'a .json with lists of images, annotations and categories',
    detect: detectCoco,
    read: readCoco,
    stream: streamCoco,
    write: writeCoco,
  },
  {
    name: 'cvat',
    title: 'CVAT for images',
    looksFor: 'an .xml with <annotations>',
    detect: detectCvat,
    read: readCvat,
    write: writeCvat,
  },
  {
    name: 'voc',
    title: 'Pascal VOC',
    looksFor: '.xml files with <annotation>',
    detect: detectVoc,
    read: readVoc,
    write: writeVoc,
  },
  {
    name: 'labelme',
    title: 'LabelMe',
    looksFor: '.json files with shapes',
    detect: detectLabelme,
    read: readLabelme,
    write: writeLabelme,
  },
  {
    name: 'yolo',
    title: 'YOLO',
    looksFor: 'a data.yaml with names, or .txt files of numbers named like the images',
    detect: detectYolo,
    read: readYolo,
    write: writeYolo,
  },
  {
    name: 'csv',
    title: 'CSV',
    looksFor: 'a .csv with columns for image, class and corners',
    detect: detectCsv,
    read: readCsv,
    write: writeCsv,
  },
];

/** The format of that name. */
export function formatOf(name: FormatName): DatasetFormat {
  return formats.find((format) => format.name === name)!;
}
