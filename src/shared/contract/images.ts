// Contract: the images of a project. Pages of the gallery, filters and sorts, splits, duplicates. Pixels come from `/media/`, never from here.
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { id, imageStatus, nothing, progressThen, split } from './common.ts';

/** One image as the gallery shows it. Its pixels: `mediaUrl.thumbnail` and `mediaUrl.image` in ../media.ts. */
export const imageItem = z.object({
  id,
  /** Relative to the project's folder, `/` as separator. */
  path: z.string(),
  /** Upright size in pixels; 0 while the file hasn't been read. */
  width: z.number().int(),
  height: z.number().int(),
  status: imageStatus,
  split: split.nullable(),
  boxes: z.number().int(),
  suggestions: z.number().int(),
  /** The file isn't where it was. */
  missing: z.boolean(),
  /** 0 to 1, how much the current model could learn from it; `null` until it has been measured. */
  informative: z.number().nullable(),
});
/** {@link imageItem} as a type. */
export type ImageItem = z.infer<typeof imageItem>;

/** Which images to show; everything given must hold. */
export const imageFilter = z.object({
  statuses: z.array(imageStatus).optional(),
  /** Images with at least one box of any of these classes. */
  classes: z.array(id).optional(),
  splits: z.array(split.nullable()).optional(),
  /** Part of the path, without regard to case. */
  text: z.string().max(500).optional(),
  missing: z.boolean().optional(),
});
/** {@link imageFilter} as a type. */
export type ImageFilter = z.infer<typeof imageFilter>;

/** Order of the gallery; `informative` puts what helps the model most first. */
export const imageSort = z.object({
  by: z.enum(['name', 'time', 'informative']),
  descending: z.boolean().default(false),
});
/** {@link imageSort} as a type. */
export type ImageSort = z.infer<typeof imageSort>;

const query = z.object({
  project: id,
  filter: imageFilter.default({}),
  sort: imageSort.default({ by: 'name', descending: false }),
});

/** Images that look alike: `exact` has the same content, `near` the same look. */
export const duplicateGroup = z.object({
  kind: z.enum(['exact', 'near']),
  images: z.array(id),
  /** They lie in more than one of train, val and test, which flatters the evaluation. */
  acrossSplits: z.boolean(),
});

/** Calls on images. */
export const images = {
  /** One page of the filtered, sorted list, and how long the list is. */
  list: oc
    .input(query.extend({ offset: z.number().int().nonnegative(), limit: z.number().int().positive().max(2000) }))
    .output(z.object({ total: z.number().int(), revision: z.number().int(), items: z.array(imageItem) })),
  /** Position of an image in the filtered, sorted list; `null` when the filter leaves it out. */
  locate: oc.input(query.extend({ image: id })).output(z.object({ index: z.number().int().nullable() })),
  /** Some images by id, in the order asked; ids that are gone are left out. */
  get: oc.input(z.object({ project: id, images: z.array(id).max(2000) })).output(z.array(imageItem)),
  /** Puts images into a part of the dataset; `null` goes back to the part that the content hash gives. */
  setSplit: oc
    .input(z.object({ project: id, images: z.array(id).max(100_000), split: split.nullable() }))
    .output(nothing),
  /** Deals all images that no person has placed over the parts by content hash. Percentages that add up to 100. */
  assignSplits: oc
    .input(
      z
        .object({
          project: id,
          train: z.number().min(0).max(100),
          val: z.number().min(0).max(100),
          test: z.number().min(0).max(100),
        })
        .refine((s) => Math.abs(s.train + s.val + s.test - 100) < 1e-6, {
          message: 'train, val and test must add up to 100',
        }),
    )
    .output(nothing),
  /** Looks for exact and near duplicates over the whole project. */
  duplicates: oc.input(z.object({ project: id })).output(eventIterator(progressThen(z.array(duplicateGroup)))),
};
