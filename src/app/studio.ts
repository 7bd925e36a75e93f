// The running program behind either shell: what it remembers, its open projects, its child processes, the handlers, and the pixels.
import { imagesFolderOf } from '../core/store/location.ts';
import { listRecents } from '../core/store/recents.ts';
import type { Settings } from '../shared/contract/index.ts';
import type { StudioError } from '../shared/errors.ts';
import type { Said } from '../shared/said.ts';
import { createHandlers } from './handlers/index.ts';
import { DetectJobs } from './host/detectJobs.ts';
import { Evaluations } from './host/evaluations.ts';
import { keepPrivate } from './host/folders.ts';
import { Heatmaps } from './host/heatmaps.ts';
import { TrainingSamples } from './host/trainingSamples.ts';
import { TrainingSpeeds } from './host/trainingSpeeds.ts';
import { Trainings } from './host/trainings.ts';
import { Jobs } from './host/jobs.ts';
import { Projects } from './host/projects.ts';
import { Remembered } from './host/remembered.ts';
import type { StudioOptions } from './host/shell.ts';
import { SystemEvents } from './host/systemEvents.ts';
import type { Services } from './host/services.ts';
import { createMedia } from './media/media.ts';
import { createPortServer, type PortServer } from './router.ts';
import { createWorkers } from './worker/workers.ts';

/** The program, running. */
export interface Studio {
  /** Serves the contract to windows and tabs. */
  ports: PortServer;
  /** Answers requests under `/media/`. */
  media: (request: Request) => Promise<Response>;
  /** Tells the interface of a menu command or of dropped paths, which are allowed from then on. */
  events: SystemEvents;
  /** Paths that a person dropped, opened or started the program with; a project file stands for its images' folder. */
  offerPaths(paths: readonly string[], connection: number | null): void;
  /** A page is about to load: the process that reads pictures starts meanwhile. */
  expectPage(): void;
  /** What would be interrupted by quitting, as a sentence; `null` when nothing would. */
  readonly busy: Said | null;
  /** The language that a person chose. */
  readonly language: Settings['language'];
  /** Closes projects and children; everything acknowledged is on disk already. */
  close(): Promise<void>;
}

/** Starts the program. */
export async function openStudio(options: StudioOptions): Promise<Studio> {
  const { access, log, shell } = options;
  await keepPrivate(options.dataFolder);
  const remembered = await Remembered.open(options.dataFolder);
  if (shell.kind === 'desktop') for (const { folder } of listRecents(options.dataFolder)) access.grant(folder); // opened before: chosen before
  const events = new SystemEvents();
  const crashed = (error: StudioError) => {
    log('child process', error);
    events.tell({ type: 'worker-restarted', message: error.message, said: error.said });
  };
  const threads = () => remembered.settings.threads;
  const workers = createWorkers(options.spawn, threads, crashed);
  const jobs = new Jobs();
  const projects = new Projects(remembered, options, workers, jobs);
  const trainings = new Trainings(workers, jobs, projects);
  const services: Services = {
    ...{ options, remembered, events, workers, projects, jobs },
    heatmaps: new Heatmaps(workers),
    detectJobs: new DetectJobs(options.dataFolder, workers, jobs),
    evaluations: new Evaluations(options.dataFolder, workers),
    trainings,
    speeds: await TrainingSpeeds.open(options, workers, threads, () => trainings.busy),
    samples: new TrainingSamples(workers),
  };
  return {
    ports: createPortServer(createHandlers(services), log, {
      called: (connection, input) => projects.touch(input, connection),
      gone: (connection) => projects.gone(connection),
    }),
    media: createMedia(services),
    events,
    offerPaths: (paths, connection) => {
      // A project file, such as one that was opened by a double click, stands for its images' folder: it is opened like any stranger's.
      const folders = paths.map((path) => imagesFolderOf(path) ?? path);
      if (shell.kind === 'desktop') for (const folder of folders) access.grant(folder);
      events.offer({ type: 'dropped', paths: folders }, connection);
    },
    expectPage: () => workers.pixels.warm(),
    get busy() {
      return jobs.busy;
    },
    get language() {
      return remembered.settings.language;
    },
    close: async () => {
      events.end();
      await jobs.close();
      await projects.close();
      workers.close();
    },
  };
}
