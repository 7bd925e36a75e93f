// Worlds that the tour of all screens is walked in: a project with work in it, an empty one, one in trouble.
import type { DetectJob, Findings, RunInfo, Settings } from '../../../src/shared/contract/index.ts';
import { telling } from '../../../src/shared/errors.ts';
import { countsOf, lossOf } from '../../../src/shared/lossReport.ts';
import { inEnglish, said } from '../../../src/shared/said.ts';
import { worldOf, type World } from '../../support/standInHost/handlers.ts';
import { MemoryProject, type Scene } from '../../support/standInHost/project.ts';
import { sceneClasses, scenes } from '../../support/standInHost/scenes.ts';
import { cutFile, metricsAt } from '../../support/standInHost/work.ts';

/** How the interface is set for a tour. */
export type Look = Pick<Settings, 'theme' | 'language'>;

/** Scenes of a project and the names of their classes. */
export interface Content {
  classes: readonly string[];
  scenes: Scene[];
}

/** The drawn scenes: cheap, the same every time. */
export const drawnContent = (): Content => ({ classes: sceneClasses, scenes: scenes(40, 5) });

/** How fast each run learns, so that their curves differ. */
const paceOf: Record<string, number> = { 'run-1': 0.7, 'run-2': 1, 'run-3': 0.5 };

const hour = 3_600_000;

/** What a run found about its labels: a few of several kinds. */
function findingsOf(): Findings {
  const train = said('word.train', {});
  const val = said('word.val', {});
  const losses = [
    lossOf('val/0031.jpg', 'leak', said('loss.leak', { other: 'train/0007.jpg', first: train, second: val })),
    lossOf('val/0040.jpg', 'leak', said('loss.inBoth', { first: train, second: val })),
    lossOf('val/0012.jpg', 'unreadable', cutFile('val/0012.jpg')),
    lossOf('', 'thin', said('loss.classUnmeasured', { name: 'mug' })),
  ];
  const file = '/home/me/kitchen/.ttfnet-studio/runs/8c1f/findings.json';
  return { lossCount: losses.length, counts: countsOf(losses), losses, findingsFile: file };
}

function runsOf(): RunInfo[] {
  const base: RunInfo = {
    id: 'run-1',
    name: 'First try',
    note: '',
    status: 'finished',
    config: { start: 'base', preset: 'quick' },
    createdAt: Date.now() - 26 * hour,
    epochs: 12,
    epochsDone: 12,
    secondsSpent: 170,
    bestAp: 0.61,
    model: 'run-model-1',
    error: null,
    errorSaid: null,
  };
  return [
    {
      ...base,
      id: 'run-3',
      name: 'More mugs',
      status: 'failed',
      createdAt: Date.now() - 2 * hour,
      epochsDone: 3,
      secondsSpent: 44,
      bestAp: null,
      model: null,
      error: inEnglish(said('train.diverged', { rate: '0.016' })),
      errorSaid: said('train.diverged', { rate: '0.016' }),
    },
    {
      ...base,
      id: 'run-2',
      name: 'Second afternoon',
      config: { start: 'run-model-1', preset: 'standard', minutes: 30 },
      createdAt: Date.now() - 5 * hour,
      epochs: 0,
      epochsDone: 31,
      status: 'stopped',
      secondsSpent: 1800,
      bestAp: 0.713,
    },
    base,
  ];
}

function jobOf(project: MemoryProject): DetectJob {
  const classes = project.classes.map((c) => c.name);
  return {
    id: 'job-1',
    status: 'finished',
    model: 'run-model-1',
    modelName: 'Second afternoon',
    classes,
    score: 0.3,
    paths: ['/home/ada/pictures/kitchen'],
    createdAt: Date.now() - 3 * hour,
    images: 36,
    done: 36,
    failed: 2,
    detections: 162,
    perClass: classes.map((_, i) => 71 - i * 17),
    error: null,
    errorSaid: null,
    notices: [],
    passedOver: {
      count: 1,
      first: [{ path: '/home/ada/pictures/kitchen/old.jpg', ...telling(said('walk.deadLink', {})) }],
    },
  };
}

function fillJob(world: World): void {
  const { project, work } = world;
  const job = jobOf(project);
  const results = project.order.slice(0, job.images).map((id, index) => {
    const image = project.images.get(id)!;
    const failed = index % 17 === 9;
    const file = `/home/ada/pictures/kitchen/IMG_${String(2210 + index)}.jpg`;
    const objects = failed ? [] : (project.objects.get(id) ?? []);
    const detections = objects.slice(0, 40).map((o, i) => ({
      box: o.box,
      classId: project.classes.findIndex((c) => c.id === o.classId),
      score: 0.96 - (i % 9) * 0.05,
    }));
    return {
      index,
      file,
      status: failed ? ('failed' as const) : ('done' as const),
      width: image.width,
      height: image.height,
      detections,
      error: failed ? inEnglish(cutFile(file)) : null,
      errorSaid: failed ? cutFile(file) : null,
    };
  });
  work.jobs = [job];
  work.results.set(job.id, results);
}

/** A project in the middle of its work: labelled images, runs, a finished job, recent projects. */
export function busyWorld(look: Look, content = drawnContent()): World {
  const project = new MemoryProject(
    'Kitchen table',
    '/home/ada/pictures/kitchen-table',
    content.classes,
    content.scenes,
  );
  for (const [i, id] of project.order.entries()) {
    const image = project.images.get(id)!;
    if (i % 3 === 0) project.images.set(id, { ...image, status: 'reviewed' });
    if (i % 11 === 7) project.images.set(id, { ...image, status: 'skipped' });
    if (i % 7 === 5) {
      project.objects.set(id, []);
      project.images.set(id, { ...image, status: 'new', boxes: 0 });
    }
  }
  const known = { images: project.order.length, labelled: 24, boxes: 151, exists: true };
  const recent = [
    {
      ...known,
      path: project.path,
      name: project.name,
      openedAt: Date.now() - 2.5 * hour,
      cover: 'project-1/thumbnail/image-1',
    },
    {
      ...known,
      path: '/media/disk/orchard/2026-autumn',
      name: 'Orchard, autumn',
      images: 18_420,
      labelled: 3120,
      boxes: 41_007,
      openedAt: Date.now() - 50 * hour,
      cover: 'project-1/thumbnail/image-3',
    },
    {
      ...known,
      path: '/home/ada/parking',
      name: 'Parking',
      images: 812,
      labelled: 812,
      boxes: 6011,
      openedAt: Date.now() - 400 * hour,
      cover: null,
    },
    {
      ...known,
      path: '/media/stick/birds',
      name: 'Birds',
      images: 90,
      labelled: 0,
      boxes: 0,
      openedAt: Date.now() - 900 * hour,
      exists: false,
      cover: null,
    },
  ];
  const folders = [
    { name: 'new-apples', isProject: false, images: 24 },
    { name: 'kitchen-table', isProject: true, images: 40 },
    { name: 'notes', isProject: false, images: 0 },
  ];
  const world = worldOf(project, { recent, folders });
  world.settings = { ...world.settings, ...look, personName: 'Ada' };
  world.work.runs = runsOf();
  world.work.findings = findingsOf();
  for (const run of world.work.runs)
    world.work.metrics.set(
      run.id,
      Array.from({ length: run.epochsDone }, (_, i) => ({
        ...metricsAt((i + 1) * (paceOf[run.id] ?? 1)),
        epoch: i + 1,
      })),
    );
  fillJob(world);
  return world;
}

/** Nothing yet: no recent projects, a project without images or classes. */
export function emptyWorld(look: Look): World {
  const project = new MemoryProject('Empty', '/home/ada/empty', [], []);
  const world = worldOf(project, { folders: [{ name: 'empty', isProject: true, images: 0 }] });
  world.settings = { ...world.settings, ...look };
  world.work.ready = [
    {
      severity: 'blocking',
      code: 'no-classes',
      said: said('ready.noClasses', {}),
      message: 'The project has no classes. Add one in Label.',
    },
    {
      severity: 'blocking',
      code: 'no-labels',
      said: said('ready.noLabels', {}),
      message: 'No image has a box. Label some images first.',
    },
    {
      severity: 'warning',
      code: 'no-validation',
      said: said('ready.noValidation', {}),
      message: 'No image is in the validation part, so no AP can be measured.',
    },
  ];
  return world;
}
