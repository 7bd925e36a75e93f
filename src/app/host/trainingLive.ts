// A run that trains or waits for its turn, and its steps as the interface hears of them.
import type { RunStatus } from '../../core/store/runs.ts';
import type { TrainingEvent } from '../../shared/contract/index.ts';
import type { Told } from '../../shared/errors.ts';
import type { TrainingMethods } from '../worker/methods.ts';
import type { OpenProject } from './openProject.ts';
import type { Topic } from './topic.ts';

/** What the training process tells. */
export type WorkerEvent = TrainingMethods['train']['event'];

/** A run that trains or waits for its turn. */
export interface Live {
  open: OpenProject;
  run: number;
  topic: Topic<TrainingEvent>;
  abort: AbortController;
  /** What it becomes when it is aborted. */
  as: RunStatus;
  waiting: boolean;
  stepsPerEpoch: number;
  /** Its time limit. */
  minutes: number | null;
  /** Epochs that the run will have, from its speed so far; `null` before the first step. */
  epochs: number | null;
  sums: { heatmap: number; size: number; rate: number; steps: number };
  /** New weights are on disk with the next step, or other images are watched: pictures are due then. */
  previewsDue: boolean;
}

/** A run among those of all open projects. */
export const runKey = (open: OpenProject, run: number): string => `${open.id}/${run}`;

/** A step as the contract tells of it. */
export function stepEvent(
  { minutes, stepsPerEpoch }: Pick<Live, 'minutes' | 'stepsPerEpoch'>,
  e: Extract<WorkerEvent, { type: 'step' }>,
  processor: { name: string; reasons: Told[] },
): Extract<TrainingEvent, { type: 'step' }> {
  return {
    type: 'step',
    epoch: e.epoch,
    step: ((e.step - 1) % stepsPerEpoch) + 1,
    stepsPerEpoch,
    losses: { total: e.heatmapLoss + e.sizeLoss, heatmap: e.heatmapLoss, size: e.sizeLoss },
    learningRate: e.rate,
    imagesPerSecond: e.imagesPerSecond,
    share: Math.min(1, e.step / e.total),
    epochs: e.epochs,
    secondsSpent: e.trainSeconds,
    secondsBudget: minutes === null ? null : minutes * 60,
    secondsLeft: e.secondsLeft,
    processor: processor.name,
    processorReasons: processor.reasons,
  };
}
