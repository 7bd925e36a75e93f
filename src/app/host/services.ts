// What every handler can reach.
import type { Workers } from '../worker/workers.ts';
import type { DetectJobs } from './detectJobs.ts';
import type { Evaluations } from './evaluations.ts';
import type { Heatmaps } from './heatmaps.ts';
import type { TrainingSamples } from './trainingSamples.ts';
import type { TrainingSpeeds } from './trainingSpeeds.ts';
import type { Trainings } from './trainings.ts';
import type { Jobs } from './jobs.ts';
import type { Projects } from './projects.ts';
import type { Remembered } from './remembered.ts';
import type { StudioOptions } from './shell.ts';
import type { SystemEvents } from './systemEvents.ts';

/** The parts of the running program. */
export interface Services {
  options: StudioOptions;
  remembered: Remembered;
  events: SystemEvents;
  workers: Workers;
  projects: Projects;
  jobs: Jobs;
  heatmaps: Heatmaps;
  detectJobs: DetectJobs;
  trainings: Trainings;
  speeds: TrainingSpeeds;
  samples: TrainingSamples;
  evaluations: Evaluations;
}
