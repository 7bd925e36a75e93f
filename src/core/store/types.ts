// The store's own vocabulary: stored boxes, statuses, who did something, facts about an image file.
import type { Box } from '../../shared/geometry.ts';
import type { Split } from '../../shared/labels.ts';

/** How far an image has come; stored as the index in this list. */
export const statuses = ['new', 'suggested', 'labelled', 'reviewed', 'skipped'] as const;
/** One of {@link statuses}. */
export type Status = (typeof statuses)[number];

/** The splits; stored as the index in this list. */
export const splits = ['train', 'val', 'test'] as const satisfies readonly Split[];

/** What stands behind an edit: a person's hand, a model, or an imported file. */
export type AuthorKind = 'person' | 'model' | 'import';

/** Who does something, and with what. */
export interface Actor {
  /** What stands behind it. */
  author: AuthorKind;
  /** The person who was at the machine, `''` when unknown. */
  who: string;
  /** The tool, model or file: `label`, a model's name, an imported file. */
  tool: string;
  /** Version of the tool or model. */
  version?: string;
}

/** One box as stored: a person's label, or a model's suggestion. */
export interface StoredBox {
  /** Unique in the project and in all its copies; made by whoever adds the box. */
  id: string;
  classId: number;
  box: Box;
  crowd: boolean;
  ignore: boolean;
  /** Proposed by a model and not yet accepted. */
  suggestion: boolean;
  /** The model's score, 0 to 1; null for a box that a person drew. */
  score: number | null;
  /** Number of the change set that first drew it. */
  made: number;
  /** Number of the change set that changed it last. */
  changed: number;
}

/** What the store can't find out by itself about an image file: it doesn't decode. */
export interface ImageFacts {
  /** SHA-256 of the file's bytes in hex. */
  hash: string;
  /** Width in pixels with the orientation applied. */
  width: number;
  /** Height in pixels with the orientation applied. */
  height: number;
  /** EXIF orientation, 1 to 8. */
  orientation: number;
  /** File size in bytes. */
  bytes: number;
  /** When the file was last changed, milliseconds since 1970. */
  modified: number;
  /** 64-bit perceptual hash as 16 hex digits, for near duplicates. */
  perceptualHash?: string;
}

/** Finds out an image's facts; the path is relative to the project's image root. */
export type FactsOf = (path: string) => ImageFacts | Promise<ImageFacts>;
