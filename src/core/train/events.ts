// What a run tells while it works, and what it is told from outside.
import type { Loss } from '../../shared/lossReport.ts';
import type { Evaluation } from '../evaluate/types.ts';
import type { ProviderName } from '../runtime/providerNames.ts';
import type { LayoutChoice } from './chooseLayout.ts';

/** What a run tells while it works. */
export type TrainEvent =
  /** Once, before a new run starts: what its labels leave out, change or lack. All of it is in `file`. */
  | { type: 'findings'; findings: readonly Loss[]; file: string }
  | {
      type: 'start';
      resumedFrom: number | null;
      layout: string;
      /** Names of parameters that start fresh. */
      initialized: readonly string[];
      /** What became of each tensor of another program's start file; null for our own. */
      report: string | null;
      images: number;
      batch: number;
      stepsPerEpoch: number;
      /** Steps and epochs the run will take; null where time limits it: from the first step on, `step` events estimate them. */
      total: number | null;
      epochs: number | null;
      /** At the run's batch, after the warm-up. */
      learningRate: number;
    }
  | {
      type: 'step';
      step: number;
      epoch: number;
      /** Steps the run will take: exact when epochs limit it, an estimate from the speed so far when time does. */
      total: number;
      /** Epochs the run will take, the last perhaps in part; an estimate where {@link total} is. */
      epochs: number;
      heatmapLoss: number;
      sizeLoss: number;
      rate: number;
      imagesPerSecond: number;
      /** Time trained so far, evaluation not counted: what {@link TrainConfig.minutes} limits. */
      trainSeconds: number;
      secondsLeft: number;
    }
  | { type: 'evaluating'; done: number; of: number }
  | {
      type: 'epoch';
      /** Epochs done. */
      epoch: number;
      split: 'val' | 'monitor';
      evaluation: Evaluation;
      best: boolean;
      trainSeconds: number;
    }
  | { type: 'image-failed'; path: string; reason: string }
  | { type: 'end'; reason: StopReason; steps: number; epochs: number; trainSeconds: number };

/** Why a run ended. */
export type StopReason = 'finished' | 'time' | 'early-stop' | 'stopped';

/** What is not part of a run itself: who listens, and where it computes. */
export interface TrainOptions {
  onEvent?: (event: TrainEvent) => void;
  /** Aborting stops after the step in progress and keeps the best checkpoint. */
  signal?: AbortSignal;
  provider?: ProviderName;
  layout?: LayoutChoice;
}
