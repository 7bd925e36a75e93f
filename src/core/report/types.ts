// What a run's report is made of: plain data that training and `eval` gather, nothing that needs files or sessions.
import type { Detection } from '../../shared/labels.ts';
import type { Loss } from '../../shared/lossReport.ts';
import type { ConfusionMatrix } from '../evaluate/confusion.ts';
import type { ClassCurve } from '../evaluate/curves.ts';
import type { DetectionError } from '../evaluate/errorKinds.ts';
import type { EvaluatedAnnotation, Evaluation } from '../evaluate/types.ts';

/** One recorded training step. */
export interface StepMetrics {
  step: number;
  /** Losses by name, the first being the total. */
  losses: Record<string, number>;
  learningRate: number;
  imagesPerSecond: number;
}

/** One evaluation during training; AP null where undefined. */
export interface EpochMetrics {
  epoch: number;
  /** Training time so far, evaluation not counted. */
  minutes: number;
  ap: number | null;
  ap50: number | null;
}

/** A line of the settings table. */
export interface Setting {
  name: string;
  value: string;
}

/** What the run was trained and tested on. */
export interface DatasetSummary {
  splits: { name: string; images: number; boxes: number }[];
  /** Boxes per class and split, `boxes[i]` belonging to `splits[i]`. */
  classes: { name: string; boxes: number[] }[];
  /** What was changed, left out or lacking. */
  findings: readonly Loss[];
}

/** A picture to embed: upright JPEG bytes, and the size that boxes refer to (the JPEG itself may be smaller). */
export interface ReportImage {
  jpeg: Uint8Array;
  width: number;
  height: number;
}

/** One example: labels beside detections. */
export interface Example {
  /** Key in {@link ReportInput.images}, and the caption. */
  path: string;
  annotations: readonly EvaluatedAnnotation[];
  detections: readonly Detection[];
}

/** The evaluation of the finished model. */
export interface FinalEvaluation {
  /** Name of the split, such as `val`. */
  split: string;
  evaluation: Evaluation;
  curves: readonly ClassCurve[];
  confusion: ConfusionMatrix;
  /** All mistakes; those whose image is in {@link ReportInput.images} are shown as pictures, the rest counted. */
  errors: readonly DetectionError[];
}

/** All of a report. */
export interface ReportInput {
  title: string;
  /** Under the title: model, date, machine. */
  subtitle?: string;
  settings: readonly Setting[];
  dataset: DatasetSummary;
  /** Class names by id. */
  classes: readonly string[];
  steps: readonly StepMetrics[];
  epochs: readonly EpochMetrics[];
  /** null when there was nothing to evaluate on. */
  final: FinalEvaluation | null;
  examples: readonly Example[];
  /** Pictures by path; each is embedded once, however often it is shown. */
  images: Readonly<Record<string, ReportImage>>;
}
