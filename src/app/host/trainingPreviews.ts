// The pictures of a run's watched images: painted by the model process from its last weights, never in the way of the run.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { checkpointFiles } from '../../core/model/openModel.ts';
import type { ImageRow } from '../../core/store/images.ts';
import type { Run } from '../../core/store/runs.ts';
import type { WatchedImage } from '../../shared/contract/index.ts';
import type { Workers } from '../worker/workers.ts';
import type { OpenProject } from './openProject.ts';
import { metricsOf } from './runRecord.ts';
import { runKey } from './trainingLive.ts';

/** Paints and tells of previews. */
export class Previews {
  readonly #workers: Workers;
  /** Pictures that are being painted for a run; its folder stays as long. */
  readonly #painting = new Map<string, Promise<void>>();

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  /** Begins to paint a run's images and calls `done` afterwards. False, and nothing begun, while the last ones are in hand. */
  paint(open: OpenProject, run: Run, done: () => Promise<void>): boolean {
    const key = runKey(open, run.id);
    const { folder } = run;
    if (this.#painting.has(key) || folder === null) return false;
    const rows = open.store.images(metricsOf(run).previews.map(Number));
    const work = this.#paint(open, folder, rows)
      .then(done)
      .catch(() => undefined) // pictures are a comfort: the next epoch paints again
      .finally(() => this.#painting.delete(key));
    this.#painting.set(key, work);
    return true;
  }

  async #paint(open: OpenProject, run: string, rows: readonly ImageRow[]): Promise<void> {
    const images = await Promise.all(rows.map(async (row) => ({ id: String(row.id), file: await open.fileOf(row) })));
    const model = path.join(run, checkpointFiles.last);
    await this.#workers.vision.call('previews', { model, images, folder: path.join(run, 'previews') });
  }

  /** When nothing is being painted for a run (any more). */
  async settled(open: OpenProject, run: number): Promise<void> {
    await this.#painting.get(runKey(open, run));
  }

  /** A run's images with what is painted of them. */
  of(open: OpenProject, run: Run): Promise<WatchedImage[]> {
    const folder = run.folder === null ? null : path.join(run.folder, 'previews');
    return this.#look(open, metricsOf(run).previews.map(Number), folder);
  }

  /** Images of a run that hasn't begun. */
  before(open: OpenProject, images: readonly number[]): Promise<WatchedImage[]> {
    return this.#look(open, images, null);
  }

  #look(open: OpenProject, ids: readonly number[], folder: string | null): Promise<WatchedImage[]> {
    const rows = new Map(open.store.images(ids).map((row) => [row.id, row]));
    return Promise.all(
      ids.map(async (id) => {
        const row = rows.get(id);
        const there = row !== undefined && !row.missing && (await seen(open, row));
        const painted = folder === null ? null : await modified(path.join(folder, `${id}.webp`));
        return { id: String(id), path: row?.path ?? '', gone: !there, painted };
      }),
    );
  }
}

const seen = (open: OpenProject, row: ImageRow): Promise<boolean> =>
  open.fileOf(row).then(
    async (file) => (await modified(file)) !== null,
    () => false, // a link to where nobody may look
  );

const modified = (file: string): Promise<number | null> =>
  stat(file).then(
    ({ mtimeMs }) => Math.round(mtimeMs),
    () => null,
  );
