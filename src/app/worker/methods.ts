// What the program's child processes can do. One script serves every kind; each kind runs in a process of its own, so that none waits for another.
import type { Told } from '../../shared/errors.ts';
import type { Size } from '../../shared/geometry.ts';
import type { Detection, LabelledImage } from '../../shared/labels.ts';
import type { Loss, LossReport } from '../../shared/lossReport.ts';
import type { Said } from '../../shared/said.ts';
import type { AugmentedPicture } from './augmented.ts';
import type { Exported } from './exportModel.ts';
import type { Heat } from './heat.ts';
import type { SerialError } from './protocol.ts';
import type { FormatName } from '../../core/dataset/adapter.ts';
import type { DatasetStream } from '../../core/dataset/datasetStream.ts';
import type { ClassCurve } from '../../core/evaluate/curves.ts';
import type { DetectionError, ErrorKind } from '../../core/evaluate/errorKinds.ts';
import type { LabelMistake } from '../../core/evaluate/labelMistakes.ts';
import type { Evaluation } from '../../core/evaluate/types.ts';
import type { DetectedImages } from '../tasks/evaluateImages.ts';
import type { TrainConfig } from '../../core/train/config.ts';
import type { RunLabels } from '../../core/train/runFolder.ts';
import type { TrainEvent } from '../../core/train/events.ts';
import type { SweptImage } from '../../core/detect/journal.ts';
import type { ImageFacts } from '../../core/store/types.ts';
import type { DetectJob } from '../../shared/contract/index.ts';
import type { ExportRequest } from '../jobs/detectFolder.ts';
import type { ResultFormat, ResultLoss } from '../jobs/saveResults.ts';

/** Pixels: everything that decodes a picture, away from the window's process. */
export type PixelMethods = {
  /** Facts about an image file: content hash, upright size, perceptual hash. */
  facts: { input: { file: string }; event: never; result: ImageFacts };
  /** Upright WebP of at most `side` pixels on its longer side. */
  thumbnail: { input: { file: string; side: number }; event: never; result: Uint8Array };
  /** Draws the sample dataset into a folder. */
  sample: { input: { folder: string }; event: { done: number; total: number }; result: { classes: string[] } };
  /** Training images as a run would be shown them, as small pictures with their targets painted on. */
  augmented: {
    input: { images: LabelledImage[]; imageRoot: string; classes: number; config: TrainConfig; heat: boolean };
    event: { done: number };
    result: AugmentedPicture[];
  };
  /** The whole picture upright, as a file that every browser shows. */
  picture: { input: { file: string }; event: never; result: { bytes: Uint8Array; type: string } };
};

/** Models at work: `model` is what `openModel` takes. */
export type VisionMethods = {
  describe: { input: { model: string }; event: never; result: { classes: string[]; inputSize: number } };
  /** The network's name: models of the same network compute alike. */
  network: { input: { model: string }; event: never; result: { network: string } };
  /** Where models compute, and why not somewhere faster. */
  processor: { input: Record<string, never>; event: never; result: { processor: string; processorReasons: Told[] } };
  /** Detects on files in order; a bad file is an event, never the end. */
  detect: {
    input: { model: string; files: string[]; score: number };
    event: { index: number; detections: Detection[]; size: Size } | { index: number; failed: SerialError };
    result: { classes: string[] };
  };
  heatmap: {
    input: { model: string; file: string };
    event: never;
    result: Heat & { classes: string[]; milliseconds: number };
  };
  /** Paints what the model sees on some images into `<folder>/<id>.webp`. */
  previews: {
    input: { model: string; images: { id: string; file: string }[]; folder: string };
    event: never;
    result: { painted: string[] };
  };
  /** Which processors can compute here. */
  survey: {
    input: Record<string, never>;
    event: never;
    result: { name: string; available: boolean; reason: string; said: Said | null }[];
  };
  /** Milliseconds that the model takes for one image, and where it computes. */
  measure: {
    input: { model: string };
    event: never;
    result: { milliseconds: number; threads: number; processor: string; processorReasons: Told[] };
  };
  /** Detection over files and folders, with journal and lists in `folder`. */
  sweep: {
    input: {
      model: string;
      modelName: string;
      paths: string[];
      recursive: boolean;
      patterns: string[];
      score: number;
      folder: string;
    };
    event:
      { total: number; passedOver: DetectJob['passedOver'] } | { anew: Said } | { image: SweptImage; resumed: boolean };
    result: { images: number };
  };
  /** Writes the results of a job into another folder. */
  saveResults: {
    input: ExportRequest;
    event: { format: ResultFormat; done: number; total: number };
    result: { files: number; losses: ResultLoss[]; anew: Said | null };
  };
  /** Writes an ONNX file and its readme. */
  export: { input: { model: string; file: string; outputs: 'boxes' | 'heads' }; event: never; result: Exported };
};

/** Which mistakes are asked for; classes by index. */
export interface MistakeQuery {
  kind?: ErrorKind;
  classId?: number;
  labelled?: number;
  predicted?: number;
}

/** Where a kept run lies, and the threshold at which it is looked at. */
interface KeptRun {
  file: string;
  classes: string[];
}
type At = KeptRun & { score: number; iou: number };
type Page<T> = { total: number; items: T[] };

/** Models measured against labels. */
export type EvaluationMethods = {
  /** Detects on labelled images and keeps labels and finds in `file`, which the other methods read. */
  evaluate: {
    input: KeptRun & { model: string; imageRoot: string; images: LabelledImage[] };
    event: { done: number; total: number };
    result: Evaluation & Omit<DetectedImages, 'images'> & { curves: ClassCurve[]; findings: Loss[] };
  };
  confusion: { input: At; event: never; result: { counts: number[][]; errors: Record<ErrorKind, number> } };
  errors: {
    input: At & { query: MistakeQuery; offset: number; limit: number };
    event: never;
    result: Page<DetectionError>;
  };
  labelMistakes: {
    input: KeptRun & { confidence: number; offset: number; limit: number };
    event: never;
    result: Page<LabelMistake>;
  };
};

/** Label files of a folder. */
export type LabelMethods = {
  /** The formats that the files look like, the likeliest first, and the number of pictures. */
  inspect: {
    input: { folder: string };
    event: never;
    result: { images: number; found: { format: FormatName; looksFor: Said }[] };
  };
  /**
   * Reads a folder's labels about the pictures under `images`: first what it holds (`opened`), then images and what was lost. A few such
   * messages go ahead; then each waits for the parent to tell that it has taken one.
   */
  read: {
    input: { folder: string; format: string; images: string };
    event:
      | { type: 'progress'; done: number; total: number }
      | { type: 'opened'; head: Omit<DatasetStream, 'images' | 'report'> & { format: FormatName } }
      | { type: 'images'; images: LabelledImage[] }
      | { type: 'losses'; losses: Loss[] };
    result: Omit<LossReport, 'losses'>;
  };
};

/** Training. */
export type TrainingMethods = {
  /** Starts a run in an empty folder, or (without `fresh`) goes on with the run in it. A cancel stops after the step in hand, with a checkpoint. */
  train: {
    input: { folder: string; fresh: { config: TrainConfig; labels: RunLabels } | null };
    event:
      | Exclude<TrainEvent, { type: 'epoch' }>
      | (Omit<Extract<TrainEvent, { type: 'epoch' }>, 'evaluation'> & { ap: number | null; ap50: number | null });
    result: Record<string, never>;
  };
  /** Seconds that one training step takes here. */
  stepSpeed: {
    input: { start: string; classes: number; config: TrainConfig };
    event: never;
    result: { secondsPerStep: number };
  };
};
