// What a dataset format is to the rest of the program: one object that detects, reads and writes it.
import type { Size } from '../../shared/geometry.ts';
import type { Dataset } from '../../shared/labels.ts';
import type { LossReport } from '../../shared/lossReport.ts';
import type { Said } from '../../shared/said.ts';
import type { DatasetStream } from './datasetStream.ts';
import type { FolderFiles } from './folderFiles.ts';

/** Names of the formats, in the order in which a folder is tried: the more telling ones first. */
export const formatNames = ['coco', 'cvat', 'voc', 'labelme', 'labelstudio', 'createml', 'yolo', 'csv'] as const;

/** One of {@link formatNames}. */
export type FormatName = (typeof formatNames)[number];

/** The formats that are written as well. */
export const writtenFormatNames = ['coco', 'cvat', 'voc', 'labelme', 'yolo', 'csv'] as const satisfies FormatName[];

/** One of {@link writtenFormatNames}. */
export type WrittenFormatName = (typeof writtenFormatNames)[number];

/** How far a reading or writing is. */
export interface Progress {
  done: number;
  total: number;
  unit: 'files' | 'bytes' | 'images';
}

/** What reading and writing share. */
export interface TaskOptions {
  /** Stops the work with a StudioError `cancelled`. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** Upright size of an image file. */
export interface ImageSize extends Size {
  /** EXIF orientation as stored, 1 to 8; absent: 1. From 5 on the stored pixels lie on their side. */
  orientation?: number;
}

/** How to read a dataset. */
export interface ReadOptions extends TaskOptions {
  /** Folder of the images, where it isn't inside the dataset's folder or not to be guessed. */
  images?: string;
  /** Folder of the annotation files, likewise. */
  annotations?: string;
  /** Upright size of an image file and how it is turned for that; called for every image that has labels, several at a time. */
  readSize: (file: string) => Promise<ImageSize>;
}

/** How to write a dataset. */
export interface WriteOptions extends TaskOptions {
  /**
   * Whether the image files go along: copied, linked (hard link, else symbolic link, else a copy), or left where they are.
   * Default `none`: then reading it back needs the image folder as `images`.
   */
  images?: 'copy' | 'link' | 'none';
  /** Leaves names in CSV as they are, also those that a spreadsheet would run as formulas. */
  rawCsv?: boolean;
}

/** A dataset as read, and what became of everything that isn't in it. */
export interface ReadResult {
  dataset: Dataset;
  report: LossReport;
}

/** One dataset format. */
export interface DatasetFormat {
  name: FormatName;
  /** As people write it, e.g. "Pascal VOC". */
  title: string;
  /** What `detect` looks for, to end the sentence "This folder has no ...". */
  looksFor: Said;
  /** Whether the files look like this format: a quick look at a few of them. */
  detect: (files: FolderFiles) => Promise<boolean>;
  /** Reads what can be read; throws `annotation-invalid` only where nothing can. */
  read: (files: FolderFiles, options: ReadOptions) => Promise<ReadResult>;
  /** The same with images that come one by one, for the format whose files are too large to hold as objects. */
  stream?: (files: FolderFiles, options: ReadOptions) => Promise<DatasetStream>;
}

/** A format that is written, too. */
export interface WrittenFormat extends DatasetFormat {
  /**
   * Writes `dataset` into `folder` (created when absent), every file by temporary name and rename.
   * The report says what the format could not hold.
   */
  write: (dataset: Dataset, folder: string, options: WriteOptions) => Promise<LossReport>;
}
