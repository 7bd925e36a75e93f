// What an import or export did: what was read or written, and everything that was changed or left out, with its reason.
import type { Said } from './said.ts';

/** Closed list of what can happen to a label or file on its way in or out. */
export const lossKinds = [
  'clipped', // a box reached outside its image and was cut at the edge
  'converted', // a polygon, circle, mask or rotated box became its enclosing box
  'dropped', // a label that can't be kept
  'duplicate', // the same image twice
  'flag-lost', // crowd or ignore, which the format can't hold
  'missing-annotation', // an image that nothing describes
  'missing-image', // a description of an image that isn't there
  'renamed', // a name that the format can't hold as it is
  'split-lost', // a list of images that the format can't hold
  'unknown-class', // a label of a class that the dataset's own list doesn't have
  'unreadable', // a file, or a part of one, that can't be understood
  'zero-area', // a box without area
] as const;

/** One of {@link lossKinds}. */
export type LossKind = (typeof lossKinds)[number];

/** One thing that was changed or left out. */
export interface Loss {
  /** The file it concerns: path as the person knows it, relative to the dataset's folder where it lies inside. */
  file: string;
  kind: LossKind;
  /** A sentence: what was found, what became of it. */
  reason: string;
  /** The same by key, where there is one. */
  said: Said | null;
}

/** The report that ends every import and export. */
export interface LossReport {
  /** Name of the format, e.g. `voc`. */
  format: string;
  /** Annotation files read or written. */
  files: number;
  /** Images kept. */
  images: number;
  /** Images among them without a box. */
  negatives: number;
  /** Boxes kept, changed ones included. */
  boxes: number;
  losses: Loss[];
}
