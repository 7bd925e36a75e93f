// Evaluations of a project's models: run in the child process, their reports kept in the program's own folder, one for each model and part.
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { makeFolder } from '../../core/files/makeFolder.ts';
import { evaluationReport, type EvaluationReport } from '../../shared/contract/evaluate.ts';
import { saying, StudioError } from '../../shared/errors.ts';
import { said, word } from '../../shared/said.ts';
import { finishedStatuses, type LabelledImage, type Split } from '../../shared/labels.ts';
import { toFindings } from '../handlers/convert.ts';
import type { EvaluationMethods } from '../worker/methods.ts';
import type { Workers } from '../worker/workers.ts';
import type { OpenProject } from './openProject.ts';
import type { Task } from './work.ts';

const keptSchema = z.object({
  report: evaluationReport.omit({ stale: true }),
  /** The store's snapshot number of the labels it was measured on. */
  snapshot: z.number(),
});
type Kept = z.infer<typeof keptSchema>;

/** Which evaluation is wanted. */
export interface Wanted {
  model: string;
  split: Split | null;
}

/** All kept evaluations of this person on this machine. */
export class Evaluations {
  readonly #folder: string;
  readonly #workers: Workers;

  constructor(dataFolder: string, workers: Workers) {
    this.#folder = path.join(dataFolder, 'evaluations');
    this.#workers = workers;
  }

  /** Measures a model. Errors: `dataset-empty`, `argument-invalid`, `model-invalid`, `cancelled`. */
  async run(open: OpenProject, { model, split }: Wanted, { signal, report }: Task): Promise<EvaluationReport> {
    const { store } = open;
    const [models, snapshot, classes] = [await open.models(), store.snapshot, store.classes()];
    const images = imagesOf(open, split);
    await open.checkFiles(images);
    const { name } = await models.info(model);
    const id = randomUUID();
    await makeFolder(this.#of(open));
    report({ phase: 'evaluate', done: 0, total: images.length });
    const input = {
      ...{ model: models.reference(model), classes: classes.map((c) => c.name), imageRoot: store.root, images },
      file: this.#images(open, id),
    };
    const onEvent = ({ done, total }: { done: number; total: number }) => report({ phase: 'evaluate', done, total });
    const result = await this.#workers.sweep.call('evaluate', input, { signal, onEvent });
    const kept = { snapshot, report: { ...{ id, model, split }, modelName: name, ...toReport(result, classes) } };
    const earlier = (await this.#all(open)).filter((k) => k.report.model === model && k.report.split === split);
    await writeFileAtomic(this.#report(open, id), JSON.stringify(kept));
    for (const old of earlier) await this.#remove(open, old.report.id);
    open.changed('models');
    return withState(open, kept);
  }

  /** Kept reports of a project, newest first. */
  async list(open: OpenProject): Promise<EvaluationReport[]> {
    const kept = await this.#all(open);
    return kept.map((k) => withState(open, k)).sort((a, b) => b.at - a.at);
  }

  /** Error: `file-missing`. */
  async get(open: OpenProject, id: string): Promise<EvaluationReport> {
    const found = (await this.list(open)).find((report) => report.id === id);
    if (found) return found;
    throw saying('file-missing', 'evaluation.gone', {});
  }

  /** Asks about the mistakes of a kept evaluation. Error: `file-missing`. */
  async ask<K extends 'confusion' | 'errors' | 'labelMistakes'>(
    open: OpenProject,
    id: string,
    method: K,
    more: Omit<EvaluationMethods[K]['input'], 'file' | 'classes'>,
  ): Promise<EvaluationMethods[K]['result']> {
    const { classes } = await this.get(open, id);
    const input = { file: this.#images(open, id), classes: classes.map(({ name }) => name), ...more };
    return this.#workers.sweep.call(method, input as EvaluationMethods[K]['input']);
  }

  async delete(open: OpenProject, id: string): Promise<void> {
    await this.get(open, id);
    await this.#remove(open, id);
    open.changed('models');
  }

  /** Those that can be read; one of an older form, or half deleted, is as good as none. */
  async #all(open: OpenProject): Promise<Kept[]> {
    const names = await readdir(this.#of(open)).catch(() => []); // none was made yet
    const reports = names.filter((name) => name.endsWith('.report.json'));
    const read = reports.map(async (name) => {
      const text = await readFile(path.join(this.#of(open), name), 'utf8').catch(() => '');
      const kept = keptSchema.safeParse(parsed(text)).data;
      return kept && `${kept.report.id}.report.json` === name ? kept : undefined;
    });
    return (await Promise.all(read)).filter((kept) => kept !== undefined);
  }

  async #remove(open: OpenProject, id: string): Promise<void> {
    await rm(this.#report(open, id), { force: true });
    await rm(this.#images(open, id), { force: true });
  }

  #of = (open: OpenProject) => path.join(this.#folder, hash(open.store.file));
  #report = (open: OpenProject, id: string) => path.join(this.#of(open), `${id}.report.json`);
  #images = (open: OpenProject, id: string) => path.join(this.#of(open), `${id}.images.json`);
}

/** A cut or damaged file is as good as none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

function imagesOf(open: OpenProject, split: Split | null): LabelledImage[] {
  const filter = { statuses: finishedStatuses, ...(split === null ? {} : { splits: [split] }) };
  const missing = new Set(
    open.store.images([...open.store.find.ids(filter)]).flatMap((r) => (r.missing ? r.path : [])),
  );
  const images = open.store.toDataset({ filter }).images.filter((image) => !missing.has(image.path));
  if (images.length > 0) return images;
  const where = split === null ? 'this project' : `the part "${split}"`;
  const message = `No image of ${where} is labelled. Label some, or choose another part.`;
  throw new StudioError(
    'dataset-empty',
    message,
    undefined,
    said('evaluation.noImages', { split: word(split ?? 'all') }),
  );
}

function toReport(
  { images, summary, perClass, curves, failed, findings, unknownToModel }: EvaluationMethods['evaluate']['result'],
  classes: readonly { id: number; name: string }[],
): Omit<Kept['report'], 'id' | 'model' | 'modelName' | 'split'> {
  const { ap, ap50, ap75 } = summary;
  return {
    ...{ at: Date.now(), images, ap, ap50, ap75, summary, failed },
    findings: toFindings(findings, null),
    classes: classes.map(({ id, name }) => ({ id: String(id), name })),
    perClass: perClass.map(({ name: _name, ...rest }) => rest),
    curves: curves.map(({ name: _name, ...rest }) => rest),
    unknownToModel: unknownToModel.map((name) => classes.findIndex((c) => c.name === name)),
  };
}

const withState = (open: OpenProject, { report, snapshot }: Kept): EvaluationReport => ({
  ...report,
  stale: open.store.snapshot !== snapshot,
});
