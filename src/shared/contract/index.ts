// The contract: every call and event between the interface and its host, over either transport. Both ends are typed by it, the host checks every value against it.
import type { ContractRouterClient } from '@orpc/contract';
import { dataset } from './dataset.ts';
import { detect } from './detect.ts';
import { evaluate } from './evaluate.ts';
import { images } from './images.ts';
import { labels } from './labels.ts';
import { models } from './models.ts';
import { project } from './project.ts';
import { system } from './system.ts';
import { training } from './training.ts';

/** All domains. `src/app/router.ts` binds each call to a function; the compiler and a test fail when one is missing. */
export const contract = { project, images, labels, dataset, training, detect, evaluate, models, system };

/** Typed client of {@link contract}: `client.labels.get({ project, image })`; streams are async iterators, a call's `signal` cancels it. */
export type StudioClient = ContractRouterClient<typeof contract>;

export type * from './common.ts';
export type { FormatInfo } from './dataset.ts';
export type { DetectEvent, DetectJob, DetectResult, HeatmapInfo } from './detect.ts';
export type { Confusion, EvaluationError, EvaluationHead, EvaluationReport, LabelMistake } from './evaluate.ts';
export type { ImageFilter, ImageItem, ImageSort } from './images.ts';
export type { HistoryEntry, LabelChange, LabelClass, LabelObject } from './labels.ts';
export type { ModelInfo } from './models.ts';
export type {
  FolderReport,
  FoundAnnotations,
  MergeChoice,
  MergeConflict,
  MergePreview,
  ProjectEvent,
  ProjectInfo,
  RecentProject,
} from './project.ts';
export type { FolderEntry, Settings, SystemEvent, SystemInfo } from './system.ts';
export type {
  AugmentedSample,
  EpochMetrics,
  RunInfo,
  TrainingConfig,
  TrainingEstimate,
  TrainingEvent,
  Watched,
  WatchedImage,
} from './training.ts';
