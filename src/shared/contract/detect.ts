// Contract: the model at work. Suggestions while labelling, heatmap, click-to-box, and detection over whole folders.
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { box, detection, hostPath, id, maybeSaid, nothing, progress, progressThen, toldSentence } from './common.ts';

const score = z.number().min(0).max(1);

/** A local maximum of the heatmap, in pixels of the upright image. */
export const peak = z.object({ x: z.number(), y: z.number(), classId: z.number().int(), score });

/**
 * What the network sees on an image. The planes come from `mediaUrl.heatmap` (one byte a cell, score * 255, one plane a class, row-major) and
 * `mediaUrl.distances` (four float32 planes, little endian: left, top, right, bottom in image pixels from the cell's centre).
 * Cell (column, row) has its centre at image pixel `((column + 0.5) * cellWidth, (row + 0.5) * cellHeight)`.
 */
export const heatmapInfo = z.object({
  id,
  columns: z.number().int(),
  rows: z.number().int(),
  cellWidth: z.number(),
  cellHeight: z.number(),
  classes: z.array(z.string()),
  peaks: z.array(peak),
  /** The highest score of all classes in each cell, one byte a cell: what is seen first comes with the answer, without another trip. */
  strongest: z.base64(),
  /** Milliseconds that the inference took. */
  milliseconds: z.number(),
});
/** {@link heatmapInfo} as a type. */
export type HeatmapInfo = z.infer<typeof heatmapInfo>;

/** Where a folder job stands. */
export const jobStatus = z.enum(['running', 'paused', 'finished', 'cancelled', 'interrupted', 'failed']);

/** One detection job over folders. */
export const detectJob = z.object({
  id,
  status: jobStatus,
  model: id,
  modelName: z.string(),
  classes: z.array(z.string()),
  score,
  paths: z.array(hostPath),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  images: z.number().int(),
  done: z.number().int(),
  failed: z.number().int(),
  detections: z.number().int(),
  perClass: z.array(z.number().int()),
  error: z.string().nullable(),
  /** The same by key, where there is one. */
  errorSaid: maybeSaid,
  /** What became of an earlier call's results: that they are made anew, and why. */
  notices: z.array(toldSentence).default([]),
  /** What was left out while looking for images: how much, and the first of it. */
  passedOver: z
    .object({ count: z.number().int(), first: z.array(toldSentence.extend({ path: z.string() })) })
    .default({ count: 0, first: [] }),
});
/** {@link detectJob} as a type. */
export type DetectJob = z.infer<typeof detectJob>;

/** One file of a job. Its picture: `mediaUrl.result`. */
export const detectResult = z.object({
  /** 0-based position in the job; with the job's id it names the picture. */
  index: z.number().int(),
  file: z.string(),
  status: z.enum(['waiting', 'done', 'failed']),
  width: z.number().int(),
  height: z.number().int(),
  detections: z.array(detection),
  /** Why it failed. */
  error: z.string().nullable(),
  /** The same by key, where there is one. */
  errorSaid: maybeSaid,
});
/** {@link detectResult} as a type. */
export type DetectResult = z.infer<typeof detectResult>;

/** What a live job tells; `snapshot` first, also after a reconnect. */
export const detectEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), job: detectJob }),
  progress,
  z.object({ type: z.literal('file'), result: detectResult }),
  z.object({ type: z.literal('status'), job: detectJob }),
]);
/** {@link detectEvent} as a type. */
export type DetectEvent = z.infer<typeof detectEvent>;

const imageModel = z.object({ project: id, image: id, model: id });
const jobRef = z.object({ job: id });

/** Calls on detection. */
export const detect = {
  /**
   * Runs the model over images (or all that are `new`) and keeps its boxes as suggestions, one undoable step an image. Boxes under
   * `minScore` are not kept. A suggestion never replaces or doubles a person's box. Model classes are matched to the project's by name;
   * with `addClasses` those that are missing are added, else their boxes are left out.
   */
  suggest: oc
    .input(
      z.object({
        project: id,
        model: id,
        images: z.union([z.literal('new'), z.array(id).min(1).max(100_000)]),
        minScore: score,
        addClasses: z.boolean(),
      }),
    )
    .output(
      eventIterator(
        progressThen(
          z.object({
            images: z.number().int(),
            boxes: z.number().int(),
            failed: z.array(z.object({ image: id, reason: z.string() })),
          }),
        ),
      ),
    ),
  /** The heatmap of an image; computed on the first call, kept for some images. A newer call on the same connection drops one still waiting (`cancelled`). */
  heatmap: oc.input(imageModel).output(heatmapInfo),
  /** Click-to-box: the box that the size head predicts at a point of the image; `null` where the model sees nothing. */
  clickBox: oc
    .input(imageModel.extend({ x: z.number(), y: z.number() }))
    .output(z.object({ box, className: z.string(), score }).nullable()),
  /** Starts a job over files and folders of the host. */
  start: oc
    .input(
      z.object({
        project: id,
        model: id,
        paths: z.array(hostPath).min(1).max(1000),
        recursive: z.boolean(),
        /** Glob patterns on the file's path below its folder; empty takes all images. */
        patterns: z.array(z.string().max(500)).max(100),
        score,
      }),
    )
    .output(detectJob),
  /** Live events of a job; ends with the job. Leaving the stream doesn't stop it. */
  events: oc.input(jobRef).output(eventIterator(detectEvent)),
  pause: oc.input(jobRef).output(nothing),
  /** Goes on after a pause, a cancel, a crash or a restart without redoing work; anew where the model has changed since, with a notice. */
  resume: oc.input(jobRef).output(nothing),
  cancel: oc.input(jobRef).output(nothing),
  /** Jobs, newest first. */
  jobs: oc.output(z.array(detectJob)),
  /** A page of a job's files. */
  results: oc
    .input(
      jobRef.extend({
        offset: z.number().int().nonnegative(),
        limit: z.number().int().positive().max(2000),
        /** Only files with at least one detection of this class index. */
        classId: z.number().int().nonnegative().optional(),
        status: detectResult.shape.status.optional(),
      }),
    )
    .output(z.object({ total: z.number().int(), items: z.array(detectResult) })),
  /**
   * Saves a job's results, several formats at once, into a folder of each one's name in a new folder or one of earlier results of the same
   * images. `changes` counts the names that were changed and what could not be written; they are listed there in changes.json.
   */
  export: oc.input(jobRef.extend({ to: hostPath, formats: z.array(z.string()).min(1), score })).output(
    eventIterator(
      progressThen(
        z.object({
          files: z.number().int(),
          folder: hostPath,
          changes: z.number().int(),
          notices: z.array(toldSentence),
        }),
      ),
    ),
  ),
  /** Forgets a job and its results; the images and what was exported stay. */
  delete: oc.input(jobRef).output(nothing),
};
