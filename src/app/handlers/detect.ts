// Handlers of the contract's detection: suggestions, heatmap, click-to-box, folder jobs.
import { createHash } from 'node:crypto';
import type { ImageRow } from '../../core/store/images.ts';
import type { Actor } from '../../core/store/types.ts';
import { telling, toldBy } from '../../shared/errors.ts';
import type { Detection } from '../../shared/labels.ts';
import type { DomainHandlers } from '../host/call.ts';
import { toResult } from '../host/detectJobs.ts';
import type { Heatmap } from '../host/heatmaps.ts';
import { numberOf, type OpenProject } from '../host/openProject.ts';
import type { Services } from '../host/services.ts';
import { streamWork, type Task } from '../host/work.ts';
import { resultFormatNamed } from '../jobs/saveResults.ts';

type Detect = DomainHandlers<'detect'>;

/** Binds `detect.*`. */
export function detectHandlers(services: Services): Detect {
  return { ...labelHelp(services), ...jobHandlers(services), ...resultHandlers(services) };
}

interface ImageModel {
  project: string;
  image: string;
  model: string;
}

function labelHelp(services: Services): Pick<Detect, 'suggest' | 'heatmap' | 'clickBox'> {
  return {
    suggest: (input, call) => streamWork(call, (task) => suggest(services, input, task)),
    heatmap: async (input, { connection }) => {
      const { key, heat } = await heatOf(services, input, connection);
      const { columns, rows, cellWidth, cellHeight, classes, peaks, milliseconds } = heat;
      const strongest = Buffer.from(heat.strongest).toString('base64');
      return { id: key, columns, rows, cellWidth, cellHeight, classes, peaks, strongest, milliseconds };
    },
    clickBox: async ({ x, y, ...input }, { connection }) =>
      boxAt((await heatOf(services, input, connection)).heat, x, y),
  };
}

async function heatOf({ projects, heatmaps }: Services, { project, image, model }: ImageModel, connection: number) {
  const open = projects.get(project);
  const row = open.image(image);
  const reference = (await open.models()).reference(model);
  const stamp = `${open.id} ${row.id} ${row.hash} ${row.modified} ${reference}`;
  const key = createHash('sha256').update(stamp).digest('hex').slice(0, 24);
  return { key, heat: await heatmaps.get(key, reference, await open.fileOf(row), connection) };
}

const leastClick = 0.1;

/** The box of the strongest cell at or next to a point; `null` where no class reaches a tenth. */
function boxAt(heat: Heatmap, x: number, y: number) {
  const { columns, rows, cellWidth, cellHeight, scores, distances, classes } = heat;
  const [column, row] = [Math.floor(x / cellWidth), Math.floor(y / cellHeight)];
  let best = { score: 0, cell: -1, classId: 0 };
  for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++)
    for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++)
      classes.forEach((_, classId) => {
        const cell = r * columns + c;
        const score = scores[classId * rows * columns + cell]! / 255;
        if (score > best.score) best = { score, cell, classId };
      });
  if (best.score < leastClick) return null;
  const [cx, cy] = [((best.cell % columns) + 0.5) * cellWidth, (Math.floor(best.cell / columns) + 0.5) * cellHeight];
  const side = (plane: number) => distances[plane * rows * columns + best.cell]!;
  const [width, height] = [columns * cellWidth, rows * cellHeight];
  const box = {
    x1: Math.max(0, cx - side(0)),
    y1: Math.max(0, cy - side(1)),
    x2: Math.min(width, cx + side(2)),
    y2: Math.min(height, cy + side(3)),
  };
  return box.x2 > box.x1 && box.y2 > box.y1 ? { box, className: classes[best.classId]!, score: best.score } : null;
}

interface Suggestion {
  project: string;
  model: string;
  images: 'new' | string[];
  minScore: number;
  addClasses: boolean;
}

async function suggest({ projects, workers }: Services, input: Suggestion, { signal, report }: Task) {
  const open = projects.get(input.project);
  const models = await open.models();
  const { classes, name } = await models.info(input.model);
  const ids =
    input.images === 'new' ? [...open.store.find.ids({ statuses: ['new', 'suggested'] })] : input.images.map(numberOf);
  const wanted = open.store.images(ids).filter(({ missing }) => !missing);
  const { rows, files, failed } = await allowedFiles(open, wanted);
  const sink = new Suggestions(open, classes, { author: 'model', who: open.person.who, tool: name }, input.addClasses);
  let done = failed.length;
  await workers.vision.call(
    'detect',
    { model: models.reference(input.model), files, score: input.minScore },
    {
      signal,
      onEvent: (event) => {
        const row = rows[event.index]!;
        if ('failed' in event) failed.push({ image: String(row.id), reason: event.failed.message });
        else sink.put(row, event.detections);
        report({ phase: 'suggest', done: ++done, total: wanted.length, note: row.path });
      },
    },
  );
  return { images: wanted.length - failed.length, boxes: sink.added, failed };
}

/** The images whose files may be read, and why the others may not. */
async function allowedFiles(open: OpenProject, wanted: readonly ImageRow[]) {
  const found = { rows: [] as ImageRow[], files: [] as string[], failed: [] as { image: string; reason: string }[] };
  for (const row of wanted)
    try {
      found.files.push(await open.fileOf(row));
      found.rows.push(row);
    } catch (error) {
      found.failed.push({ image: String(row.id), reason: toldBy(error).message });
    }
  return found;
}

/** Keeps a model's boxes as suggestions under the project's classes of the same names. */
class Suggestions {
  added = 0;
  readonly #open: OpenProject;
  readonly #names: readonly string[];
  readonly #actor: Actor;
  readonly #addClasses: boolean;

  constructor(open: OpenProject, names: readonly string[], actor: Actor, addClasses: boolean) {
    this.#open = open;
    this.#names = names;
    this.#actor = actor;
    this.#addClasses = addClasses;
  }

  put({ id }: ImageRow, detections: readonly Detection[]): void {
    const ids = this.#classIds(detections);
    const known = detections.flatMap((d) => {
      const classId = ids.get(this.#names[d.classId] ?? '');
      return classId === undefined ? [] : [{ ...d, classId }];
    });
    this.added += this.#open.store.suggest(this.#actor, [{ image: id, detections: known }]).added;
    this.#open.changed('labels', [id]);
  }

  #classIds(detections: readonly Detection[]): Map<string, number> {
    const ids = new Map(this.#open.store.classes().map(({ id, name }) => [name, id]));
    const missing = new Set(
      detections.map(({ classId }) => this.#names[classId] ?? '').filter((name) => !ids.has(name)),
    );
    if (!this.#addClasses || missing.size === 0) return ids;
    const names = [...missing];
    this.#open.store
      .addClasses(
        this.#open.person,
        names.map((name) => ({ name })),
      )
      .forEach((id, i) => ids.set(names[i]!, id));
    this.#open.changed('classes');
    return ids;
  }
}

function jobHandlers({
  projects,
  options,
  detectJobs,
}: Services): Pick<Detect, 'start' | 'events' | 'pause' | 'resume' | 'cancel' | 'jobs' | 'delete'> {
  return {
    start: async ({ project, model, paths, ...rest }) => {
      const models = await projects.get(project).models();
      const { name, classes } = await models.info(model);
      const real = await Promise.all(paths.map((file) => options.access.existing(file)));
      return detectJobs.start({
        ...rest,
        model,
        modelName: name,
        classes,
        reference: models.reference(model),
        paths: real,
      });
    },
    events: ({ job }, { signal }) => detectJobs.events(job, signal),
    pause: async ({ job }) => {
      await detectJobs.stop(job, 'paused');
      return {};
    },
    resume: async ({ job }) => {
      await detectJobs.resume(job);
      return {};
    },
    cancel: async ({ job }) => {
      await detectJobs.stop(job, 'cancelled');
      return {};
    },
    jobs: () => detectJobs.list(),
    delete: async ({ job }) => {
      await detectJobs.delete(job);
      return {};
    },
  };
}

function resultHandlers({ detectJobs, options, workers }: Services): Pick<Detect, 'results' | 'export'> {
  return {
    results: async ({ job, offset, limit, classId, status }) => {
      const all = (await detectJobs.results(job)).results.map(toResult);
      const fitting = all.filter(
        (r) =>
          (status === undefined || r.status === status) &&
          (classId === undefined || r.detections.some((d) => d.classId === classId)),
      );
      return { total: fitting.length, items: fitting.slice(offset, offset + limit) };
    },
    export: ({ job: id, to, formats: names, score }, call) =>
      streamWork(call, async ({ signal, report }) => {
        const folder = await options.access.writable(to);
        const formats = names.map(resultFormatNamed);
        const { job } = await detectJobs.results(id);
        const { modelName: model, classes } = job;
        const input = { from: detectJobs.folder(id), to: folder, model, classes, formats, score };
        const { files, losses, anew } = await workers.sweep.call('saveResults', input, {
          signal,
          onEvent: ({ format, done, total }) => report({ phase: format, done, total }),
        });
        return { files, folder, changes: losses.length, notices: anew ? [telling(anew)] : [] };
      }),
  };
}
