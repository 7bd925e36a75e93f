// Contract: labels. Objects of an image, edits as undoable change sets, history, classes. Every call has saved to disk when it returns.
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { box, id, imageStatus, nothing } from './common.ts';
import { imageItem } from './images.ts';

/** Who stands behind a box. `name` is the person's, the model's or the file's. */
export const author = z.object({ kind: z.enum(['person', 'model', 'import']), name: z.string() });

/** One box on an image. */
export const labelObject = z.object({
  id,
  classId: id,
  box,
  /** `suggested` boxes are a model's and wait to be accepted or rejected. */
  state: z.enum(['confirmed', 'suggested']),
  author,
  /** Model's score of a suggestion (kept when it is accepted); `null` for drawn boxes. */
  score: z.number().nullable(),
  crowd: z.boolean(),
  ignore: z.boolean(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  changedAt: z.number(),
});
/** {@link labelObject} as a type. */
export type LabelObject = z.infer<typeof labelObject>;

/** One class of the project. */
export const labelClass = z.object({
  id,
  name: z.string(),
  /** `#rrggbb`. */
  color: z.string().regex(/^#[0-9a-f]{6}$/i),
  /** `1` to `9` or `0`; `null` when it has none. */
  hotkey: z.string().length(1).nullable(),
  boxes: z.number().int(),
  images: z.number().int(),
});
/** {@link labelClass} as a type. */
export type LabelClass = z.infer<typeof labelClass>;

/** One change of an image. Ids of added boxes are made by the caller (`crypto.randomUUID()`), so that it can go on before the answer. */
export const labelChange = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('add'),
    id,
    classId: id,
    box,
    crowd: z.boolean().optional(),
    ignore: z.boolean().optional(),
  }),
  z.object({
    type: z.literal('update'),
    id,
    box: box.optional(),
    classId: id.optional(),
    crowd: z.boolean().optional(),
    ignore: z.boolean().optional(),
  }),
  z.object({ type: z.literal('remove'), id }),
  /** A suggestion becomes a person's box. */
  z.object({ type: z.literal('accept'), id }),
  /** A suggestion goes away. */
  z.object({ type: z.literal('reject'), id }),
  z.object({ type: z.literal('status'), status: imageStatus }),
]);
/** {@link labelChange} as a type. */
export type LabelChange = z.infer<typeof labelChange>;

/** One step of the history: what undo takes back in one go. */
export const historyEntry = z.object({
  id,
  at: z.number(),
  author,
  /** Stable key of what was done: `draw`, `move`, `relabel`, `delete`, `accept`, `reject`, `status`, `class-rename`, `import`, `suggest`, `restore` … */
  action: z.string(),
  /** Images it touches (at most 100 of them; known in answers to undo and redo and in one image's history) and how many they are. */
  images: z.array(id),
  imageCount: z.number().int(),
  /** How many boxes it touches. */
  boxes: z.number().int(),
  /** Taken back by undo, so redo would bring it again. */
  undone: z.boolean(),
});
/** {@link historyEntry} as a type. */
export type HistoryEntry = z.infer<typeof historyEntry>;

const imageRef = z.object({ project: id, image: id });
const imageLabels = z.object({ image: imageItem, objects: z.array(labelObject), revision: z.number().int() });
const undoResult = z.object({ entry: historyEntry.nullable(), canUndo: z.boolean(), canRedo: z.boolean() });
const className = z.string().trim().min(1).max(200);

/** Calls on labels and classes. */
export const labels = {
  /** The image and what is on it, in drawing order. */
  get: oc.input(imageRef).output(imageLabels),
  /** Makes several changes of one image as one undoable step. A box outside the image is clipped; one without area is refused (`argument-invalid`). */
  edit: oc
    .input(imageRef.extend({ action: z.string().min(1).max(40), changes: z.array(labelChange).min(1).max(20_000) }))
    .output(imageLabels),
  /** Sets the status of many images as one undoable step. */
  setStatus: oc
    .input(z.object({ project: id, images: z.array(id).min(1).max(100_000), status: imageStatus }))
    .output(nothing),
  /** Takes the last step back, whichever image it was on; `entry` says where to look, `null` when there is nothing left. */
  undo: oc.input(z.object({ project: id })).output(undoResult),
  redo: oc.input(z.object({ project: id })).output(undoResult),
  /** Steps, newest first; of one image when it is given. `before` continues a listing. */
  history: oc
    .input(
      z.object({
        project: id,
        image: id.optional(),
        before: id.optional(),
        limit: z.number().int().positive().max(500),
      }),
    )
    .output(z.array(historyEntry)),
  /** What was on the image right after a step. */
  at: oc.input(imageRef.extend({ entry: id })).output(z.array(labelObject)),
  /** Brings the image back to its state right after a step, as a new step. */
  restore: oc.input(imageRef.extend({ entry: id })).output(imageLabels),
  /** Classes in their order. */
  classes: oc.input(z.object({ project: id })).output(z.array(labelClass)),
  /** Adds a class; colour and hotkey are chosen when not given. A name that is taken is refused. */
  addClass: oc
    .input(z.object({ project: id, name: className, color: labelClass.shape.color.optional() }))
    .output(labelClass),
  updateClass: oc
    .input(
      z.object({
        project: id,
        classId: id,
        name: className.optional(),
        color: labelClass.shape.color.optional(),
        hotkey: labelClass.shape.hotkey.optional(),
      }),
    )
    .output(labelClass),
  /** Puts the classes in this order (all of them). */
  orderClasses: oc.input(z.object({ project: id, classes: z.array(id) })).output(nothing),
  /** Moves all boxes of some classes to another one and deletes those classes. What changes beforehand: the classes' own counts. */
  mergeClasses: oc.input(z.object({ project: id, from: z.array(id).min(1), into: id })).output(nothing),
  /** Deletes a class and its boxes. */
  deleteClass: oc.input(z.object({ project: id, classId: id })).output(nothing),
};
