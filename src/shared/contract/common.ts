// Schemas that several contract domains share: ids, boxes, progress of long work, reports of what was read or written.
import { z } from 'zod';
import { lossKinds } from '../lossReport.ts';
import { saidKeys, type Said } from '../said.ts';

/** Opaque id of a row, a run, a job or a model; never a path. */
export const id = z.string().min(1).max(128);

/** Absolute path on the host. The host refuses paths that the person hasn't picked, dropped or opened before (window), or outside the allowed roots (browser). */
export const hostPath = z.string().min(1).max(4096);

/** A {@link import('../geometry.ts').Box}: continuous pixels of the upright image, `x1 <= x2`, `y1 <= y2`. The host clips it to the image. */
export const box = z
  .object({ x1: z.number(), y1: z.number(), x2: z.number(), y2: z.number() })
  .refine((b) => b.x1 <= b.x2 && b.y1 <= b.y2, { message: 'x1 must not exceed x2, nor y1 exceed y2' });

/** Part of the dataset an image belongs to. */
export const split = z.enum(['train', 'val', 'test']);

/** Where an image stands: `new` no box yet, `suggested` only a model's boxes, `labelled`, `reviewed` looked at and right, `skipped` left out on purpose. */
export const imageStatus = z.enum(['new', 'suggested', 'labelled', 'reviewed', 'skipped']);
/** {@link imageStatus} as a type. */
export type ImageStatus = z.infer<typeof imageStatus>;

/** How far long work has come. `phase` is a stable key for the catalogue of strings, `note` names the thing in hand (a file, an epoch). */
export const progress = z.object({
  type: z.literal('progress'),
  phase: z.string(),
  done: z.number().nonnegative(),
  /** `null` while unknown. */
  total: z.number().nonnegative().nullable(),
  /** Items a second, averaged over the last seconds; `null` until known. */
  rate: z.number().nonnegative().nullable(),
  secondsLeft: z.number().nonnegative().nullable(),
  note: z.string().optional(),
});
/** {@link progress} as a type. */
export type Progress = z.infer<typeof progress>;

/** Events of long work: any number of {@link progress}, then one `done` with the result. Stop reading (or abort the call's signal) to cancel. */
export const progressThen = <T extends z.ZodType>(result: T) =>
  z.discriminatedUnion('type', [progress, z.object({ type: z.literal('done'), result })]);

/** A sentence of the host by key, beside the same in English: the interface says it in its own language, or shows the English one. */
export const saidSentence: z.ZodType<Said, Said> = z.lazy(() =>
  z.object({
    key: z.enum(saidKeys),
    values: z.record(z.string(), z.union([z.string(), z.number(), z.object({ at: z.number() }), saidSentence])),
  }),
);

/** A sentence in English, and by key where there is one. */
export const toldSentence = z.object({ message: z.string(), said: saidSentence.nullable() });

/** The key of a sentence that has one; `null` also for one that a newer version wrote, or an older one without it. */
export const maybeSaid = saidSentence.nullable().default(null).catch(null);

/** One thing that an import or export left out or changed, and why: a {@link import('../lossReport.ts').Loss}. */
export const lossEntry = z.object({
  file: z.string(),
  kind: z.enum(lossKinds),
  reason: z.string(),
  said: saidSentence.nullable(),
});

/** What was left out, changed or lacking. `losses` has at most 1,000 entries; `lossCount` and `counts` are the true numbers. */
export const findings = z.object({
  lossCount: z.number().int(),
  counts: z.partialRecord(z.enum(lossKinds), z.number().int()),
  losses: z.array(lossEntry),
  /** File on the host with all of them; `null` where there are none, or no such file. */
  findingsFile: z.string().nullable(),
});
/** {@link findings} as a type. */
export type Findings = z.infer<typeof findings>;

/** Nothing to say. */
export const noFindings: Findings = { lossCount: 0, counts: {}, losses: [], findingsFile: null };

/** What an import or an export did, told to the person at the end. */
export const lossReport = findings.extend({
  format: z.string(),
  /** Annotation files read or written. */
  files: z.number().int(),
  /** Images kept, and those among them without a box. */
  images: z.number().int(),
  negatives: z.number().int(),
  /** Boxes kept, changed ones included. */
  boxes: z.number().int(),
});
/** {@link lossReport} as a type. */
export type ImportReport = z.infer<typeof lossReport>;

/** Nothing to say but "done". */
export const nothing = z.object({});

/** One detection: `classId` indexes the class names sent beside it. */
export const detection = z.object({ box, classId: z.number().int().nonnegative(), score: z.number().min(0).max(1) });
