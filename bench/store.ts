// Benchmark of the project store: 100,000 images with 1,000,000 boxes opened, paged, filtered, edited, imported and exported.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabelledImage } from '../src/shared/labels.ts';
import type { ImageFilter, ImageSort } from '../src/core/store/find.ts';
import { Project } from '../src/core/store/project.ts';
import type { Actor, ImageFacts } from '../src/core/store/types.ts';

const imageCount = Number(process.env['TTFNET_STORE_IMAGES'] ?? 100_000);
const boxesPerImage = 10;
const classNames = Array.from({ length: 20 }, (_, i) => `class ${i}`);
const importer: Actor = { author: 'import', who: 'bench', tool: 'bench' };
const person: Actor = { author: 'person', who: 'bench', tool: 'label' };

type Numbers = Record<string, number>;

/** Milliseconds that `action` takes. */
function clock(action: () => unknown): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

const round = (value: number): number => Math.round(value * 100) / 100;
const peakMemory = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

/** A generator of the same numbers every time (a linear congruence), so that runs compare. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

function* images(): Generator<LabelledImage> {
  const random = randomFrom(1);
  for (let i = 0; i < imageCount; i++) {
    const annotations = Array.from({ length: boxesPerImage }, () => {
      const [x1, y1] = [random() * 1200, random() * 900];
      const box = { x1, y1, x2: x1 + 2 + random() ** 3 * 600, y2: y1 + 2 + random() ** 3 * 600 };
      return { box, classId: Math.floor(random() ** 2 * classNames.length) };
    });
    yield { path: `folder ${i % 100}/IMG_${i}.jpg`, width: 1920, height: 1536, annotations };
  }
}

function factsOf(file: string): ImageFacts {
  const hash = createHash('sha256').update(file).digest('hex');
  const modified = 1_700_000_000_000 + parseInt(hash.slice(0, 8), 16);
  return { hash, width: 1920, height: 1536, orientation: 1, bytes: 1, modified, perceptualHash: hash.slice(0, 16) };
}

async function importAll(folder: string): Promise<Numbers> {
  const project = Project.create(folder, { backupMinutes: 0 });
  const start = performance.now();
  const source = { classes: classNames, imageRoot: folder, images: images(), count: imageCount };
  const result = await project.import(source, { actor: importer, facts: factsOf });
  const importMs = performance.now() - start;
  const backup = performance.now();
  await project.backUp();
  const backupMs = performance.now() - backup;
  await project.close();
  return { importMs, images: result.images, boxes: result.boxes, backupMs, peakMB: peakMemory() };
}

async function exportAll(folder: string): Promise<Numbers> {
  const project = Project.open(folder, { backupMinutes: 0 });
  let boxes = 0;
  const exportMs = clock(() => {
    for (const image of project.export().images) boxes += image.annotations.length;
  });
  await project.close();
  return { exportMs, boxes, peakMB: peakMemory() };
}

const byName: ImageSort = { by: 'name' };
const queries: Record<string, [ImageFilter, ImageSort]> = {
  everything: [{}, byName],
  status: [{ statuses: ['labelled'] }, byName],
  statusRare: [{ statuses: ['new'] }, byName],
  classCommon: [{ classes: [1] }, byName],
  classRare: [{ classes: [20] }, byName],
  classesThree: [{ classes: [1, 2, 3] }, byName],
  split: [{ splits: ['val'] }, byName],
  text: [{ text: 'img_77' }, byName],
  textNowhere: [{ text: 'zebra' }, byName],
  objectSize: [{ objectSizes: ['small'] }, byName],
  score: [{ minScore: 0.5 }, byName],
  combined: [{ statuses: ['labelled'], classes: [2], splits: ['train'], text: '9' }, byName],
  byTime: [{ splits: ['train'] }, { by: 'time', descending: true }],
  byUncertainty: [{ statuses: ['labelled'] }, { by: 'uncertainty', descending: true }],
};

async function look(folder: string): Promise<Numbers> {
  const numbers: Numbers = {};
  const start = performance.now();
  const project = Project.open(folder, { backupMinutes: 0 });
  project.classes();
  project.counts();
  numbers['openMs'] = performance.now() - start;
  numbers['firstPageMs'] = clock(() => project.find.page({}, byName, 0, 200));
  const edited = project.find.ids()[0]!;
  for (const [name, [filter, sort]] of Object.entries(queries)) {
    const touch = { type: 'status', status: name.length % 2 ? 'reviewed' : 'skipped' } as const;
    project.edit(person, [{ image: edited, ops: [touch] }], { action: 'status' }); // every filter is asked anew after an edit
    numbers[`filter ${name}`] = clock(() => project.find.page(filter, sort, 0, 200));
  }
  numbers['slowestFilterMs'] = Math.max(
    ...Object.entries(numbers).flatMap(([k, v]) => (k.startsWith('filter') ? v : [])),
  );
  Object.assign(numbers, editMany(project));
  numbers['peakWhileLabellingMB'] = peakMemory();
  numbers['integrityCheckMs'] = clock(() => project.check());
  numbers['statisticsMs'] = clock(() => project.statistics());
  numbers['peakAfterStatisticsMB'] = peakMemory();
  numbers['nearDuplicatesMs'] = clock(() => project.nearDuplicates());
  numbers['closeMs'] = await closing(project);
  numbers['fileMB'] = Math.round(statSync(path.join(folder, 'ttfnet-studio.sqlite')).size / 2 ** 20);
  numbers['peakMB'] = peakMemory();
  return numbers;
}

async function closing(project: Project): Promise<number> {
  const start = performance.now();
  await project.close();
  return performance.now() - start;
}

function editMany(project: Project): Numbers {
  const ids = project.find.ids();
  const random = randomFrom(2);
  const times: number[] = [];
  for (let i = 0; i < 1000; i++) {
    const image = ids[Math.floor(random() * ids.length)]!;
    const [x1, y1] = [random() * 1000, random() * 1000];
    const op = { type: 'add', classId: 1, box: { x1, y1, x2: x1 + 50, y2: y1 + 50 } } as const;
    times.push(clock(() => project.edit(person, [{ image, ops: [op] }], { action: 'draw' })));
  }
  times.sort((a, b) => a - b);
  return {
    editMedianMs: times[500]!,
    editP99Ms: times[990]!,
    editMaxMs: times[999]!,
    undoMs: clock(() => project.undo(person)),
  };
}

/** The largest step that there is to take back: the whole import. */
async function undoAll(folder: string): Promise<Numbers> {
  const project = Project.open(folder, { backupMinutes: 0 });
  let steps = 0;
  const start = performance.now();
  let longest = 0;
  while (project.undoState().canUndo) {
    longest = Math.max(
      longest,
      clock(() => project.undo(person)),
    );
    steps++;
  }
  const allMs = performance.now() - start;
  const boxes = project.counts().boxes;
  await project.close();
  return { allMs, undoImportMs: longest, steps, boxesLeft: boxes, peakMB: peakMemory() };
}

const parts: Record<string, (folder: string) => Promise<Numbers>> = { importAll, look, exportAll, undoAll };

/** Runs one part in a process of its own, so that its peak memory is its own. */
function inChild(part: string, folder: string): Promise<Numbers> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), part, folder]);
    let text = '';
    child.stdout.on('data', (data: Buffer) => (text += data.toString()));
    child.stderr.pipe(process.stderr);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(text) as Numbers);
      else reject(new Error(`bench part ${part} ended with code ${String(code)}`));
    });
  });
}

/** Measures the store; milliseconds and MB (peak memory of each part's own process). Takes about a minute. */
export async function storeBench(): Promise<object> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ttfnet-store-bench-'));
  try {
    const result: Record<string, Numbers> = {};
    for (const part of Object.keys(parts)) result[part] = await inChild(part, folder);
    return { images: imageCount, boxes: imageCount * boxesPerImage, ...result };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [, script, part, folder] = process.argv;
if (script === fileURLToPath(import.meta.url) && part !== undefined && folder !== undefined) {
  const numbers = await parts[part]!(folder);
  process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(numbers).map(([k, v]) => [k, round(v)]))));
}
