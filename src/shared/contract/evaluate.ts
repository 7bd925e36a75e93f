// Contract: how good a model is. AP, curves, confusion, thresholds, and every mistake with the image it is on.
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { box, detection, findings, id, noFindings, nothing, progressThen, split } from './common.ts';

const fraction = z.number().min(0).max(1);
/** 0 to 1; `null` where nothing is labelled that could count. */
const measure = fraction.nullable();
const count = z.number().int().nonnegative();

/** A class of a report. Everywhere else in the report a class is its index in this list. */
export const reportClass = z.object({
  /** Class id of the project. */
  id,
  name: z.string(),
});

/** The twelve numbers of COCO. `ap` is the mean over IoU 0.50 to 0.95; small is under 32² square pixels, medium to 96², large above. */
export const apSummary = z.object({
  ap: measure,
  ap50: measure,
  ap75: measure,
  apSmall: measure,
  apMedium: measure,
  apLarge: measure,
  ar1: measure,
  ar10: measure,
  ar100: measure,
  arSmall: measure,
  arMedium: measure,
  arLarge: measure,
});

/** One class's part. */
export const classResult = z.object({
  classId: count,
  /** Labels that count (neither crowd nor ignored). */
  labels: count,
  detections: count,
  ap: measure,
  ap50: measure,
  ap75: measure,
  ar: measure,
});

/** A class (or all pooled) when detections with `score` or more are kept. */
export const curvePoint = z.object({ score: fraction, precision: fraction, recall: fraction, f1: fraction });

/** Precision, recall and F1 over the score threshold, at IoU 0.5. */
export const curve = z.object({
  /** `null` for all classes pooled. */
  classId: count.nullable(),
  /** Highest score first, at most 200, thinned evenly over recall; empty when nothing is labelled or detected. */
  points: z.array(curvePoint),
  /** Where F1 is highest: the best threshold. `null` without a right detection. */
  best: curvePoint.nullable(),
});

/** What an evaluation is about, and its main numbers: a line of a list. */
export const evaluationHead = z.object({
  id,
  model: id,
  modelName: z.string(),
  /** `null`: all labelled images. */
  split: split.nullable(),
  /** Milliseconds since 1970. */
  at: z.number(),
  images: count,
  /** The labels have changed since. */
  stale: z.boolean(),
  ap: measure,
  ap50: measure,
  ap75: measure,
});
/** {@link evaluationHead} as a type. */
export type EvaluationHead = z.infer<typeof evaluationHead>;

/** The whole report. */
export const evaluationReport = evaluationHead.extend({
  classes: z.array(reportClass),
  summary: apSummary,
  perClass: z.array(classResult),
  /** First all classes pooled, then one per class. */
  curves: z.array(curve),
  /** Classes of the project that the model doesn't know; their AP is 0. */
  unknownToModel: z.array(count),
  /** Images that couldn't be read and don't count. */
  failed: z.array(z.object({ path: z.string(), reason: z.string() })),
  /** What spoils the numbers: images that the model was trained on, or that can't be read. Version 0.1.0 kept none. */
  findings: findings.default(noFindings),
});
/** {@link evaluationReport} as a type. */
export type EvaluationReport = z.infer<typeof evaluationReport>;

/**
 * Kinds of mistakes. `missed` a label that nothing found; `wrongClass` overlaps a label of another class well; `poorBox` the right class but
 * placed poorly; `both` another class and placed poorly; `duplicate` a label that a better detection took; `background` no label near.
 */
export const errorKind = z.enum(['missed', 'wrongClass', 'poorBox', 'both', 'duplicate', 'background']);

/** Counts at one threshold. */
export const confusion = z.object({
  /** `counts[labelled][predicted]` by class index; the last row is "nothing labelled", the last column "nothing found". */
  counts: z.array(z.array(count)),
  errors: z.record(errorKind, count),
});
/** {@link confusion} as a type. */
export type Confusion = z.infer<typeof confusion>;

const labelBox = z.object({ box, classId: count });
const place = z.object({
  /** `null` when the image has left the project since. */
  image: id.nullable(),
  path: z.string(),
  detection: detection.nullable(),
  label: labelBox.nullable(),
});

/** One mistake of the model. */
export const evaluationError = place.extend({
  kind: errorKind,
  /** Overlap of detection and label; 0 where one is absent. */
  iou: fraction,
});
/** {@link evaluationError} as a type. */
export type EvaluationError = z.infer<typeof evaluationError>;

/** A label that may itself be wrong: an object nobody labelled, a wrong class, a loose box, a label on nothing. */
export const labelMistake = place.extend({
  kind: z.enum(['unlabelled', 'class', 'box', 'nothingThere']),
  /** For sorting: how sure the model is of its disagreement. */
  suspicion: fraction,
});
/** {@link labelMistake} as a type. */
export type LabelMistake = z.infer<typeof labelMistake>;

const ref = z.object({ project: id, evaluation: id });
const page = { offset: count, limit: z.number().int().positive().max(1000) };
/** Where a detection begins to count. */
const thresholds = { score: fraction.default(0.3), iou: z.number().min(0.1).max(0.95).default(0.5) };

/** Calls on evaluation. */
export const evaluate = {
  /**
   * Runs a model over the labelled images of a part of the dataset and keeps the report in place of an earlier one of the same model and part.
   * Errors: `dataset-empty` without a labelled image there, `argument-invalid` when the model knows none of the project's classes.
   */
  run: oc
    .input(z.object({ project: id, model: id, split: split.nullable() }))
    .output(eventIterator(progressThen(evaluationReport))),
  /** Kept reports, newest first. */
  list: oc.input(z.object({ project: id })).output(z.array(evaluationHead)),
  /** One kept report. Error: `file-missing` for one that is gone. */
  get: oc.input(ref).output(evaluationReport),
  /** Confusion and kinds of errors at a threshold, without running the model again. */
  confusion: oc.input(ref.extend(thresholds)).output(confusion),
  /** A page of the mistakes at a threshold: the most confident first, missed labels (largest first) after them. */
  errors: oc
    .input(
      ref.extend({
        ...thresholds,
        kind: errorKind.optional(),
        /** Only mistakes whose label or detection is of this class. */
        classId: count.optional(),
        /** Only mistakes whose label, or whose detection, is of this class: together a cell of the confusion. */
        labelled: count.optional(),
        predicted: count.optional(),
        ...page,
      }),
    )
    .output(z.object({ total: count, items: z.array(evaluationError) })),
  /** A page of labels worth a second look, the most suspicious first. */
  labelMistakes: oc
    .input(ref.extend({ ...page, confidence: fraction.default(0.5) }))
    .output(z.object({ total: count, items: z.array(labelMistake) })),
  delete: oc.input(ref).output(nothing),
};
