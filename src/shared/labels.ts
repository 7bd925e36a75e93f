// What a label is: the types that datasets, projects, training and evaluation share.
import type { Box, Size } from './geometry.ts';

/** The three parts of a dataset. */
export type Split = 'train' | 'val' | 'test';

/** Most classes of a dataset, a project or a model: a file may claim any number. */
export const maxClasses = 10_000;

/** One labelled object. */
export interface Annotation {
  box: Box;
  /** 0-based index into the dataset's class list. */
  classId: number;
  /** Covers a group (COCO `iscrowd`): evaluated as "ignore", not trained on. */
  crowd?: boolean;
  /** Left out of training and of evaluation (VOC `difficult`, COCO `ignore`). */
  ignore?: boolean;
}

/** One image of a dataset and what is labelled on it. */
export interface LabelledImage extends Size {
  /** Path relative to the dataset's image root, `/` as separator. */
  path: string;
  annotations: Annotation[];
  /** Names of the lists that hold this image ("train", "trainval", ...); one image can be in several. Absent when in none. */
  splits?: string[];
}

/** A set of labelled images; what every reader returns and every writer takes. */
export interface Dataset {
  /** Class names in the order of their ids. */
  classes: string[];
  /** Colour of a class by its name, `#rrggbb`, where the dataset gives one. */
  colours?: Record<string, string>;
  /** Absolute folder that {@link LabelledImage.path} is relative to. */
  imageRoot: string;
  images: LabelledImage[];
}

/** One detected object: box in continuous pixels of the upright image. */
export interface Detection {
  box: Box;
  classId: number;
  /** 0 to 1. */
  score: number;
}

/** Statuses of images that somebody is done with: these are trained on, evaluated and exported. */
export const finishedStatuses = ['labelled', 'reviewed'] as const;
